"""How we look to the others of a room (RFC 6121 §4.7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from legacy_backend.xmpp.muc.language import LanguageMap
from legacy_backend.xmpp.muc.names import CLIENT, XML_LANG, append, element
from legacy_backend.xmpp.muc.states import SHOWS, PresenceState

Status = str | Mapping[str | None, str] | None
"""A text, or one for each language."""


@dataclass(frozen=True, slots=True)
class OwnPresence:
    """Plainly available, unless something else is said."""

    state: PresenceState = PresenceState(True)  # noqa: RUF009 - frozen
    status: LanguageMap = field(default_factory=LanguageMap)
    priority: int = 0

    @classmethod
    def checked(cls, state: PresenceState, status: Status, priority: int) -> OwnPresence:
        """Raises ValueError if this is no presence of somebody who is there."""
        if not state.available:
            raise ValueError("who is not available is not in a room: leave it")
        if state.show and state.show not in SHOWS:
            raise ValueError(f"no availability: {state.show!r}")
        if not -128 <= priority <= 127:
            raise ValueError(f"a priority is from -128 to 127, not {priority}")
        texts = LanguageMap()
        texts.update({None: status} if isinstance(status, str) else status or {})
        return cls(state, texts, priority)

    def payload(self) -> list[ET.Element]:
        """What of it is not as one would think without."""
        xml = ET.Element("presence")
        append(xml, CLIENT, "show", self.state.show or None)
        for language, text in self.status.items():
            status = element(CLIENT, "status", text)
            if language is not None:
                status.set(XML_LANG, language)
            xml.append(status)
        append(xml, CLIENT, "priority", str(self.priority) if self.priority else None)
        return list(xml)
