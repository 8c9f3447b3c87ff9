"""The archive of a room (XEP-0313, XEP-0059, XEP-0359)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from xml.etree import ElementTree as ET

import conformance.asking as ask
from conformance.client import Client, Refusal
from conformance.reading import NotOffered, expect_refusal, expect_result, find, lacks, values
from conformance.registry import requirement
from conformance.scene import Scene, Values
from conformance.xml import PREFIXES

MAM = "urn:xmpp:mam:2"
WORDS = ("one", "two", "three", "four", "five")


async def stocked(scene: Scene, words: Sequence[str] = WORDS, **config: Values) -> Client:
    """Ada, in a room whose archive has what she said. Raises NotOffered."""
    ada = await scene.create(**config)
    await scene.needs(ada, MAM)
    for word in words:
        await ada.say(scene.room, word)
        await ada.expect(f"<message type='groupchat'><body>{word}</body></message>")
    if words:
        # Some services archive a moment later.
        for _ in range(50):
            if (await ada.page(scene.room, before="", limit=1)).bodies == [words[-1]]:
                break
    return ada


async def extended(scene: Scene, ada: Client) -> None:
    await scene.needs(ada, f"{MAM}#extended")


def count(fin: ET.Element) -> str | None:
    return fin.findtext("rsm:set/rsm:count", None, PREFIXES)


@requirement("MAM-01", "MAM-02", "MAM-03", "MAM-04", "MAM-05", "MAM-25", "COMP-05")
async def everything_said_comes_once_and_in_order(scene: Scene) -> None:
    ada = await stocked(scene)
    page = await ada.page(scene.room, limit=50)
    assert [body for body in page.bodies if body] == list(WORDS)
    assert page.complete
    assert len(set(page.ids)) == len(page.ids)
    for result, message in zip(page.results, page.messages, strict=True):
        assert find(result, "fwd:forwarded/delay:delay").get("stamp")
        assert message.get("to") is None
        assert message.tag == "{jabber:client}message"
        if message.find("c:body", PREFIXES) is not None:
            assert message.get("from") == scene.occupant("ada")
            assert message.get("type") == "groupchat"


@requirement("MAM-06")
async def outsiders_do_not_learn_addresses_from_it(scene: Scene) -> None:
    ada = await stocked(scene, ("one",), whois="moderators")
    bao = await scene.seat("bao", ada)
    page = await bao.page(scene.room)
    assert page.messages
    for message in page.messages:
        assert ada.bare not in ET.tostring(message, "unicode")


@requirement("MAM-07")
async def a_span_of_time(scene: Scene) -> None:
    ada = await stocked(scene)
    page = await ada.page(scene.room, limit=50)
    stamps = {
        body: find(result, "fwd:forwarded/delay:delay").get("stamp", "")
        for body, result in zip(page.bodies, page.results, strict=True)
    }
    far = (datetime.fromisoformat(stamps["five"]) + timedelta(hours=1)).isoformat()
    assert (await ada.page(scene.room, start=far[:19] + "Z")).results == []
    early = (datetime.fromisoformat(stamps["one"]) - timedelta(hours=1)).isoformat()
    assert (await ada.page(scene.room, end=early[:19] + "Z")).results == []
    between = await ada.page(scene.room, start=early[:19] + "Z", end=far[:19] + "Z")
    assert [body for body in between.bodies if body] == list(WORDS)


@requirement("MAM-09")
async def between_two_messages(scene: Scene) -> None:
    ada = await stocked(scene)
    await extended(scene, ada)
    whole = await ada.page(scene.room, limit=50)
    ids = dict(zip(whole.bodies, whole.ids, strict=True))
    page = await ada.page(scene.room, after_id=ids["one"], before_id=ids["four"])
    assert page.bodies == ["two", "three"]
    assert (await ada.page(scene.room, ids=ids["three"])).bodies == ["three"]


@requirement("MAM-10", "MAM-11")
async def an_id_that_is_not_there(scene: Scene) -> None:
    ada = await stocked(scene)
    for where in ("after", "before"):
        try:
            await ada.page(scene.room, **{where: "no-such-id"})  # type: ignore[arg-type]
        except Refusal as no:
            expect_refusal(no.stanza, "item-not-found")
        else:
            raise AssertionError(f"{where} an id that is not there, there is something")


@requirement("MAM-12")
async def a_page_can_be_turned_around(scene: Scene) -> None:
    ada = await stocked(scene)
    await extended(scene, ada)
    page = await ada.page(scene.room, before="", limit=3, flip=True)
    assert page.bodies == ["five", "four", "three"]


@requirement("MAM-13")
async def the_ends_of_the_archive_are_told(scene: Scene) -> None:
    ada = await stocked(scene)
    await extended(scene, ada)
    ids = (await ada.page(scene.room, limit=50)).ids
    answer = expect_result(
        await ada.iq(f"<iq type='get' to='{{room}}'><metadata xmlns='{MAM}'/></iq>")
    )
    start, end = (find(answer, f"mam:metadata/mam:{which}") for which in ("start", "end"))
    assert (start.get("id"), end.get("id")) == (ids[0], ids[-1])
    assert start.get("timestamp", "") <= end.get("timestamp", "")


@requirement("MAM-14")
async def the_filters_are_told(scene: Scene) -> None:
    ada = await stocked(scene, ())
    answer = expect_result(
        await ada.iq(f"<iq type='get' to='{{room}}'><query xmlns='{MAM}'/></iq>")
    )
    form = find(answer, "mam:query/data:x")
    assert form.get("type") == "form"
    fields = form.findall("data:field", PREFIXES)
    assert values(fields)["FORM_TYPE"] == [MAM]
    kinds = {field.get("var"): field.get("type") for field in fields}
    assert kinds["with"] == "jid-single"
    assert {"start", "end"} <= set(kinds)


@requirement("MAM-15")
async def a_filter_nobody_knows(scene: Scene) -> None:
    ada = await stocked(scene, ())
    try:
        await ada.page(scene.room, colour="blue")
    except Refusal as no:
        condition = no.condition
    else:
        condition = "no error"
    assert condition == "feature-not-implemented"


@requirement("MAM-18", "MAM-17", "MAM-21", "RSM-01", "RSM-02", "MAM-30")
async def page_by_page_forwards(scene: Scene) -> None:
    ada = await stocked(scene)
    whole = (await ada.page(scene.room, limit=50)).ids
    read: list[str] = []
    for _ in range(len(whole) + 1):
        page = await ada.page(scene.room, after=read[-1] if read else None, limit=2)
        assert len(page.ids) <= 2
        read += page.ids
        if page.complete:
            break
    assert read == whole


@requirement("RSM-02", "RSM-03", "MAM-18")
async def page_by_page_backwards(scene: Scene) -> None:
    ada = await stocked(scene)
    whole = (await ada.page(scene.room, limit=50)).ids
    last = await ada.page(scene.room, before="", limit=2)
    assert last.bodies == ["four", "five"]
    assert not last.complete
    earlier = await ada.page(scene.room, before=last.ids[0], limit=2)
    assert earlier.bodies == ["two", "three"]
    rest = await ada.page(scene.room, before=earlier.ids[0], limit=50)
    assert [*rest.ids, *earlier.ids, *last.ids] == whole
    assert rest.complete


@requirement("MAM-20", "RSM-05")
async def nothing_found_is_an_empty_page(scene: Scene) -> None:
    ada = await stocked(scene)
    page = await ada.page(scene.room, start="2999-01-01T00:00:00Z")
    assert page.results == []
    assert page.complete
    lacks(page.fin, "rsm:set/rsm:first", "rsm:set/rsm:last")


@requirement("RSM-05")
async def a_page_names_its_ends(scene: Scene) -> None:
    ada = await stocked(scene)
    page = await ada.page(scene.room, before="", limit=1)
    first, last = (find(page.fin, f"rsm:set/rsm:{which}").text for which in ("first", "last"))
    assert first == last == page.ids[0]


@requirement("RSM-04")
async def one_can_ask_for_the_number_alone(scene: Scene) -> None:
    ada = await stocked(scene)
    page = await ada.page(scene.room, limit=0)
    assert page.results == []
    number = count(page.fin)
    if number is None:
        raise NotOffered("no count is given")
    assert int(number) >= len(WORDS)


@requirement("MAM-22", "MAM-23", "SID-01", "SID-04", "OCC-01")
async def the_archive_has_the_ids_that_were_seen_live(scene: Scene) -> None:
    ada = await stocked(scene, ())
    await ada.say(scene.room, "one")
    live = await ada.expect("<message type='groupchat'><body>one</body></message>")
    (id,) = [
        one.get("id") for one in live.findall("sid:stanza-id", PREFIXES)
        if one.get("by") == scene.room
    ]  # fmt: skip
    page = await ada.page(scene.room, before="", limit=1)
    for _ in range(50):
        if page.ids == [id]:
            break
        page = await ada.page(scene.room, before="", limit=1)
    assert page.ids == [id]


@requirement("SID-02")
async def a_stanza_id_in_the_rooms_name_is_the_rooms(scene: Scene) -> None:
    ada = await stocked(scene, ())
    await ada.send(
        ask.to_room("<body>one</body><stanza-id xmlns='urn:xmpp:sid:0' id='mine' by='{room}'/>")
    )
    live = await ada.expect("<message type='groupchat'><body>one</body></message>")
    (id,) = live.findall("sid:stanza-id", PREFIXES)
    assert id.get("id") != "mine"


@requirement("SID-03")
async def an_origin_id_is_kept(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    await ada.send(ask.to_room("<body>one</body><origin-id xmlns='urn:xmpp:sid:0' id='mine'/>"))
    live = await bao.expect("<message type='groupchat'><body>one</body></message>")
    assert find(live, "sid:origin-id").get("id") == "mine"


@requirement("MAM-24")
async def chat_states_are_not_kept(scene: Scene) -> None:
    ada = await stocked(scene, ())
    await ada.send(ask.to_room("<composing xmlns='http://jabber.org/protocol/chatstates'/>"))
    await ada.say(scene.room, "one")
    await ada.expect("<message type='groupchat'><body>one</body></message>")
    page = await ada.page(scene.room, limit=50)
    for _ in range(50):
        if "one" in page.bodies:
            break
        page = await ada.page(scene.room, limit=50)
    for message in page.messages:
        lacks(message, "{http://jabber.org/protocol/chatstates}composing")


async def cannot_read(scene: Scene, role: str) -> None:
    """Somebody is forbidden to read the archive."""
    client = await scene.client(role)
    try:
        await client.page(scene.room)
    except Refusal as no:
        expect_refusal(no.stanza, "forbidden")
    else:
        raise AssertionError(f"{role} reads the archive")


@requirement("MAM-26")
async def the_archive_of_a_room_for_members_is_for_members(scene: Scene) -> None:
    await stocked(scene, membersonly="1")
    await cannot_read(scene, "bao")


@requirement("MAM-26")
async def the_banned_do_not_read_the_archive(scene: Scene) -> None:
    ada = await stocked(scene)
    await scene.affiliate(ada, "bao", "outcast")
    await cannot_read(scene, "bao")


@requirement("RSM-08")
async def a_page_of_no_size(scene: Scene) -> None:
    ada = await stocked(scene)
    answer = await ada.iq(
        f"<iq type='set' to='{{room}}'><query xmlns='{MAM}'>"
        "<set xmlns='http://jabber.org/protocol/rsm'><max>many</max></set></query></iq>"
    )
    expect_refusal(answer, "bad-request")


@requirement("FTS-01", "FTS-02")
async def words_are_found(scene: Scene) -> None:
    ada = await stocked(scene, ("red apples", "green pears", "green apples"))
    field = "{urn:xmpp:fulltext:0}fulltext"
    answer = await ada.iq(f"<iq type='get' to='{{room}}'><query xmlns='{MAM}'/></iq>")
    if field not in values(answer.findall("mam:query/data:x/data:field", PREFIXES)):
        raise NotOffered("the filters have no full text")
    page = await ada.page(scene.room, **{field: "apples"})  # type: ignore[arg-type]
    assert page.bodies == ["red apples", "green apples"]
    last = await ada.page(scene.room, before="", limit=1, **{field: "apples"})  # type: ignore[arg-type]
    assert last.bodies == ["green apples"]
    assert not last.complete
