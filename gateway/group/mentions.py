"""Whom a text names: nicknames in it that stand for contacts."""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING, Any

from slidge.util.types import Mention

if TYPE_CHECKING:
    from gateway.group.muc import LegacyMUC

_EDGE = string.whitespace + "!\"'(),.:;?@_"


def mentions_in(muc: LegacyMUC[Any], text: str) -> tuple[Mention, ...]:
    """The mentions in a text, in its order; the longer of two nicknames wins."""
    named = [person for person in muc.room.people.values() if len(person.nick) > 1]
    nicks = {person.nick: person for person in named if person.nick in text}
    if not nicks:
        return ()
    pattern = "|".join(re.escape(nick) for nick in sorted(nicks, key=len, reverse=True))
    found = []
    for match in re.finditer(pattern, text):
        start, end = match.span()
        if (start and text[start - 1] not in _EDGE) or (end < len(text) and text[end] not in _EDGE):
            continue
        mention = muc.mention(nicks[match.group()], start, end)
        if mention is not None:
            found.append(mention)
    return tuple(found)
