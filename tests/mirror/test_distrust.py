"""What is not believed: foreign claims, strangers' state, answers to nothing, huge rooms."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

import pytest

from gateway.mirror.names import DMUC, OWN
from gateway.room.people import Person as Somebody
from gateway.room.people import seen
from gateway.room.state import OccupantId
from legacy_backend import GroupId, MemberId
from tests.mirror.link import MIRROR, RALEIGH, World, local_member
from tests.mirror.test_joining import LOCALS, OPEN, shape
from tests.mirror.test_talking import STANZAS, everybody
from tests.muc.reading import codes, item, lacks
from tests.stage import DOMAIN, Person, _parsed

X = "<x xmlns='http://jabber.org/protocol/muc'/>"
FORBIDDEN = f"<presence type='error'><error><forbidden {STANZAS}/></error></presence>"


def seats(world: World) -> set[str]:
    live = world.fairfax.gateway.rooms.of("", GroupId("g1"))
    return set(live.room.seats) if live is not None else set()


def claim(mirror: str, user: str = "") -> str:
    named = f" user='{user}'" if user else ""
    return f"<dmuc xmlns='{DMUC}' from='{mirror}'{named}/>"


@pytest.mark.parametrize(
    ("sender", "tag"),
    [
        pytest.param("mal@example.org/x", claim("mirror.evil.example"), id="an unknown mirror"),
        pytest.param("mal@example.org/x", claim(MIRROR), id="for another domain's mirror"),
        pytest.param("mal@example.org/x", claim("mal@example.org/x"), id="for oneself"),
        pytest.param(
            rf"wayne\40{RALEIGH}@mirror.evil.example/x", claim(MIRROR), id="by a stranger"
        ),
        pytest.param(
            rf"wayne\40{RALEIGH}@mirror.evil.example/x", claim("mirror.evil.example"), id="its own"
        ),
        pytest.param(rf"ada\40example.org@{MIRROR}/x", claim(MIRROR), id="for users not its own"),
        pytest.param(rf"ada\40example.org@{MIRROR}/x", "", id="the same, without a claim"),
        pytest.param(
            rf"wayne\40{RALEIGH}@{MIRROR}/x", claim(MIRROR, f"keith@{RALEIGH}/x"), id="two names"
        ),
        pytest.param(f"nobody@{MIRROR}/x", "", id="an account of the mirror's"),
    ],
)
@pytest.mark.requirement("D-103")
async def test_d_103_a_claim_that_nobody_trusts_is_refused_and_logged(
    world: World, sender: str, tag: str, caplog: pytest.LogCaptureFixture
) -> None:
    world.group(*OPEN, *LOCALS, local_member("mal"))
    (scott,) = await world.direct("scott")
    before = seats(world)
    world.fairfax.feed(f"<presence to='{{room}}/Mal' id='j'>{X}{tag}</presence>", sender)
    await world.settled()
    told = [s for s in world.fairfax.wire.stanzas if s.get("to") == sender]
    assert [shape(s) for s in told] == ["presence error"]
    assert told[0].find(".//{*}forbidden") is not None
    assert seats(world) == before
    await scott.hears_nothing()
    assert "not trusted" in caplog.text


@pytest.mark.requirement("D-103")
async def test_d_103_a_user_of_its_own_does_not_speak_for_a_mirror(world: World) -> None:
    """With a plain server a client can write the tag, and so come by the mirror if it likes: that
    says nothing of anybody else."""
    scott, _, _, keith = await everybody(world)
    world.group(*OPEN, *LOCALS, local_member("mal"))
    tag = f"<dmuc xmlns='{DMUC}' from='{MIRROR}' n='7'><new xmlns='{OWN}'/></dmuc>"
    here = seats(world)
    world.fairfax.feed(f"<presence to='{{room}}/Mal'>{X}{tag}</presence>", f"mal@{RALEIGH}/x")
    await scott.receives("<presence from='{room}/Mal'/>")
    assert here <= seats(world)
    assert "iq set missed" not in map(shape, world.link.down)
    await scott.hears_nothing()
    assert "unavailable" not in {s.get("type") for s in await keith.has_heard()}


async def test_without_trust_for_anybody_a_claim_means_nothing(world: World) -> None:
    """A user's own client may write what it likes to the mirror: it is not passed on."""
    world.group(*OPEN, *LOCALS)
    wayne = world.raleigh.person("wayne")
    wayne.sends(f"<presence to='{{room}}/Wayne'>{X}{claim('mirror.evil.example')}</presence>")
    await wayne.receives("<message type='groupchat'><subject/></message>")
    wayne.sends(f"<message to='{{room}}' type='groupchat' id='m'><body>Hi</body>"
                f"{claim('mirror.evil.example')}</message>")  # fmt: skip
    await wayne.receives("<message id='m'><body>Hi</body></message>")
    assert "evil" not in "".join(ET.tostring(s, encoding="unicode") for s in world.link.up)


