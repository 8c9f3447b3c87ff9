"""Read an XMPP stream fast enough not to be what is measured.

Keeps of a stanza only what the benchmark asks about. Built on expat itself, since slixmpp builds
and matches a tree for each stanza and would be the slowest link of the chain.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from xml.parsers import expat

TEXTS = {"body", "jid"}


@dataclass(slots=True)
class Stanza:
    """`texts`: of body and jid, by name; `names`: of all elements inside, with prefix."""

    name: str
    attrs: dict[str, str]
    names: set[str] = field(default_factory=set)
    codes: set[str] = field(default_factory=set)
    texts: dict[str, str] = field(default_factory=dict)

    @property
    def sender(self) -> str:
        return self.attrs.get("from", "")

    @property
    def type(self) -> str:
        return self.attrs.get("type", "")


class StreamParser:
    """Calls `on_stanza` for each child of the stream."""

    def __init__(self, on_stanza: Callable[[Stanza], None]) -> None:
        self._on_stanza = on_stanza
        self._depth = 0
        self._stanza: Stanza
        self._text: list[str] | None = None
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters

    def feed(self, data: bytes) -> None:
        self._parser.Parse(data)

    def _start(self, name: str, attrs: dict[str, str]) -> None:
        self._depth += 1
        if self._depth == 2:
            self._stanza = Stanza(name, attrs)
        elif self._depth > 2:
            self._stanza.names.add(name)
            if name in TEXTS:
                self._text = []
            elif name == "status" and "code" in attrs:
                self._stanza.codes.add(attrs["code"])

    def _end(self, name: str) -> None:
        self._depth -= 1
        if self._text is not None and name in TEXTS:
            self._stanza.texts[name] = "".join(self._text)
            self._text = None
        elif self._depth == 1:
            self._on_stanza(self._stanza)

    def _characters(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)
