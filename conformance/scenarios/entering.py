"""Entering a room (XEP-0045 §7.2)."""

from __future__ import annotations

import asyncio
from xml.etree import ElementTree as ET

import conformance.asking as ask
from conformance.client import Client, Joined, Refusal
from conformance.reading import NotOffered, codes, expect_refusal, find, item, lacks
from conformance.registry import requirement
from conformance.scene import PASSWORD, PROTECTED, Scene
from conformance.xml import PREFIXES, condition_of

X = "<x xmlns='http://jabber.org/protocol/muc'/>"


async def refused(scene: Scene, client: Client, role: str, **how: str) -> ET.Element:
    """The room's answer to somebody whom it must not let in."""
    try:
        await scene.join(role, client, **how)
    except Refusal as no:
        return no.stanza
    raise AssertionError(f"{client.name} was let in")


def in_order(client: Client, room: str) -> list[str]:
    """What kinds of stanzas a client got from a room while it joined, in their order."""
    kinds = []
    for stanza in client.inbox.everything:
        if not stanza.get("from", "").startswith(f"{room}/") and stanza.get("from") != room:
            continue
        if stanza.tag.endswith("presence"):
            if "/" in stanza.get("from", ""):
                kinds.append("self" if "110" in codes(stanza) else "other")
        elif stanza.find("c:body", PREFIXES) is not None:
            late = stanza.find("delay:delay", PREFIXES) is not None
            kinds.append("history" if late else "live")
        elif stanza.find("c:subject", PREFIXES) is not None:
            kinds.append("subject")
    return kinds


