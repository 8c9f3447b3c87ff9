"""Messages, leaving and administration through a mirror, both ends together."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

import pytest

from gateway.mirror.names import DMUC, OWN
from legacy_backend import GroupId, MemberId
from legacy_backend.events import Departure, MemberLeft
from tests.mirror.link import MIRROR, RALEIGH, World, direct_member, join_as, local_member
from tests.mirror.test_joining import LOCALS, OPEN, STANZAS, is_like, shape
from tests.muc.reading import codes, find, item, lacks, stanza_id
from tests.stage import DOMAIN, Person

WORDS = "<body>All work and no play makes Jack a dull boy.</body>"


async def everybody(world: World) -> list[Person]:
    """Scott and Kevin beside the master, Wayne and Keith behind the mirror; all is read."""
    world.group(*OPEN, *LOCALS)
    people = await world.direct("scott", "kevin") + await world.raleigh.joined("wayne", "keith")
    for person in people:
        await person.has_heard()
    world.link.forget()
    return people


@pytest.mark.requirement("D-080", "D-081", "D-083", "D-084", "D-001")
async def test_d_080_a_message_crosses_once_each_way_and_all_have_the_same_ids(
    world: World,
) -> None:
    people = await everybody(world)
    wayne = people[2]
    wayne.sends(f"<message to='{{room}}' type='groupchat' id='m1'>{WORDS}</message>")
    await world.settled()
    ids = set()
    for person in people:
        (heard,) = await person.hears_only(
            f"<message from='{{room}}/Wayne' type='groupchat' id='m1'>{WORDS}"
            "<stanza-id xmlns='urn:xmpp:sid:0' by='{room}'/></message>"
        )
        ids.add(stanza_id(heard))
    assert len(ids) == 1
    (up,), (down,) = world.link.up, world.link.down
    is_like(up, f"""
        <message from='{world.puppet("wayne")}' to='{{room}}' type='groupchat' id='m1'>{WORDS}
          <dmuc xmlns='{DMUC}' from='{{mirror}}'/></message>""")  # fmt: skip
    assert (down.get("from"), down.get("to")) == (f"g1@{DOMAIN}/Wayne", MIRROR)


@pytest.mark.requirement("D-001", "D-034")
async def test_d_001_what_crosses_does_not_grow_with_the_users(world: World) -> None:
    names = [f"user{n}" for n in range(20)]
    world.group(*OPEN, *(local_member(name) for name in names))
    (scott,) = await world.direct("scott")
    await world.raleigh.joined(*names[:1])
    world.link.forget()
    scott.sends("<message to='{room}' type='groupchat' id='a'><body>To one</body></message>")
    await scott.receives("<message id='a'/>")
    await world.settled()
    alone = world.link.stanzas
    local = await world.raleigh.joined(*names[1:])
    world.link.forget()
    scott.sends("<message to='{room}' type='groupchat' id='b'><body>To all</body></message>")
    for person in local:
        await person.receives("<message id='b'><body>To all</body></message>")
    assert alone == world.link.stanzas == 1


@pytest.mark.requirement("D-081")
async def test_d_081_a_message_to_everyone_is_not_addressed_to_an_occupant(world: World) -> None:
    wayne, keith = (await everybody(world))[2:]
    wayne.sends(f"<message to='{{room}}/Wayne' type='groupchat' id='m1'>{WORDS}</message>")
    await wayne.hears_only(
        f"<message type='error' id='m1'><error><bad-request {STANZAS}/></error></message>"
    )
    await keith.hears_nothing()
    assert not world.link.stanzas


@pytest.mark.requirement("D-082", "D-084")
async def test_d_082_local_first_they_see_it_before_the_master_and_once(hasty: World) -> None:
    scott, _, wayne, keith = await everybody(hasty)
    hasty.fairfax.network.holds("send")
    wayne.sends(f"<message to='{{room}}' type='groupchat' id='m1'>{WORDS}</message>")
    for person in (wayne, keith):
        await person.hears_only(f"<message from='{{room}}/Wayne' id='m1'>{WORDS}</message>")
    await scott.hears_nothing()
    (await hasty.fairfax.network.is_asked("send", "g1", WORDS[6:-7])).answer.set_result(None)
    (seen,) = await scott.hears_only(f"<message from='{{room}}/Wayne' id='m1'>{WORDS}</message>")
    for person in (wayne, keith):
        await person.hears_nothing()
    (up,), (down,) = hasty.link.up, hasty.link.down
    is_like(up, f"<message id='m1'><dmuc xmlns='{DMUC}'><shown xmlns='{OWN}'/></dmuc></message>")
    lacks(down, "body")
    assert stanza_id(down) == stanza_id(seen)

    late = hasty.raleigh.person("keith", "phone")
    late.sends(join_as("Keith"))
    (replayed,) = await late.receives(f"<message from='{{room}}/Wayne' id='m1'>{WORDS}</message>")
    assert stanza_id(replayed) == stanza_id(seen)
    assert find(replayed, "stanza-id").get("by") == hasty.raleigh.room


async def test_a_refused_message_is_told_to_its_sender_alone(world: World) -> None:
    scott, _, wayne, keith = await everybody(world)
    world.fairfax.network.holds("send")
    wayne.sends(f"<message to='{{room}}' type='groupchat' id='m1'>{WORDS}</message>")
    asked = await world.fairfax.network.is_asked("send", "g1", WORDS[6:-7])
    asked.refuses("policy-violation", "No.")
    await wayne.hears_only(
        "<message type='error' from='{room}' id='m1'><error>"
        f"<policy-violation {STANZAS}/></error></message>"
    )
    for person in (scott, keith):
        await person.hears_nothing()


async def test_who_has_no_voice_is_told_so_by_the_mirror(world: World) -> None:
    world.group(*OPEN, local_member("wayne", "member", "visitor"))
    (wayne,) = await world.raleigh.joined("wayne")
    world.link.forget()
    wayne.sends(f"<message to='{{room}}' type='groupchat' id='m1'>{WORDS}</message>")
    await wayne.hears_only(f"<message type='error'><error><forbidden {STANZAS}/></error></message>")
    assert not world.link.stanzas


@pytest.mark.requirement("D-070", "D-071", "D-072", "D-073", "D-074", "D-075", "D-076", "D-077")
async def test_d_070_leaving_is_shown_at_once_and_told_once(world: World) -> None:
    scott, kevin, wayne, keith = await everybody(world)
    world.link.broken = world.link.silent = True  # they are told before the master is
    wayne.sends("<presence to='{room}/Wayne' type='unavailable'/>")
    (own,) = await wayne.hears_only(
        "<presence type='unavailable' from='{room}/Wayne'>"
        "<x xmlns='http://jabber.org/protocol/muc#user'>"
        "<item affiliation='member' role='none'/><status code='110'/></x></presence>"
    )
    assert codes(own) == [110]
    gone = (
        "<presence type='unavailable' from='{room}/Wayne'>"
        "<x xmlns='http://jabber.org/protocol/muc#user'><item role='none'/></x></presence>"
    )
    await keith.hears_only(gone)
    await scott.hears_nothing()

    world.link.broken = False
    wayne = world.raleigh.person("wayne")
    keith.sends("<presence to='{room}/Keith' type='unavailable'/>")
    for person in (scott, kevin):  # that Wayne left was lost, which is noticed
        await person.hears_only(gone.replace("Wayne", "Keith"), gone)
    is_like(world.link.up[0], f"<presence type='unavailable' to='{{room}}/Keith'>"
                              f"<dmuc xmlns='{DMUC}' from='{{mirror}}'/></presence>")  # fmt: skip
    assert [shape(s) for s in world.link.down] == ["iq set missed", "iq error error"]


@pytest.mark.requirement("D-076")
async def test_d_076_an_echo_of_a_leave_is_not_shown_again(world: World) -> None:
    *_, wayne, keith = await everybody(world)
    wayne.sends("<presence to='{room}/Wayne' type='unavailable'/>")
    await keith.receives("<presence type='unavailable' from='{room}/Wayne'/>")
    await world.settled()
    fact = (
        f"<presence xmlns='jabber:component:accept' type='unavailable' from='g1@{DOMAIN}/Wayne'"
        f" to='{MIRROR}'><x xmlns='http://jabber.org/protocol/muc#user'>"
        "<item affiliation='none' role='none'/></x></presence>"
    )
    world.raleigh.hears(ET.fromstring(fact))
    await keith.hears_nothing()


@pytest.mark.requirement("D-077")
async def test_d_077_a_direct_leave_crosses_once(world: World) -> None:
    scott, _, wayne, keith = await everybody(world)
    scott.sends("<presence to='{room}/Scott' type='unavailable'/>")
    for person in (wayne, keith):
        await person.hears_only("<presence type='unavailable' from='{room}/Scott'/>")
    assert [shape(s) for s in world.link.down] == ["presence unavailable"]


@pytest.mark.requirement("D-002")
async def test_d_002_nothing_crosses_for_a_room_that_nobody_there_is_in(world: World) -> None:
    scott, _, wayne, keith = await everybody(world)
    for person in (wayne, keith):
        person.sends("<presence to='{room}' type='unavailable'/>")
    await world.settled()
    assert not world.raleigh.mirror.copies
    world.link.forget()
    scott.sends(f"<message to='{{room}}' type='groupchat' id='m1'>{WORDS}</message>")
    scott.sends("<presence to='{room}/Scott'><show>away</show></presence>")
    await scott.receives("<message id='m1'/>", "<presence><show>away</show></presence>")
    await world.settled()
    for copy in list(world.raleigh.mirror.copies.values()):
        await world.raleigh.mirror.look_for(copy)
    assert not world.link.stanzas


async def test_the_gateways_own_presence_does_not_cross_for_those_behind_a_mirror(
    world: World,
) -> None:
    *_, wayne, _ = await everybody(world)
    wire = world.fairfax.wire.stanzas
    assert not [s for s in wire if s.get("to", "").partition("/")[0].endswith(f"@{RALEIGH}")]
    direct = Person(world.fairfax, "wayne", "desk", RALEIGH)
    direct.sends("<presence to='{gw}'/>")
    world.fairfax.gateway.known_session(wayne.bare).send_gateway_status("Here", show="chat")
    await world.settled()
    (own,) = [s for s in world.fairfax.wire.stanzas if s.get("to") == wayne.bare]
    assert (shape(own), own.get("from")) == ("presence", DOMAIN)


@pytest.mark.requirement("D-100")
async def test_d_100_administration_passes_upstream(world: World) -> None:
    world.group(direct_member("scott"), local_member("wayne", "owner"), local_member("keith"))
    (scott,) = await world.direct("scott")
    wayne, keith = await world.raleigh.joined("wayne", "keith")
    await scott.has_heard()
    wayne.sends(
        "<iq type='get' id='o' to='{room}'>"
        "<query xmlns='http://jabber.org/protocol/muc#owner'/></iq>"
    )
    await wayne.hears_only(
        "<iq type='result' id='o' from='{room}'>"
        "<query xmlns='http://jabber.org/protocol/muc#owner'>"
        "<x xmlns='jabber:x:data' type='form'/></query></iq>"
    )
    world.fairfax.network.obeys("kick")
    wayne.sends(
        "<iq type='set' id='k' to='{room}'><query xmlns='http://jabber.org/protocol/muc#admin'>"
        "<item nick='Keith' role='none'><reason>Spam</reason></item></query></iq>"
    )
    (own,) = await keith.hears_only(
        "<presence type='unavailable' from='{room}/Keith'>"
        "<x xmlns='http://jabber.org/protocol/muc#user'><item role='none'>"
        "<actor nick='Wayne'/><reason>Spam</reason></item></x></presence>"
    )
    assert sorted(codes(own)) == [110, 307]
    await wayne.receives("<iq type='result' id='k' from='{room}'/>")
    await scott.receives("<presence type='unavailable' from='{room}/Keith'/>")
    (seen,) = [s for s in await wayne.has_heard() if s.get("type") == "unavailable"] or [own]
    assert 307 in codes(seen)
    keith.sends(f"<message to='{{room}}' type='groupchat' id='m'>{WORDS}</message>")
    await keith.hears_only(
        f"<message type='error'><error><not-acceptable {STANZAS}/></error></message>"
    )


async def test_the_last_one_put_out_ends_the_mirror(world: World) -> None:
    world.group(*OPEN, *LOCALS)
    await world.raleigh.joined("wayne")
    how: Any = Departure.BANNED
    await world.fairfax.network.tells(
        MemberLeft(group=GroupId("g1"), id=MemberId("wayne"), how=how, by=MemberId("scott"))
    )
    wayne = world.raleigh.person("wayne")
    (own,) = await wayne.hears_only(
        "<presence type='unavailable'><x xmlns='http://jabber.org/protocol/muc#user'>"
        "<item affiliation='outcast' role='none'/></x></presence>"
    )
    assert sorted(codes(own)) == [110, 301]
    assert not world.raleigh.mirror.copies


async def test_the_archive_is_read_through_the_mirror(world: World) -> None:
    scott, _, wayne, _ = await everybody(world)
    scott.sends(f"<message to='{{room}}' type='groupchat' id='m1'>{WORDS}</message>")
    await wayne.receives("<message id='m1'/>")
    wayne.sends(
        "<iq type='set' id='q' to='{room}'><query xmlns='urn:xmpp:mam:2' queryid='f'/></iq>"
    )
    await wayne.receives(
        "<message from='{room}'><result xmlns='urn:xmpp:mam:2' queryid='f'>"
        "<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='{room}/Scott'>"
        "<stanza-id xmlns='urn:xmpp:sid:0' by='{room}'/></message></forwarded></result></message>",
        "<iq type='result' id='q' from='{room}'><fin xmlns='urn:xmpp:mam:2'/></iq>",
    )


async def test_a_self_ping_is_answered_without_the_master(world: World) -> None:
    wayne = (await everybody(world))[2]
    wayne.sends("<iq type='get' id='p' to='{room}/Wayne'><ping xmlns='urn:xmpp:ping'/></iq>")
    await wayne.hears_only("<iq type='result' id='p' from='{room}/Wayne'/>")
    world.raleigh.person("mallory").sends(
        "<iq type='get' id='p' to='{room}/Wayne'><ping xmlns='urn:xmpp:ping'/></iq>"
    )
    await world.raleigh.person("mallory").hears_only(
        f"<iq type='error' id='p'><error><not-acceptable {STANZAS}/></error></iq>"
    )
    assert not world.link.stanzas


@pytest.mark.requirement("D-005")
async def test_d_005_there_is_nothing_to_set_up_in_a_room(world: World) -> None:
    world.group(local_member("wayne", "owner"))
    (wayne,) = await world.raleigh.joined("wayne")
    wayne.sends(
        "<iq type='get' id='o' to='{room}'>"
        "<query xmlns='http://jabber.org/protocol/muc#owner'/></iq>"
    )
    (form,) = await wayne.receives("<iq type='result' id='o'/>")
    fields = {field.get("var", "") for field in form.iterfind(".//{jabber:x:data}field")}
    assert fields
    assert not [var for var in fields if "mirror" in var or "dmuc" in var]


async def test_a_subject_and_a_setting_reach_those_who_are_there_and_those_who_come(
    world: World,
) -> None:
    world.group(*OPEN, *LOCALS)
    (scott,) = await world.direct("scott")
    (wayne,) = await world.raleigh.joined("wayne")
    world.fairfax.network.obeys("set_subject", "set_config")
    scott.sends(
        "<message to='{room}' type='groupchat' id='s'><subject>Dull boys</subject></message>"
    )
    await wayne.receives("<message from='{room}/Scott'><subject>Dull boys</subject></message>")
    scott.sends(
        "<iq type='set' id='c' to='{room}'><query xmlns='http://jabber.org/protocol/muc#owner'>"
        "<x xmlns='jabber:x:data' type='submit'><field var='muc#roomconfig_whois'>"
        "<value>moderators</value></field></x></query></iq>"
    )
    await wayne.receives("<message><x xmlns='http://jabber.org/protocol/muc#user'>"
                         "<status code='173'/></x></message>")  # fmt: skip
    keith = world.raleigh.person("keith")
    keith.sends(join_as("Keith"))
    (seen,) = await keith.receives("<presence from='{room}/Scott'/>")
    assert item(seen).get("jid") is None
    await keith.receives("<message from='{room}/Scott'><subject>Dull boys</subject></message>")
    (heard,) = await wayne.receives("<presence from='{room}/Keith'/>")
    assert item(heard).get("jid") is None
    assert RALEIGH not in str(item(heard).attrib)
