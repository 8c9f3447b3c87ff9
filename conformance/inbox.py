"""All that a client has received and no test has asked for yet, in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from xml.etree import ElementTree as ET

from conformance.xml import PREFIXES, matches, parse, show

Predicate = Callable[[ET.Element], bool]

Wanted = str | Predicate
"""A stanza as XML (what is written must be there), an XPath from the stanza, or a predicate."""


def predicate(wanted: Wanted, names: Mapping[str, object]) -> Predicate:
    """Whether a stanza is the wanted one, as a function."""
    if callable(wanted):
        return wanted
    if wanted.lstrip().startswith("<"):
        pattern = parse(wanted, names)
        return lambda stanza: matches(pattern, stanza)
    path = wanted
    for name, value in names.items():
        path = path.replace("{" + name + "}", str(value))

    def at_path(stanza: ET.Element) -> bool:
        # The path begins with the stanza itself, so it is looked for from a parent.
        parent = ET.Element("stream")
        parent.append(stanza)
        return parent.find(path, PREFIXES) is not None

    return at_path


class Inbox:
    """Stanzas in the order of their arrival."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.stanzas: list[ET.Element] = []
        self.everything: list[ET.Element] = []
        """All that ever arrived, taken or not."""
        self._arrived = asyncio.Event()

    def put(self, stanza: ET.Element) -> None:
        self.stanzas.append(stanza)
        self.everything.append(stanza)
        self._arrived.set()

    def take(self, is_wanted: Predicate, start: int = 0) -> tuple[int, ET.Element] | None:
        """Remove the first wanted stanza at or after `start`; return where it was, and itself."""
        for index in range(start, len(self.stanzas)):
            if is_wanted(self.stanzas[index]):
                return index, self.stanzas.pop(index)
        return None

    async def expect(
        self, is_wanted: Predicate, timeout: float, start: int = 0, what: object = ""
    ) -> tuple[int, ET.Element]:
        """As `take`, but waits for it. Raises AssertionError after `timeout` seconds."""
        looked_at = start
        try:
            async with asyncio.timeout(timeout):
                while True:
                    self._arrived.clear()
                    found = self.take(is_wanted, looked_at)
                    if found is not None:
                        return found
                    # Only what is new need be looked at: joins of rooms with thousands of
                    # occupants would otherwise take quadratic time.
                    looked_at = len(self.stanzas)
                    await self._arrived.wait()
        except TimeoutError:
            raise AssertionError(self._missing(what or is_wanted, timeout, start)) from None

    def _missing(self, what: object, timeout: float, start: int) -> str:
        rest = self.stanzas[start:]
        shown = "\n".join(show(stanza) for stanza in rest[-30:]) or "nothing"
        return (
            f"{self.owner} did not receive this in {timeout:g} seconds: {what}\n"
            f"What did arrive and nobody has asked for ({len(rest)}):\n{shown}"
        )
