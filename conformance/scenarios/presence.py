"""Whether one is still in the room (XEP-0410), and when one is not any more (XEP-0045 §18.1.2)."""

from __future__ import annotations

import asyncio

from conformance.asking import ping
from conformance.reading import expect_refusal, expect_result, features
from conformance.registry import requirement
from conformance.scene import Scene
from conformance.xml import condition_of

OPTIMIZED = "http://jabber.org/protocol/muc#self-ping-optimization"


@requirement("PING-01", "A-165")
async def somebody_inside_pings_themselves(scene: Scene) -> None:
    _, bao = await scene.enter("ada", "bao")
    answer = expect_result(await bao.iq(ping("{bao}")))
    assert answer.get("from") == scene.occupant("bao")
    if OPTIMIZED in features(await scene.info(bao)):
        await bao.hears_nothing("<iq type='get'/>")


@requirement("PING-02", "A-167", "A-168")
async def somebody_outside_pings_themselves(scene: Scene) -> None:
    await scene.enter("ada", "bao")
    phone = await scene.client("bao")
    expect_refusal(await phone.iq(ping("{bao}")), "not-acceptable")


@requirement("PING-04", "A-166")
async def somebody_inside_pings_an_old_nick(scene: Scene) -> None:
    _, bao = await scene.enter("ada", "bao")
    expect_refusal(await bao.iq(ping("{room}/old nick")), "item-not-found")


@requirement("PING-06", "A-166", "A-167")
async def pings_do_not_get_answers_that_say_nothing(scene: Scene) -> None:
    _, bao = await scene.enter("ada", "bao")
    await bao.leave(scene.room, scene.nick("bao"))
    answer = await bao.iq(ping("{bao}"))
    assert condition_of(answer) not in ("remote-server-timeout", "remote-server-not-found")
    expect_refusal(answer, "not-acceptable")


@requirement("A-164")
async def many_pings_at_once_are_all_answered(scene: Scene) -> None:
    _, bao = await scene.enter("ada", "bao")
    answers = await asyncio.gather(*(bao.iq(ping("{bao}")) for _ in range(20)))
    assert {answer.get("type") for answer in answers} == {"result"}


@requirement("GHOST-01")
async def who_cannot_be_reached_is_out(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    await bao.drop()
    await ada.say(scene.room, "Still there?")
    await ada.expect("<presence type='unavailable' from='{bao}'/>", timeout=30)


@requirement("OCC-01", "OCC-04")
async def every_stanza_of_an_occupant_has_their_id(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    await scene.needs(ada, "urn:xmpp:occupant-id:0")
    await bao.say(scene.room, "Good morning")
    heard = await ada.expect("<message from='{bao}'><occupant-id/></message>")
    bao_id = heard.find("{urn:xmpp:occupant-id:0}occupant-id")
    assert bao_id is not None
    seen = [s for s in ada.inbox.everything if s.get("from") == scene.occupant("bao")]
    ids = {one.get("id") for s in seen for one in s.iter("{urn:xmpp:occupant-id:0}occupant-id")}
    assert ids == {bao_id.get("id")}
    assert all(s.find("{urn:xmpp:occupant-id:0}occupant-id") is not None for s in seen)


@requirement("OCC-03")
async def nobody_sends_an_id_that_is_not_theirs(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    await scene.needs(ada, "urn:xmpp:occupant-id:0")
    await bao.send(
        "<message type='groupchat' to='{room}'><body>It is me</body>"
        "<occupant-id xmlns='urn:xmpp:occupant-id:0' id='somebody'/></message>"
    )
    heard = await ada.expect("<message from='{bao}'><body>It is me</body></message>")
    (id,) = heard.findall("{urn:xmpp:occupant-id:0}occupant-id")
    assert id.get("id") != "somebody"
