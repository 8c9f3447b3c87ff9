"""Making and destroying rooms (XEP-0045 §10.1, §10.9)."""

from __future__ import annotations

import conformance.asking as ask
from conformance.client import Client, Refusal
from conformance.reading import NotOffered, expect_refusal, expect_result, find, item
from conformance.registry import requirement
from conformance.scene import Scene
from conformance.xml import PREFIXES, condition_of

DESTROY = ask.owner("<destroy jid='other@{service}'><reason>Moved</reason></destroy>")
GONE = "<presence type='unavailable'><x><destroy/></x></presence>"


async def made(scene: Scene) -> Client:
    """Ada, in a room that she has just made and not configured. Raises NotOffered."""
    if scene.service.rooms is not None:
        raise NotOffered("rooms are not made by joining")
    ada = await scene.client("ada")
    joined = await scene.join("ada", ada)
    assert "201" in joined.codes
    standing = item(joined.self_presence)
    assert (standing.get("affiliation"), standing.get("role")) == ("owner", "moderator")
    return ada


@requirement("CREATE-01", "CODE-201", "JOIN-24", "A-231")
async def joining_makes_a_room(scene: Scene) -> None:
    await made(scene)


@requirement("CREATE-03")
async def an_empty_form_opens_it(scene: Scene) -> None:
    ada = await made(scene)
    expect_result(await ada.iq(ask.owner("<x xmlns='jabber:x:data' type='submit'/>")))
    await scene.seat("bao", ada)


@requirement("CREATE-04")
async def a_new_room_is_configured_before_anybody_comes(scene: Scene) -> None:
    ada = await made(scene)
    await scene.configure(ada, {"roomname": "Garden"})
    await scene.seat("bao", ada)
    info = await scene.info(ada)
    assert find(info, "info:query/info:identity").get("name") == "Garden"


@requirement("CREATE-05")
async def cancelling_undoes_the_making(scene: Scene) -> None:
    ada = await made(scene)
    expect_result(await ada.iq(scene.submission({}, kind="cancel")))
    await ada.expect(GONE)
    bao = await scene.client("bao")
    expect_refusal(await scene.info(bao), "item-not-found")


@requirement("CREATE-06")
async def going_before_it_is_configured_undoes_it_too(scene: Scene) -> None:
    ada = await made(scene)
    await ada.leave(scene.room, scene.nick("ada"))
    bao = await scene.client("bao")
    expect_refusal(await scene.info(bao), "item-not-found")


@requirement("DEST-01", "DEST-02", "XML-04", "A-249", "A-259")
async def everybody_is_told_once_of_the_end(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    expect_result(await ada.iq(DESTROY))
    for person, name in ((ada, "ada"), (bao, "bao")):
        told = await person.expect(GONE)
        assert told.get("from") == scene.occupant(name)
        assert (item(told).get("affiliation"), item(told).get("role")) == ("none", "none")
        destroy = find(told, "user:x/user:destroy")
        assert destroy.get("jid") == f"other@{scene.service.jid}"
        assert find(destroy, "user:reason").text == "Moved"
        await person.hears_nothing("<presence type='unavailable'/>")


@requirement("DEST-03")
async def the_end_comes_before_the_answer(scene: Scene) -> None:
    ada = await scene.create()
    await ada.send(DESTROY)
    await ada.receives(GONE, "<iq type='result'/>")


@requirement("DEST-04", "AFF-07", "A-084")
async def only_owners_destroy(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    expect_refusal(await bao.iq(DESTROY), "forbidden", "auth")
    await ada.hears_nothing("<presence/>", until=scene.settle(ada, bao))


@requirement("DEST-05")
async def nobody_is_in_a_destroyed_room(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    expect_result(await ada.iq(DESTROY))
    await bao.expect(GONE)
    await bao.say(scene.room, "Anybody?")
    answer = await bao.expect("<message type='error'/>")
    assert condition_of(answer) in ("item-not-found", "gone", "not-acceptable")
    cyd = await scene.client("cyd")
    try:
        joined = await cyd.join(scene.room, scene.nick("cyd"))
    except Refusal:
        return
    assert joined.nicks == {joined.nick}
    assert "201" in joined.codes


@requirement("XML-05", "A-258")
async def a_query_without_anything_known_in_it(scene: Scene) -> None:
    ada = await scene.create()
    answer = await ada.iq(ask.owner("<mystery xmlns='urn:example:what'/>"))
    assert condition_of(answer) in ("bad-request", "feature-not-implemented")
    info = await scene.info(ada)
    assert info.find("info:query", PREFIXES) is not None
