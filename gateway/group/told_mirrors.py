"""What the mirrors of a room are told: each fact once, for all of its users there, numbered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from gateway.mirror.downlink import admitted, introduction, state, told_config, told_roster
from gateway.mirror.numbers import Count, numbered
from gateway.render.message import notice
from gateway.render.presence import presence
from gateway.render.xml import Splice
from gateway.room.mirrored import sees_jids
from gateway.room.state import Appearance, Delivery, Notice, Occupant, Standing
from legacy_backend.terms import Stretch

if TYPE_CHECKING:
    from gateway.group.live import LiveRoom


class ToldMirrors:
    """Tells the mirrors of one room what happens in it."""

    def __init__(self, live: LiveRoom) -> None:
        self._live = live
        self._counts: dict[str, Count] = {}
        self._sharp_eyed: set[str] = set()
        """Those that were told real JIDs."""
        self._last: dict[str, object] = {}
        """What each was told last: who is put out is told that before the others are."""

    def count(self, mirror: str) -> Count:
        """What was told a mirror, and by it."""
        return self._counts.setdefault(mirror, Count())

    def forget(self, mirror: str) -> None:
        """A mirror is lost: what it sends next begins anew."""
        self.count(mirror).heard = None

    def write(self, mirror: str, data: bytes) -> None:
        """Send a message or a presence, numbered. In its turn, as all here."""
        self._write(numbered(data, self.count(mirror).next()))

    def _write(self, *stanzas: bytes) -> None:
        for stanza in stanzas:
            self._live.host.outbox.write(stanza)

    def introduce(self, mirror: str, newcomer: Occupant) -> None:
        """Tell a mirror that knows nothing of the room everything, but who comes in by it."""

        def act() -> None:
            self._live.crossed.pop(mirror, None)
            self._notes_jids(mirror)
            heard = self._counts.pop(mirror, Count()).heard
            count = self.count(mirror)
            count.heard = heard
            self._write(*introduction(self._live.room, mirror, newcomer, count))

        self._live.in_turn(act)

    def admit(self, mirror: str, appearance: Appearance, sees: tuple[Stretch, ...] | None) -> None:
        """Tell a mirror that somebody is in, and what of the past they may read; None is all."""

        def act() -> None:
            self._last.pop(mirror, None)
            shown = self._shown(mirror, appearance)
            self.write(mirror, admitted(shown, sees))

        self._live.in_turn(act)

    def answer(self, mirror: str, ident: str, named: Iterable[str]) -> None:
        """Answer a mirror that asks how things stand: everything, and which of those whom it named
        are not here."""

        def act() -> None:
            self._notes_jids(mirror)
            room = self._live.room
            gone = [jid for jid in named if jid not in room.seats]
            self._write(*state(room, mirror, ident, gone, self.count(mirror)))

        self._live.in_turn(act)

    def tell(self, deliveries: list[Delivery]) -> list[Delivery]:
        """Tell each mirror each fact once that is for any of its users; return the deliveries to
        the others."""
        told: set[object] = set()
        others = []
        for delivery in deliveries:
            fact = delivery.fact
            once = fact.destroyed if isinstance(fact, Appearance) and fact.destroyed else fact
            for mirror in {seat.mirror: None for seat in delivery.seats if seat.mirror}:
                if (mirror, once) not in told and not self._knows_gone(mirror, fact):
                    told.add((mirror, once))
                    self._last[mirror] = fact
                    self._tell(mirror, fact)
            seats = tuple(seat for seat in delivery.seats if not seat.mirror)
            if seats or isinstance(fact, Standing):
                others.append(Delivery(seats, fact))
        return others

    def _knows_gone(self, mirror: str, fact: object) -> bool:
        """Whether somebody's going is what a mirror was told last."""
        gone = isinstance(fact, Appearance) and not fact.available
        return gone and self._last.get(mirror) == fact

    def _tell(self, mirror: str, fact: object) -> None:
        room = self._live.room
        if isinstance(fact, Notice):
            self._write(told_config(room, mirror, self.count(mirror)))
            self.write(mirror, Splice.of(notice(room.jid, fact)).to(mirror))
        elif isinstance(fact, Appearance):
            self.write(mirror, self._shown(mirror, fact))

    def _shown(self, mirror: str, fact: Appearance) -> bytes:
        room = self._live.room
        if self._notes_jids(mirror):
            self._write(*told_roster(room, mirror, self.count(mirror)))
        with_jid = mirror in self._sharp_eyed
        return presence(room.jid, fact, with_jid=with_jid, with_id=True).to(mirror)

    def _notes_jids(self, mirror: str) -> bool:
        """Note whether somebody behind a mirror sees real JIDs now; whether that is new."""
        before = mirror in self._sharp_eyed
        if sees_jids(self._live.room, mirror):
            self._sharp_eyed.add(mirror)
        else:
            self._sharp_eyed.discard(mirror)
        return not before and mirror in self._sharp_eyed