@requirement("JOIN-01", "JOIN-02", "JOIN-06", "HIST-02", "CODE-110", "A-008", "A-052", "A-053")
@requirement("A-093", "A-122", "A-226", "A-242")
async def others_then_oneself_then_history_then_the_subject(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    await ada.send(ask.subject("Tea"))
    await scene.settle(ada, bao)
    await scene.settle(ada, bao)
    cyd = await scene.client("cyd")
    joined = await scene.join("cyd", cyd)
    assert joined.nicks == {scene.nick(role) for role in ("ada", "bao", "cyd")}
    await scene.settle(ada, cyd)
    wanted = ["other", "other", "self", "history", "history", "subject", "live"]
    assert in_order(cyd, scene.room) == wanted


@requirement("A-078", "A-121")
async def nothing_live_comes_before_the_subject(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    cyd = await scene.client("cyd")
    joining = asyncio.create_task(cyd.join(scene.room, scene.nick("cyd")))
    for _ in range(10):
        await scene.settle(ada, bao)
    await joining
    await scene.settle(ada, cyd)
    order = in_order(cyd, scene.room)
    assert "live" not in order[: order.index("subject")]
    assert order.count("history") + order.count("live") == 11


@requirement("JOIN-03", "JOIN-04", "ROLE-01", "ROLE-02", "ROLE-03", "AFF-01", "AFF-02")
@requirement("A-147", "A-148", "A-243")
async def each_presence_states_role_and_affiliation_once(scene: Scene) -> None:
    _ada, bao = await scene.enter("ada", "bao")
    for name in ("{ada}", "{bao}"):
        name = name.format_map(scene.names)
        seen = [s for s in bao.inbox.everything if s.get("from") == name]
        assert seen
        for presence in seen:
            assert len(presence.findall("user:x", PREFIXES)) == 1
            standing = (item(presence).get("affiliation"), item(presence).get("role"))
            if name == scene.occupant("ada"):
                assert standing == ("owner", "moderator")
            else:
                assert standing in (("none", "participant"), ("member", "participant"))


@requirement("JOIN-05", "A-101")
async def those_inside_are_told_of_a_newcomer(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    cyd = await scene.client("cyd")
    await scene.join("cyd", cyd)
    for inside in (ada, bao):
        seen = await inside.expect("<presence from='{cyd}'><x><item/></x></presence>")
        assert "110" not in codes(seen)


@requirement("JOIN-08", "JERR-09", "AMB-04")
async def a_join_without_a_nick(scene: Scene) -> None:
    await scene.create()
    bao = await scene.client("bao")
    await bao.send(f"<presence to='{{room}}' id='j1'>{X}</presence>")
    no = await bao.expect("<presence type='error' from='{room}' id='j1'/>")
    expect_refusal(no, "jid-malformed", "modify")


@requirement("JOIN-09")
async def presence_of_another_type_is_no_join(scene: Scene) -> None:
    ada = await scene.create()
    bao = await scene.client("bao")
    for kind in ("probe", "subscribe", "unavailable"):
        await bao.send(f"<presence type='{kind}' to='{{bao}}'>{X}</presence>")
    await bao.fence()
    await ada.hears_nothing("<presence from='{bao}'/>", until=scene.settle(ada))
    await bao.hears_nothing("<presence><x><status code='110'/></x></presence>")


@requirement("JOIN-10", "AMB-01", "A-014", "A-104")
async def joining_again_brings_everything_again(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    await ada.send(ask.subject("Tea"))
    await scene.settle(ada, bao)
    joined = await scene.join("bao", bao)
    assert joined.nicks == {scene.nick("ada"), scene.nick("bao")}
    assert len(joined.history) == 1
    assert find(joined.subject, "c:subject").text == "Tea"


@requirement("JOIN-12")
async def presence_from_somebody_outside_without_the_joins_mark(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    await bao.leave(scene.room, scene.nick("bao"))
    await ada.expect("<presence type='unavailable' from='{bao}'/>")
    await bao.send("<presence to='{bao}'/>")
    told = await bao.expect("<presence from='{bao}'/>")
    if told.get("type") == "error":
        raise NotOffered(f"the answer is {condition_of(told)}, as before version 1.33 of the XEP")
    assert told.get("type") == "unavailable"
    assert {"110", "307", "333"} <= codes(told)
    assert (item(told).get("affiliation"), item(told).get("role")) == ("none", "none")
    await ada.hears_nothing("<presence from='{bao}'/>", until=scene.settle(ada))


@requirement("JOIN-13", "JOIN-14", "ADDR-05", "CODE-100", "A-141", "A-221")
async def in_a_nonanonymous_room_everybody_sees_addresses(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao", whois="anyone")
    cyd = await scene.client("cyd")
    joined = await scene.join("cyd", cyd)
    assert "100" in joined.codes
    jids = {p.get("from"): item(p).get("jid") for p in joined.presences}
    assert jids == {scene.occupant("ada"): ada.full, scene.occupant("bao"): bao.full}
    seen = await bao.expect("<presence from='{cyd}'/>")
    assert item(seen).get("jid") == cyd.full


@requirement("JOIN-15", "MOD-14", "A-141")
async def in_a_semianonymous_room_only_moderators_see_addresses(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao", whois="moderators")
    cyd = await scene.client("cyd")
    joined = await scene.join("cyd", cyd)
    assert "100" not in joined.codes
    assert [item(p).get("jid") for p in joined.presences] == [None, None]
    assert item(await bao.expect("<presence from='{cyd}'/>")).get("jid") is None
    assert item(await ada.expect("<presence from='{cyd}'/>")).get("jid") == cyd.full


@requirement("JOIN-16", "JERR-01", "A-011", "A-018", "FIELD-16")
async def a_password_has_to_be_right(scene: Scene) -> None:
    await scene.create(**PROTECTED)
    bao = await scene.client("bao")
    expect_refusal(await refused(scene, bao, "bao"), "not-authorized", "auth")
    wrong = await refused(scene, bao, "bao", password="simsim")
    expect_refusal(wrong, "not-authorized", "auth")
    assert "110" in (await scene.join("bao", bao, password=PASSWORD)).codes


@requirement("JOIN-17", "JERR-06")
async def a_room_for_members_is_for_members(scene: Scene) -> None:
    await scene.create(membersonly="1")
    bao = await scene.client("bao")
    expect_refusal(await refused(scene, bao, "bao"), "registration-required", "auth")


@requirement("JOIN-18", "JERR-02", "BAN-02")
async def the_banned_stay_outside(scene: Scene) -> None:
    ada = await scene.create()
    await scene.affiliate(ada, "bao", "outcast")
    bao = await scene.client("bao")
    expect_refusal(await refused(scene, bao, "bao"), "forbidden", "auth")


async def with_adas_nick(scene: Scene, bao: Client) -> Joined:
    return await bao.join(scene.room, scene.nick("ada"))


@requirement("JOIN-19", "JERR-07")
async def a_nick_in_use_is_refused(scene: Scene) -> None:
    await scene.create()
    bao = await scene.client("bao")
    try:
        joined = await with_adas_nick(scene, bao)
    except Refusal as no:
        expect_refusal(no.stanza, "conflict", "cancel")
    else:
        assert joined.nick != scene.nick("ada")
        raise NotOffered("the service gives another nickname")


@requirement("JOIN-20", "CODE-210", "A-010", "A-239")
async def a_nick_that_the_room_chose_is_marked(scene: Scene) -> None:
    await scene.create()
    bao = await scene.client("bao")
    try:
        joined = await bao.join(scene.room, "Somebody else")
    except Refusal as no:
        raise NotOffered("the service refuses nicknames, and gives none") from no
    if joined.nick == "Somebody else":
        raise NotOffered("the service takes nicknames as they are")
    assert {"110", "210"} <= joined.codes


@requirement("JOIN-21", "ROLE-08")
async def two_clients_of_one_person_share_a_nick(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    phone = await scene.client("bao")
    try:
        joined = await scene.join("bao", phone)
    except Refusal as no:
        raise NotOffered(f"the answer is {no.condition}") from no
    assert joined.nicks == {scene.nick("ada"), scene.nick("bao")}
    await scene.settle(ada, bao, phone)


@requirement("JOIN-22", "JERR-08")
async def a_full_room(scene: Scene) -> None:
    ada = await scene.create()
    field = (await scene.form(ada)).get("muc#roomconfig_maxusers")
    if field is None:
        raise NotOffered("the form has no muc#roomconfig_maxusers")
    answer = await ada.iq(scene.submission({"muc#roomconfig_maxusers": "2"}))
    if answer.get("type") == "error":
        raise NotOffered("no room can be as small as two people")
    await scene.seat("bao", ada)
    cyd = await scene.client("cyd")
    expect_refusal(await refused(scene, cyd, "cyd"), "service-unavailable", "wait")


@requirement("JOIN-23", "JERR-03")
async def a_locked_room(scene: Scene) -> None:
    if scene.service.rooms is not None:
        raise NotOffered("rooms are not made by joining")
    ada = await scene.client("ada")
    await scene.join("ada", ada)
    bao = await scene.client("bao")
    expect_refusal(await refused(scene, bao, "bao"), "item-not-found", "cancel")


@requirement("JOIN-26", "CODE-170", "A-227")
async def a_room_that_is_logged_says_so(scene: Scene) -> None:
    await scene.create(enablelogging="1")
    bao = await scene.client("bao")
    assert "170" in (await scene.join("bao", bao)).codes


@requirement("JOIN-27")
async def a_refusal_comes_from_the_wanted_seat_and_names_the_room(scene: Scene) -> None:
    await scene.create(membersonly="1")
    bao = await scene.client("bao")
    no = await refused(scene, bao, "bao")
    assert no.get("from") == scene.occupant("bao")
    assert find(no, "c:error").get("by") in (scene.room, None)


@requirement("JOIN-30", "EXIT-03")
async def closing_the_client_leaves_the_room(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    await bao.disconnect()
    await ada.expect("<presence type='unavailable' from='{bao}'/>")


@requirement("A-016")
async def one_join_is_answered_once(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    await scene.settle(ada, bao)
    own = [s for s in bao.inbox.everything if s.tag.endswith("presence") and "110" in codes(s)]
    assert len(own) == 1


@requirement("ADDR-03")
async def a_nick_of_nothing_but_spaces(scene: Scene) -> None:
    ada = await scene.create()
    bao = await scene.client("bao")
    await bao.send(f"<presence to='{{room}}/ \u00a0 ' id='j1'>{X}</presence>")
    answer = await bao.expect("<presence id='j1'/>")
    if answer.get("type") != "error":
        # A room that gives another nickname is as good.
        assert answer.get("from", "").partition("/")[2].strip()
        return
    await ada.hears_nothing("<presence/>", until=scene.settle(ada))


@requirement("MSG-11")
async def a_clients_own_standing_is_not_believed(scene: Scene) -> None:
    ada = await scene.create()
    bao = await scene.client("bao")
    lie = ask.user("<item affiliation='owner' role='moderator'/><status code='301'/>")
    await bao.send(f"<presence to='{{bao}}'>{X}{lie}</presence>")
    seen = await ada.expect("<presence from='{bao}'><x><item/></x></presence>")
    assert item(seen).get("role") == "participant"
    lacks(seen, "user:x/user:status[@code='301']")


@requirement("A-152")
async def the_room_itself_is_no_occupant(scene: Scene) -> None:
    _, bao = await scene.enter("ada", "bao")
    for stanza in bao.inbox.everything:
        if stanza.tag.endswith("presence") and stanza.get("from") == scene.room:
            lacks(stanza, "user:x/user:item")