async def test_half_a_megabyte_is_refused_at_either_end(world: World) -> None:
    world.group(*OPEN, *LOCALS)
    (scott,) = await world.direct("scott")
    await world.raleigh.joined("wayne")
    await scott.has_heard()
    big = "x" * (512 * 1024)
    world.fairfax.feed(
        "<message to='{room}' type='groupchat' id='big'><body>{big}</body></message>",
        world.puppet("wayne"), big=big,
    )  # fmt: skip
    await scott.hears_nothing()
    (no,) = [s for s in world.fairfax.wire.stanzas if s.get("id") == "big"]
    assert no.get("type") == "error"
    assert world.puppet("wayne") in seats(world)


@pytest.mark.parametrize("number", ["", "-1", "9" * 40, "1e3", "0"])
async def test_numbers_that_are_none_do_no_harm(world: World, number: str) -> None:
    world.group(*OPEN, *LOCALS)
    (scott,) = await world.direct("scott")
    (wayne,) = await world.raleigh.joined("wayne")
    await scott.has_heard()
    world.raleigh.feed(
        "<presence to='{mirror}'><x xmlns='http://jabber.org/protocol/muc#user'>"
        "<item affiliation='none' role='participant'/></x>"
        f"<n xmlns='{OWN}'>{number}</n></presence>",
        f"{world.fairfax.room}/Ghost",
    )  # fmt: skip
    world.fairfax.feed(
        "<presence to='{room}/Wayne'><show>away</show>"
        f"<dmuc xmlns='{DMUC}' from='{MIRROR}' n='{number}'/></presence>",
        world.puppet("wayne"),
    )
    await world.settled()
    says = "<message to='{room}' type='groupchat' id='on'><body>On it goes</body></message>"
    scott.sends(says)
    await wayne.receives("<message id='on'/>")


@pytest.mark.requirement("D-032", "D-073", "D-083", "D-104")
async def test_d_032_the_protocols_own_form_of_a_join_is_understood(world: World) -> None:
    """Under the user's own address, without `<x/>`; what follows has no tag at all."""
    world.group(*OPEN, *LOCALS)
    (scott,) = await world.direct("scott")
    wayne = f"wayne@{RALEIGH}/TransVerse"
    world.raleigh.mirror.nobody = lambda _: None  # type: ignore[method-assign]
    world.fairfax.feed(f"<presence to='{{room}}/Wayne'>{claim(MIRROR)}</presence>", wayne)
    await scott.receives("<presence from='{room}/Wayne'/>")
    assert world.puppet("wayne") in seats(world)
    assert [shape(s) for s in world.link.down] == [
        "iq set config", "iq set roster", "message groupchat", "presence"
    ]  # fmt: skip
    world.fairfax.feed(
        "<message to='{room}' type='groupchat' id='m'><body>All work</body></message>", wayne
    )
    await scott.receives("<message from='{room}/Wayne' id='m'><body>All work</body></message>")
    world.fairfax.feed("<presence to='{room}/Wayne' type='unavailable'/>", wayne)
    await scott.receives("<presence from='{room}/Wayne' type='unavailable'/>")
    assert world.puppet("wayne") not in seats(world)


