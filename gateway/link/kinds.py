"""Asking handlers about stanzas of the kind that they are for, and no others."""

from __future__ import annotations

import re
from typing import Any

from slixmpp.xmlstream.handler.base import BaseHandler
from slixmpp.xmlstream.matcher import StanzaPath
from slixmpp.xmlstream.matcher.base import MatcherBase

FIRST = re.compile(r"(?:iq|message|presence)\b")


class OfKind(MatcherBase):
    """What a matcher says of stanzas with a name; False for all others."""

    def __init__(self, name: str, matcher: MatcherBase) -> None:
        super().__init__(matcher._criteria)
        self._name = name
        self._matcher = matcher

    def match(self, stanza: Any) -> bool:
        return stanza.name == self._name and self._matcher.match(stanza)


def ask_of_kind(handler: BaseHandler) -> None:
    """Have a handler asked about stanzas of one kind, where its path begins with that.

    COMPAT: slixmpp 1.17 has each of more than a hundred handlers split its path, twice, for each
    stanza, only to see that it begins otherwise.
    """
    matcher = handler._matcher
    if isinstance(matcher, StanzaPath) and (kind := FIRST.match(matcher._raw_criteria)):
        handler._matcher = OfKind(kind[0], matcher)
