"""Addresses at a mirror, and who may speak for whom."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Refused
from gateway.mirror.addresses import at_mirror, original, with_resource
from gateway.mirror.rewriting import other_rooms, readdress
from gateway.mirror.trust import Trust

M = "mirror.raleigh.example"


@pytest.mark.parametrize(
    ("jid", "address"),
    [
        ("wayne@raleigh.example/TransVerse", rf"wayne\40raleigh.example@{M}/TransVerse"),
        ("wayne@raleigh.example", rf"wayne\40raleigh.example@{M}"),
        (r"d\27artagnan@raleigh.example/a/b@c", rf"d\5c27artagnan\40raleigh.example@{M}/a/b@c"),
    ],
)
@pytest.mark.requirement("D-052")
def test_d_052_an_address_at_a_mirror_and_back(jid: str, address: str) -> None:
    assert at_mirror(jid, M) == address
    assert original(address) == jid


@given(st.from_regex(r"[a-z\\0-9'&]{1,40}@[a-z.]{1,20}(/[ -~]{1,40})?", fullmatch=True))
def test_every_address_comes_back(jid: str) -> None:
    assert original(at_mirror(jid, M)) == jid


@pytest.mark.parametrize(
    "jid", ["", M, f"wayne@{M}", rf"\40raleigh.example@{M}", rf"wayne\40@{M}",
            rf"wayne\40raleigh.example\2fx@{M}/y", rf"a\40b\40c@{M}", rf"a\5c40b@{M}"],
)  # fmt: skip
def test_what_stands_for_nobody(jid: str) -> None:
    assert original(jid) == ""


@pytest.mark.requirement("D-054")
def test_d_054_the_protocols_own_form_has_the_resource_in_the_localpart() -> None:
    assert with_resource(rf"wayne\40raleigh.example\2ftransverse@{M}") == (
        "wayne@raleigh.example/transverse"
    )
    assert with_resource(rf"wayne\40raleigh.example@{M}") == ""


def test_an_address_that_is_too_long_is_refused() -> None:
    with pytest.raises(Refused, match="jid-malformed"):
        at_mirror(f"{'@' * 400}x@raleigh.example", M)


@pytest.mark.requirement("D-103")
def test_d_103_a_mirror_speaks_for_its_own_domains_only() -> None:
    trust = Trust({M: ["raleigh.example"]})
    wayne = at_mirror("wayne@raleigh.example/x", M)
    assert (trust.mirror_of(wayne), trust.user(wayne)) == (M, "wayne@raleigh.example")
    assert trust.behind(wayne) == "wayne@raleigh.example/x"
    for other in (
        at_mirror("wayne@fairfax.example/x", M),
        at_mirror("wayne@raleigh.example/x", "mirror.evil.example"),
        at_mirror("wayne@sub.raleigh.example/x", M),
        "wayne@raleigh.example/x",
        f"wayne@{M}",
        M,
    ):
        assert trust.mirror_of(other) == ""
        assert trust.behind(other) == other
    assert Trust().mirror_of(wayne) == ""


def test_a_rooms_address_is_put_for_the_other_wherever_it_stands() -> None:
    stanza = ET.fromstring(
        "<message from='r@c/Ada' to='x'><body>xmpp:r@c is here</body>"
        "<delay xmlns='urn:xmpp:delay' from='r@c'/><reply xmlns='urn:xmpp:reply:0' to='r@c/Bao'/>"
        "<x xmlns='jabber:x:data'><field><value>r@c/Bao</value><value>r@cc</value></field></x>"
        "<x xmlns='jabber:x:conference' jid='other@c'/><item jid='cyd@c'/>"
        "<reference xmlns='urn:xmpp:reference:0' uri='xmpp:r@c/Bao'/>"
        "<reference xmlns='urn:xmpp:reference:0' uri='xmpp:r@cc/Bao'/></message>"
    )
    readdress(stanza, "r@c", r"r\40c@m")
    other_rooms(stanza, lambda jid: r"other\40c@m" if jid == "other@c" else "")
    text = ET.tostring(stanza, encoding="unicode")
    assert text.count(r"r\40c@m") == 5  # with that in other\40c@m
    assert "xmpp:r@c is here" in text
    assert 'uri="xmpp:r%5C40c@m/Bao"' in text
    assert 'uri="xmpp:r@cc/Bao"' in text
    assert "r@cc" in text
    assert "cyd@c" in text
    readdress(stanza, r"r\40c@m", "r@c")
    assert 'uri="xmpp:r@c/Bao"' in ET.tostring(stanza, encoding="unicode")
    assert r"other\40c@m" in text