async def test_the_same_user_may_be_here_directly_as_well(world: World) -> None:
    world.group(*OPEN, *LOCALS)
    await world.raleigh.joined("wayne")
    direct = Person(world.fairfax, "wayne", "TransVerse", RALEIGH)
    direct.sends(f"<presence to='{{room}}/Wayne'>{X}</presence>")
    await direct.receives("<message type='groupchat'><subject/></message>")
    assert {direct.jid, world.puppet("wayne")} <= seats(world)


@pytest.mark.parametrize("who", ["g1@evil.example", f"evil@{DOMAIN}", "scott@fairfax.example/x"])
@pytest.mark.parametrize(
    "payload",
    [
        "<roster xmlns='urn:xmpp:dmuc:0'/>",
        (
            "<config xmlns='urn:xmpp:dmuc:0'><x xmlns='jabber:x:data' type='result'>"
            "<field var='muc#roomconfig_roomname'><value>Ours</value></field></x></config>"
        ),
    ],
)
async def test_state_counts_from_the_master_alone(world: World, who: str, payload: str) -> None:
    _, _, wayne, keith = await everybody(world)
    copy = world.raleigh.mirror.copies[world.fairfax.room]
    config, people = copy.room.config, set(copy.room.nicks)
    world.raleigh.mirror.takes(
        _parsed(f"<iq type='set' id='s' from='{who}' to='{MIRROR}'>{payload}</iq>")
    )
    for person in (wayne, keith):
        await person.hears_nothing()
    assert (copy.room.config, set(copy.room.nicks)) == (config, people)


@pytest.mark.parametrize(
    "xml",
    [
        "<iq type='result' id='nothing' from='{room}' to='{mirror}'/>",
        "<iq type='error' id='nothing' from='{room}' to='{wayne}'/>",
        "<iq type='result' id='nothing' from='{room}' to='{wayne}'/>",
        "<presence type='error' id='nothing' from='{room}/Mallory' to='{wayne}'/>",
        (
            "<presence type='unavailable' from='{room}/Nobody' to='{mirror}'>"
            "<x xmlns='http://jabber.org/protocol/muc#user'/></presence>"
        ),
        "<message type='groupchat' from='other@{domain}/x' to='{mirror}'><body>?</body></message>",
        "<message type='chat' from='{room}/Scott' to='{stranger}'><body>Psst</body></message>",
        "<message from='{room}/Scott' to='{mirror}'><body>?</body></message>",
    ],
)
async def test_what_answers_nothing_reaches_nobody(world: World, xml: str) -> None:
    _, _, wayne, keith = await everybody(world)
    xml = xml.replace("{room}", world.fairfax.room).replace("{domain}", DOMAIN)
    xml = xml.replace("{mirror}", MIRROR).replace("{wayne}", world.puppet("wayne"))
    xml = xml.replace("{stranger}", world.puppet("stranger"))
    world.raleigh.mirror.takes(_parsed(xml))
    for person in (wayne, keith, world.raleigh.person("stranger")):
        await person.hears_nothing()


async def test_a_join_is_not_confirmed_by_how_somebody_else_looks(world: World) -> None:
    """Scott is there; while Wayne asks for his name, Scott goes away for lunch."""
    world.group(*OPEN, *LOCALS)
    (scott,) = await world.direct("scott")
    (keith,) = await world.raleigh.joined("keith")
    world.fairfax.network.holds("change_nick")
    wayne = world.raleigh.person("wayne")
    wayne.sends(f"<presence to='{{room}}/Scott'>{X}</presence>")
    scott.sends("<presence to='{room}/Scott'><show>away</show></presence>")
    await keith.receives("<presence from='{room}/Scott'><show>away</show></presence>")
    heard = await wayne.has_heard()
    assert [shape(s) for s in heard] in ([], ["presence error"])
    copy = world.raleigh.mirror.copies[world.fairfax.room]
    assert wayne.jid not in copy.room.seats


