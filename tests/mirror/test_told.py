"""What a master tells is read as it was written: the set-up, the people, their presence."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from gateway.errors import Refused
from gateway.mirror.downlink import accepted
from gateway.mirror.roster import complete, read_roster, rosters
from gateway.mirror.setup import config, read_config
from gateway.mirror.told import read_presence
from gateway.render.presence import presence
from gateway.room.state import (
    Appearance,
    Destroyed,
    Hat,
    Occupant,
    OccupantId,
    Room,
    RoomConfig,
)
from legacy_backend import GroupId, MemberId, Role
from legacy_backend.terms import Affiliation


@pytest.mark.requirement("D-036")
def test_d_036_a_configuration_is_read_as_it_was_but_for_the_password() -> None:
    whole = RoomConfig(
        name="Chat <&>", description="", members_only=True, moderated=True, password="secret",
        max_users=50, anonymous=True, private_messages="none", public_log=True,
        shown_roles=frozenset({Role.MODERATOR}), history_max=7, language="de",
    )  # fmt: skip
    told = config(whole)
    assert "secret" not in told
    read = read_config(ET.fromstring(told))
    whole.password = ""
    assert read == whole


def test_a_configuration_that_cannot_be_is_refused() -> None:
    with pytest.raises(Refused, match="not-acceptable"):
        read_config(ET.fromstring(config(RoomConfig()).replace(">100<", ">lots<")))


def room_of(*people: Occupant) -> Room:
    room = Room("r@c", GroupId("r"))
    for person in people:
        room.file(person)
    return room


SCOTT = Occupant(
    MemberId("1"), OccupantId("o1"), 'Sc"ott', Affiliation.OWNER, jid="scott@f.example/x",
    show="away", status="<lunch>", hats=(Hat("urn:h", "Cook", "30"),), photo="abc",
)  # fmt: skip


@pytest.mark.requirement("D-038")
@pytest.mark.parametrize("with_jid", [True, False])
def test_d_038_a_roster_is_read_as_it_was(with_jid: bool) -> None:
    kevin = Occupant(MemberId("2"), OccupantId("o2"), "Kevin", present=False)
    (text,) = rosters(room_of(SCOTT, kevin), but=None, with_jid=with_jid)
    roster = ET.fromstring(text)
    assert complete(roster)
    (told,) = read_roster(roster)
    assert (told.nick, told.affiliation, told.role) == ('Sc"ott', "owner", Role.MODERATOR)
    assert (told.occupant_id, told.jid) == ("o1", "scott@f.example" if with_jid else None)
    assert (told.looks.show, told.looks.status) == ("away", "<lunch>")
    assert (told.looks.hats, told.looks.photo) == (SCOTT.hats, "abc")


def test_a_roster_as_in_the_protocols_example_is_read() -> None:
    roster = ET.fromstring(
        "<roster xmlns='urn:xmpp:dmuc:0'><item affiliation='owner' jid='scott@f.example' "
        "name='Scott'/><item affiliation='nonsense' role='king' nick='Kevin'/><item/></roster>"
    )
    scott, kevin = read_roster(roster)
    assert (scott.nick, scott.jid, scott.rank) == ("Scott", "scott@f.example", Affiliation.OWNER)
    assert (kevin.nick, kevin.role, kevin.rank) == ("Kevin", None, Affiliation.NONE)


def test_a_presence_is_read_as_it_was() -> None:
    room = room_of(SCOTT)
    fact = Appearance(
        room.face(SCOTT, gone=True), available=False, codes=(307,), actor="Kevin", reason="Spam",
        new_nick="S", destroyed=Destroyed("x@c", "Bye"),
    )  # fmt: skip
    splice = presence("r@c", fact, with_jid=True)
    told = read_presence(_in_stream(splice.to("m")))
    assert told is not None
    assert not told.available
    assert (told.codes, told.actor, told.reason) == ((307,), "Kevin", "Spam")
    assert (told.new_nick, told.destroyed) == ("S", Destroyed("x@c", "Bye"))


@pytest.mark.parametrize(
    "xml",
    [
        "<presence from='r@c/x'/>",
        "<presence from='r@c'><x xmlns='http://jabber.org/protocol/muc#user'/></presence>",
        (
            "<presence from='r@c/x' type='subscribe'>"
            "<x xmlns='http://jabber.org/protocol/muc#user'/></presence>"
        ),
    ],
)
def test_a_presence_that_is_no_occupants_is_none(xml: str) -> None:
    assert read_presence(_in_stream(xml.encode())) is None


def test_of_an_accepted_message_the_ids_are_left() -> None:
    splice = accepted(
        '<message from="r@c/A&gt;" type="groupchat" id="m1"><body>Words</body>'
        '<stanza-id xmlns="urn:xmpp:sid:0" id="forged" by="x"/>'
        '<occupant-id xmlns="urn:xmpp:occupant-id:0" id="o"/>'
        '<stanza-id xmlns="urn:xmpp:sid:0" id="s1" by="r@c"/></message>'
    )
    note = _in_stream(splice.to("m"))
    assert [child.tag.partition("}")[2] for child in note] == [
        "accepted", "occupant-id", "stanza-id"
    ]  # fmt: skip
    assert (note.get("id"), note[2].get("id")) == ("m1", "s1")


def _in_stream(data: bytes) -> ET.Element:
    return ET.fromstring(b"<stream xmlns='jabber:component:accept'>" + data + b"</stream>")[0]
