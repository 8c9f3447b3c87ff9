"""Nicknames: what XMPP can carry, and one to each person (XEP-0045 §17.1)."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from slixmpp import JID

from gateway.errors import Refused
from gateway.render.xml import attribute
from gateway.room.nick import LONGEST, carried, free_nick, rename, takeable
from legacy_backend.terms import Affiliation
from tests.room.people import check, person, room, seat

ANYTHING = st.text(st.characters(categories=None, exclude_categories=[]), max_size=40) | st.text()


@pytest.mark.requirement("ADDR-02", "TRAP-08")
@given(ANYTHING)
@example("\ud800")
@example("\u0627a")  # directions that the profile does not mix
@example("\ufdfa" * 400)  # grows when it is normalised
@example("\u1e9b\u0323")
@example("\u2126")
@example("a\u3000b")
@example("\ufeff\u2060x")
@example("\U000e0001x")
@example("x" * 5000)
@example("\U0001f600" * 300)
def test_addr_02_whatever_is_carried_is_a_resource(name: str) -> None:
    nick = carried(name)
    if not nick:
        return
    assert len(nick.encode()) <= LONGEST
    jid = JID(f"a@b/{nick}")  # raises for what the profile forbids
    assert jid.resource == nick  # and is what servers make of it
    assert carried(nick) == nick
    assert nick == nick.strip()
    parsed = ET.fromstring(f'<p from="a@b/{attribute(nick)}"/>')
    assert parsed.get("from") == f"a@b/{nick}"


@pytest.mark.parametrize(
    ("name", "nick"),
    [
        ("Ada", "Ada"),
        ("  Ada \t Lovelace\n", "Ada Lovelace"),
        ("Ada\x00\x07", "Ada"),
        ("\ud83d", ""),
        ("", ""),
        ("   ", ""),
        ("\u200b\u200c", ""),
        ("Zoe\u0308", "Zo\u00eb"),
        ("a/b@c", "a/b@c"),
        ("Ada \U0001f600", "Ada :grinning_face:"),  # newer than the profile, as are these
        ("\U0001f469\u200d\U0001f4bb", ":woman::personal_computer:"),
        ("\U0001f44d\U0001f3fd \U0001f1e9\U0001f1ea", ":thumbs_up_sign: DE"),
        ("\u2764\ufe0f", "\u2764"),
        ("Stra\u1e9ee \U0001e900", "Strasse"),
    ],
)
@pytest.mark.requirement("ADDR-03")
def test_addr_02_what_becomes_of_names(name: str, nick: str) -> None:
    assert carried(name) == nick


@pytest.mark.requirement("ADDR-02", "ADDR-04")
@given(st.lists(st.tuples(ANYTHING, st.text(max_size=5)), max_size=20))
@example([("x" * 2000, "1"), ("x" * 2000, "2"), ("x" * 2000, "2")])
@example([("\u0627", "a")] * 3)
def test_addr_04_everybody_gets_a_name_of_their_own(wishes: list[tuple[str, str]]) -> None:
    place = room()
    for number, (wish, fallback) in enumerate(wishes):
        nick = free_nick(place, wish, None, fallback)
        assert carried(nick) == nick
        assert nick not in place.nicks
        new = person(f"P{number}")
        new.nick = nick
        place.file(new)
    check(place)


def test_addr_04_two_hundred_namesakes() -> None:
    place = room()
    for number in range(200):
        new = person(f"P{number}")
        new.nick = free_nick(place, "Ada", None, "\u200b")
        place.file(new)
    assert len(place.nicks) == 200


@pytest.mark.parametrize(
    ("nick", "condition"),
    [("bao", "conflict"), ("DAN", "conflict"), ("\u200b", "jid-malformed"), ("", "jid-malformed")],
)
@pytest.mark.requirement("JOIN-19", "NICK-06", "NICK-09")
def test_nick_06_what_is_not_to_be_had(nick: str, condition: str) -> None:
    away = person("DAN")
    away.present = False
    ada = person("ada")
    with pytest.raises(Refused) as no:
        takeable(room(ada, person("bao"), away), ada, nick)
    assert no.value.condition == condition


def test_nick_06_ones_own_name_and_that_of_the_banned_are_free() -> None:
    ada = person("ada")
    place = room(ada, person("BAD:outcast"))
    assert takeable(place, ada, " ada ") == "ada"
    assert takeable(place, ada, "BAD") == "BAD"


@pytest.mark.requirement("NICK-02", "NICK-05")
def test_nick_02_a_change_is_shown_once() -> None:
    ada, bao = person("ada"), person("bao")
    place = room(ada, bao)
    own, other = seat(place, ada), seat(place, bao)
    shown = rename(place, ada, "Countess", codes=(210,))
    assert [(d.seats, d.fact.codes) for d in shown] == [
        ((own, other), (303,)),
        ((own,), (210,)),
        ((other,), ()),
    ]
    assert rename(place, ada, "Countess") == []
    check(place)


def test_nick_02_the_banned_reserve_no_name() -> None:
    bad = person("BAD:outcast")
    place = room(bad)
    assert rename(place, bad, "Good") == []
    assert bad.affiliation is Affiliation.OUTCAST
    check(place)
