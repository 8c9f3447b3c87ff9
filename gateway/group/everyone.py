"""Having everybody who is in a group, and showing who is new."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

from gateway.group.lasting import lasting
from gateway.group.occupants import Occupants, P
from gateway.group.turns import Turns
from gateway.room.removal import remove
from gateway.room.state import Appearance, Delivery, Occupant
from legacy_backend.terms import Affiliation, MemberId


class Everyone(Occupants[P]):
    """The part of a room handle that asks the network for the whole list."""

    KEEP_BACKFILLED_PARTICIPANTS = False
    """Whether those who wrote what `backfill` reads are in the room, since `fill_participants`
    does not know everybody. Otherwise they are forgotten unless they turn up again."""

    @property
    def participants_filled(self) -> bool:
        return self.live.people_known

    async def fill_participants(self) -> AsyncIterator[P]:
        """Yield all members of the group, described. To be overridden."""
        nobody: tuple[P, ...] = ()
        for participant in nobody:
            yield participant

    async def ensure_people(self, *, urgent: bool = True) -> None:
        """Have the whole list, asking the network once in the life of the process.

        Where it is not `urgent`, others' lists are written first: a login may ask for very many.
        """
        if self.live.people_known:
            return
        async with self.live.filling:
            if not self.live.people_known:
                await self._fetch_people()
                self.live.people_known = True
        if not self.room.seats:
            self.live.host.resting.filled(self.live)
            if not urgent:
                await self.live.host.store.drained()

    async def _fetch_people(self) -> None:
        room, turns = self.room, Turns()
        watched = room.people.items() if room.seats else ()
        before = {member: (person.here, room.face(person)) for member, person in watched}
        self._filling = before
        listed: set[MemberId] = set()
        try:
            async for handle in self.fill_participants():
                listed.add(handle.occupant.member)
                handle.occupant.present = handle.occupant.affiliation is not Affiliation.OUTCAST
                await turns.pause()
        finally:
            self._filling = None
        if self.me() is None:
            self.new_occupant(self.user_nick, is_user=True)
        room.version += 1
        for member, occupant in list(room.people.items()):
            await turns.pause()
            if room.people.get(member) is not occupant:
                continue
            unlisted = listed and member not in listed and occupant.user is None
            if unlisted and not self.KEEP_BACKFILLED_PARTICIPANTS:
                self.live.show(
                    remove(self.room, occupant, affiliation=Affiliation.NONE, forget=True)
                )
            elif room.seats and occupant.here:
                face = room.face(occupant)
                if before.get(member) != (True, face):
                    self.live.show(room.to_all(Appearance(face)))
        lasting.came(len(listed))
        self.live.keeping.changed()

    @property
    def is_filling(self) -> bool:
        """Whether the plugin is just yielding who is in the group."""
        return self._filling is not None

    def tell(self, occupant: Occupant, shown: list[Delivery]) -> None:
        """Show what has changed of somebody."""
        self.live.show(shown)
        if shown and self._filling is not None:
            self._filling[occupant.member] = (occupant.here, self.room.face(occupant))

    def _announce_later(self, handle: P) -> None:
        """Show a new participant once the plugin, which made it just now, has described it."""
        if self._filling is None and self.participants_filled and not self._backfill_runs:
            asyncio.get_running_loop().call_soon(self._announce, handle)

    def _announce(self, handle: P) -> None:
        occupant = handle.occupant
        if self.room.people.get(occupant.member) is occupant:
            handle.appear()

    @property
    def _backfill_runs(self) -> bool:
        return False

    @contextmanager
    def meeting_the_past(self) -> Iterator[None]:
        """While the history is read: what becomes of those who are new in it."""
        met: list[Occupant] = []
        self._from_the_past = met
        try:
            yield
        finally:
            self._from_the_past = None
            for occupant in met:
                if self.room.people.get(occupant.member) is not occupant or occupant.here:
                    continue
                if self.KEEP_BACKFILLED_PARTICIPANTS:
                    self.handle_of(occupant).appear()
                elif not self.is_filling:
                    self._forget_handle(occupant.member)
                    self.room.unfile(occupant)
            self.live.keeping.changed()
