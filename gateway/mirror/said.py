"""What users of ours have said and the master has not accepted yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.etree import ElementTree as ET

from gateway.render.xml import COMPONENT_NS, attribute, stamp


@dataclass(slots=True)
class Said:
    """A message of somebody of ours, which outlasts the process. `inner` is what it has for the
    master, as XML, `text` what the others here are shown, `shown` whether they were. `tries` is how
    often it was sent again."""

    jid: str
    nick: str
    id: str
    lang: str
    inner: str
    text: str
    at: datetime
    shown: bool
    tries: int = 0

    @property
    def key(self) -> tuple[str, str]:
        return self.nick, self.id

    @property
    def late(self) -> str:
        """For the master: when it was said, and by whom."""
        by = attribute(self.jid.partition("/")[0])
        return f'<delay xmlns="urn:xmpp:delay" from="{by}" stamp="{stamp(self.at)}"/>'

    def element(self) -> ET.Element:
        """What is shown, as an element of the component's stream."""
        text = self.text.replace(" ", f' xmlns="{COMPONENT_NS}" ', 1)
        return ET.fromstring(text)  # noqa: S314  (we wrote it)

    def written(self) -> list[Any]:
        """As JSON values."""
        told = [self.jid, self.nick, self.id, self.lang, self.inner, self.text]
        return [*told, self.at.isoformat(), self.shown]

    @classmethod
    def read(cls, values: list[Any]) -> Said:
        """What `written` made."""
        jid, nick, ident, lang, inner, text, at, *more = values
        shown = bool(more[0]) if more else True  # when only what was shown was kept
        return cls(jid, nick, ident, lang, inner, text, datetime.fromisoformat(at), shown)
