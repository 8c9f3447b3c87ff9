"""What crosses the links between masters and mirrors, counted where it passes our own stream."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from gateway.group.rooms import SHARED, Rooms
from gateway.mirror.addresses import split
from gateway.mirror.crossed import Crossed
from gateway.render.xml import serialised
from gateway.room.mirrored import behind

if TYPE_CHECKING:
    from gateway.mirror.mirror import Mirror

TO, FROM = (re.compile(rb' %s="(?:([^"@/]*)@)?([^"/]*)' % name) for name in (b"to", b"from"))
"""The first such attribute of what we write ourselves is the stanza's own: quotes in values are
escaped, and no stanza of ours is without."""


@dataclass(slots=True, eq=False)
class Meter:
    """Counts in all, by the domain of the other end, and for each room.

    Bytes are those of the stanzas as our own server has them; what servers add to them, and what
    encryption does, is not among them. What is said to be saved is what plain MUC would have sent
    besides: each presence and message that a mirror was told once, for each further client there.
    Joins, which plain MUC answers with everybody's presence, are not reckoned with, and what
    the protocol itself costs is among the bytes.
    """

    rooms: Rooms
    trusted: frozenset[str]
    """The domains of mirrors of ours."""
    mirror: Mirror | None
    """The one that we are ourselves, if we are."""
    now: Callable[[], datetime]
    masters: dict[str, Crossed] = field(default_factory=dict)
    mirrors: dict[str, Crossed] = field(default_factory=dict)

    def sent(self, data: bytes, stanzas: int) -> None:
        """Count what is written, if it goes over a link."""
        to = TO.search(data)
        if to is None:
            return
        domain = to[2].decode()
        if not self._is_end(domain):
            return
        local, origin = (to[1] or b"").decode(), FROM.search(data)
        own = (origin[1] or b"").decode() if origin is not None else ""
        once = not local and not data.startswith(b"<iq")
        self._count(domain, local, own, len(data), stanzas, down=self._serves(domain, own),
                    once=once)  # fmt: skip

    def came(self, stanza: ET.Element) -> None:
        """Count what comes, if it came over a link."""
        local, domain, _ = split(stanza.get("from", ""))
        if not self._is_end(domain):
            return
        own = split(stanza.get("to", ""))[0]
        once = not own and not stanza.tag.endswith("}iq")
        size = len(serialised(stanza).encode())
        self._count(domain, local, own, size, 1, down=not self._serves(domain, own), once=once)

    def _is_end(self, domain: str) -> bool:
        return domain in self.trusted or (
            self.mirror is not None and domain in self.mirror.terms.masters
        )

    def _serves(self, domain: str, own: str) -> bool:
        """Whether a domain is a mirror of ours in this stanza, and not a master: one that is both
        is told by our end's localpart, which for a mirror is nobody's or a user's."""
        if domain not in self.trusted:
            return False
        both = self.mirror is not None and domain in self.mirror.terms.masters
        return not (both and (not own or "\\40" in own))

    def _count(
        self, domain: str, local: str, own: str, size: int, stanzas: int, *, down: bool, once: bool
    ) -> None:
        if self._serves(domain, own):
            live = self.rooms.at(SHARED, own) if own else None
            clients = len(behind(live.room, domain)) if live is not None else 0
            one = live.crossed.setdefault(domain, Crossed(self.now())) if clients and live else None
            total = self.mirrors.setdefault(domain, Crossed(self.now()))
        else:
            copy = self.mirror.copies.get(f"{local}@{domain}") if self.mirror is not None else None
            clients = len(copy.room.seats) if copy is not None else 0
            one = copy.crossed if copy is not None else None
            total = self.masters.setdefault(domain, Crossed(self.now()))
        saved = size * max(0, clients - 1) if down and once else 0
        for crossed in filter(None, (one, total)):
            crossed.count(size, stanzas, down=down, saved=saved)