async def test_a_master_that_lies_about_an_address_is_not_believed(world: World) -> None:
    """Whose our users are we know; and nobody else is one of them."""
    _, _, wayne, keith = await everybody(world)
    lie = (
        f"<presence from='{world.fairfax.room}/{{}}' to='{MIRROR}'><show>dnd</show>"
        "<x xmlns='http://jabber.org/protocol/muc#user'>"
        f"<item affiliation='member' role='participant' jid='{{}}'/></x></presence>"
    )
    world.raleigh.mirror.takes(_parsed(lie.format("Wayne", f"keith@{RALEIGH}/TransVerse")))
    world.raleigh.mirror.takes(_parsed(lie.format("Mallory", f"wayne@{RALEIGH}/x")))
    first, second = await keith.hears_only(
        "<presence from='{room}/Wayne'/>", "<presence from='{room}/Mallory'/>"
    )
    assert item(first).get("jid") == wayne.jid
    assert item(second).get("jid") is None
    assert codes(second) == []


async def test_real_addresses_stay_where_they_may_be_seen(world: World) -> None:
    """In a room that hides them they cross the link once somebody behind it may see them."""
    world.group(*OPEN, *LOCALS, anonymous=True)
    (scott,) = await world.direct("scott")
    wayne, keith = await world.raleigh.joined("wayne", "keith")
    assert "fairfax" not in "".join(ET.tostring(s, encoding="unicode") for s in world.link.down)
    world.fairfax.network.obeys("set_role")
    scott.sends(
        "<iq type='set' id='r' to='{room}'><query xmlns='http://jabber.org/protocol/muc#admin'>"
        "<item nick='Wayne' role='moderator'/></query></iq>"
    )
    await scott.receives("<iq type='result' id='r'/>")
    (seen,) = await wayne.receives("<presence from='{room}/Scott'/>")
    assert item(seen).get("jid") == "scott@fairfax.example"
    for stanza in await keith.has_heard():
        assert "fairfax" not in ET.tostring(stanza, encoding="unicode")


async def test_who_may_not_use_the_mirror_is_refused(world: World) -> None:
    world.group(*OPEN, *LOCALS)
    stage: Any = world.raleigh
    mal = Person(stage, "mal", "x", "elsewhere.example")
    mal.sends(f"<presence to='{{room}}/Mal'>{X}</presence>")
    await mal.hears_only(
        f"<presence type='error'><error><not-allowed {STANZAS}/></error></presence>"
    )
    assert not world.link.stanzas


async def test_a_room_that_nobody_was_let_into_is_not_kept(world: World) -> None:
    """Whoever makes names up fills no database."""
    world.group(*OPEN, local_member("wayne", "outcast"), local_member("keith"))
    wayne = world.raleigh.person("wayne")
    wayne.sends(f"<presence to='{{room}}/Wayne'>{X}</presence>")
    await wayne.receives("<presence type='error'/>")
    await world.settled()
    rooms = world.raleigh.mirror.rooms
    assert not rooms.elsewhere
    assert not await rooms.host.store.all_rooms()
    wayne.sends(f"<presence to='{{room}}/Wayne'>{X}</presence>")
    await wayne.receives("<presence type='error'/>")
    await world.raleigh.joined("keith")
    await world.settled()
    assert [row.legacy_id for row in await rooms.host.store.all_rooms()] == [world.raleigh.room]


async def test_a_big_room_comes_in_stanzas_that_servers_take(world: World) -> None:
    status = "é" * 400
    many = [local_member("wayne")]
    world.group(*many)
    await world.raleigh.joined("wayne")
    live = world.fairfax.gateway.rooms.of("", GroupId("g1"))
    for n in range(1500):
        person = Somebody(
            member=MemberId(f"m{n}"), id=OccupantId(f"o{n}"), name=f"Member {n}", status=status
        )
        seen(live.room, person)
    await world.raleigh.start(forgets=True)
    world.link.forget()
    await world.raleigh.joined("wayne")
    parts = [s for s in world.link.down if shape(s) == "iq set roster"]
    assert len(parts) > 3
    assert max(len(ET.tostring(part, "utf-8")) for part in parts) < 256 * 1024
    copy = world.raleigh.mirror.copies[world.fairfax.room]
    assert sum(1 for _ in copy.room.occupants()) == 1501


