"""Handlers are asked about stanzas of their kind alone."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from slixmpp import Presence
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath, StanzaPath

from gateway.link.kinds import OfKind, ask_of_kind

NS = "jabber:client"


def presence() -> Presence:
    xml = f"<presence xmlns='{NS}' from='a@b/c'><status>Well</status></presence>"
    return Presence(xml=ET.fromstring(xml))


@pytest.mark.parametrize(
    ("path", "matches"),
    [
        ("presence", True),
        ("presence@type=unavailable", False),
        ("presence/status", True),
        ("message", False),
        ("message/body", False),
        ("iq@type=get", False),
    ],
)
def test_the_answer_is_the_same(path: str, matches: bool) -> None:
    handler = Callback("Any", StanzaPath(path), lambda _: None)
    before = handler.match(presence())
    ask_of_kind(handler)
    assert isinstance(handler._matcher, OfKind)
    after = handler.match(presence())
    assert bool(before) is bool(after) is matches


def test_others_are_left_as_they_are() -> None:
    for matcher in (StanzaPath("/iq@to=x/register"), MatchXPath(f"{{{NS}}}presence")):
        handler = Callback("Any", matcher, lambda _: None)
        ask_of_kind(handler)
        assert handler._matcher is matcher
