"""Ids as localparts, and back (XEP-0106)."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from slixmpp import JID

from gateway.escaping import CHARACTERS, SEQUENCES, escape, unescape
from gateway.store.address import is_plain
from tests.stage import Stage


@pytest.mark.requirement("ESC-01", "ESC-02")
@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("space cadet", r"space\20cadet"),
        ('call me "ishmael"', r"call\20me\20\22ishmael\22"),
        ("at&t guy", r"at\26t\20guy"),
        ("d'artagnan", r"d\27artagnan"),
        ("/.fanboy", r"\2f.fanboy"),
        ("::foo::", r"\3a\3afoo\3a\3a"),
        ("<foo>", r"\3cfoo\3e"),
        ("user@host", r"user\40host"),
        (r"c:\net", r"c\3a\net"),
        (r"c:\\net", r"c\3a\\net"),
        (r"c:\cool stuff", r"c\3a\cool\20stuff"),
        (r"c:\5commas", r"c\3a\5c5commas"),
        (r"\41", r"\41"),
        (r"\3and\2is\5cool", r"\5c3and\2is\5c5cool"),
    ],
)
def test_the_examples_of_the_standard(text: str, escaped: str) -> None:
    assert escape(text) == escaped
    assert unescape(escaped) == text


@pytest.mark.requirement("ESC-05")
@pytest.mark.parametrize("text", [r"\41", r"\2F", r"\2", "\\", r"\zz", r"\5C", "plain"])
def test_what_is_no_sequence_stays(text: str) -> None:
    assert unescape(text) == text


@pytest.mark.requirement("ESC-01", "ESC-02", "ESC-05")
@given(st.text(st.sampled_from(r"""\ "&'/:<>@0234567acefAF"""), max_size=20) | st.text())
@example(r"\5c5c20")
@example("\\\\20")
def test_whatever_is_escaped_comes_back(text: str) -> None:
    escaped = escape(text)
    assert unescape(escaped) == text
    assert not re.search(r"""[ "&'/:<>@]""", escaped)


@pytest.mark.requirement("ESC-01")
def test_sequences_are_in_small_letters() -> None:
    assert all(sequence == sequence.lower() for sequence in CHARACTERS)
    assert {int(s[1:], 16): c for c, s in SEQUENCES.items()} == {ord(c): c for c in SEQUENCES}


@pytest.mark.requirement("ESC-03")
@pytest.mark.parametrize("id", [" g", "g ", " "])
def test_a_space_at_the_end_is_no_part_of_an_address(id: str) -> None:
    assert not is_plain(escape(id))


@pytest.mark.requirement("ESC-03", "ESC-04", "ESC-06", "ADDR-01")
async def test_ids_that_servers_would_confuse_have_rooms_of_their_own(stage: Stage) -> None:
    ids = ["Team", "team", "TEAM", " team", "team ", "te am", r"te\20am", "tea/m"]
    jids = []
    for id in ids:
        stage.group("ada", id=id)
    await stage.person("ada").joins(room="team@{gw}")
    (session,) = stage.gateway.sessions()
    for id in ids:
        muc = await session.bookmarks.by_legacy_id(id)
        jids.append(str(muc.jid))
        assert JID(str(muc.jid)).bare == str(muc.jid), "servers would write it otherwise"
        assert (await session.bookmarks.by_jid(JID(str(muc.jid)))).legacy_id == id
    assert len(set(jids)) == len(ids)
    assert jids[1].startswith("team@")
    assert jids[5] == r"te\20am@gw.example.org"
    # an address is compared as it is written: the same without escaping is another
    assert stage.gateway.rooms.at(session.user_jid.bare, "te am") is None


@pytest.mark.requirement("ESC-04", "ESC-06")
async def test_people_whom_servers_would_confuse_have_addresses_of_their_own(stage: Stage) -> None:
    addresses = stage.gateway.rooms.host.addresses
    people = ["cyd", "Cyd", "CYD", " cyd", "c yd", r"c\20yd", "c@example.org"]
    localparts = [addresses.localpart(person) for person in people]
    assert len(set(localparts)) == len(people)
    assert [addresses.member(localpart) for localpart in localparts] == people
    assert all(is_plain(localpart) for localpart in localparts)