async def test_a_long_past_comes_in_stanzas_that_servers_take(world: World) -> None:
    world.group(*OPEN, *LOCALS)
    world.fairfax.gateway.rates.per_minute = {}
    (scott,) = await world.direct("scott")
    for n in range(40):
        scott.sends("<message to='{room}' type='groupchat' id='{id}'><body>{text}</body></message>",
                    id=f"m{n}", text="x" * 19_000)  # fmt: skip
    await scott.receives("<message id='m39'/>")
    wayne = world.raleigh.person("wayne")
    await wayne.joins("Wayne")
    (said,) = [s for s in world.link.down if shape(s) == "iq result history"]
    assert 180_000 < len(ET.tostring(said)) < 256 * 1024
    live = world.raleigh.mirror.copies[world.fairfax.room].live
    kept = await live.host.archive.history(live.id, limit=1000)
    assert 'id="m39"' in kept[-1].stanza
    assert 8 < len(kept) < 40


@pytest.mark.parametrize(
    "limits", ["maxstanzas='2'", "maxchars='700'", "seconds='0'", "since='2100-01-01T00:00:00Z'"]
)
@pytest.mark.requirement("D-042")
async def test_d_042_a_mirror_may_limit_the_history_it_asks_for(world: World, limits: str) -> None:
    scott, *_ = await everybody(world)
    for n in range(5):
        scott.sends("<message to='{room}' type='groupchat' id='{id}'><body>Hi</body></message>",
                    id=f"m{n}")  # fmt: skip
    await scott.receives("<message id='m4'/>")
    world.fairfax.feed(
        "<iq type='get' id='history' to='{room}/Wayne'>"
        "<room xmlns='urn:xmpp:dmuc:0' id='{room}'>"
        f"<history xmlns='http://jabber.org/protocol/muc' {limits}/></room></iq>",
        MIRROR,
    )
    await world.settled()
    (answer,) = [s for s in world.fairfax.wire.stanzas if s.get("id") == "history"]
    ids = [m.get("id") for m in answer.iterfind("{*}history/{*}message")]
    wanted = {"maxstanzas='2'": ["m3", "m4"], "maxchars='700'": ids[-2:]}
    assert ids == wanted.get(limits, [])
    assert "maxchars" not in limits or 0 < len(ids) < 5


async def test_only_a_mirror_that_has_users_here_is_told_what_was_said(world: World) -> None:
    world.group(*OPEN, *LOCALS)
    (scott,) = await world.direct("scott")
    scott.sends("<message to='{room}' type='groupchat' id='m'><body>Hi</body></message>")
    await scott.receives("<message id='m'/>")
    ask = (
        "<iq type='get' id='h' to='{room}'><room xmlns='urn:xmpp:dmuc:0' id='{room}'>"
        "<history xmlns='http://jabber.org/protocol/muc'/></room></iq>"
    )
    for asker in (MIRROR, "mirror.evil.example", f"scott@{RALEIGH}/x"):
        world.fairfax.feed(ask, asker)
    await world.settled()
    answers = [s for s in world.fairfax.wire.stanzas if s.get("id") == "h"]
    assert [a.get("type") for a in answers] == ["error"] * 3
    for answer in answers:
        lacks(answer, "message")


async def test_a_room_that_keeps_its_past_from_newcomers_does_so_behind_a_mirror(
    world: World,
) -> None:
    world.group(*OPEN, *LOCALS, history_visible=False)
    (scott,) = await world.direct("scott")
    scott.sends("<message to='{room}' type='groupchat' id='m'><body>Before</body></message>")
    await scott.receives("<message id='m'/>")
    (wayne,) = await world.raleigh.joined("wayne")
    scott.sends("<message to='{room}' type='groupchat' id='n'><body>After</body></message>")
    await wayne.hears_only("<message id='n'/>")
    keith = world.raleigh.person("keith")
    await keith.joins("Keith")
    for stanza in world.raleigh.wire.stanzas:
        if stanza.get("to") == keith.jid:
            lacks(stanza, "body")
