"""All rooms of the gateway: found by group or by address, made when first seen, kept for ever."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.group.host import Host
from gateway.group.keeping import restore_person
from gateway.group.live import LiveRoom
from gateway.room.state import Room, Seat
from gateway.store import RoomRow
from legacy_backend.terms import GroupId, MemberId, UserId

SHARED = UserId("")
"""In the place of an owner: the room is everyone's."""

ELSEWHERE = UserId("@")
"""In the place of an owner: the room is on another server, and mirrored here."""


class Rooms:
    """The rooms of one gateway. `owner` is whose personal room it is, or SHARED."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self._by_group: dict[tuple[UserId, GroupId], LiveRoom] = {}
        self._by_localpart: dict[tuple[UserId, str], LiveRoom] = {}
        self.elsewhere: dict[str, LiveRoom] = {}
        """What is kept of rooms that are mirrored here, by their address at the mirror; none of
        the others is one of these."""

    def __iter__(self) -> Iterator[LiveRoom]:
        return iter(tuple(self._by_group.values()))

    async def load(self) -> None:
        """Bring back every room, with its people and its seats, as the last process left them, and
        all addresses."""
        store = self.host.store
        await self.host.addresses.load()
        for row in await store.all_rooms():
            self._build(row)
        by_id = {live.id: live for live in (*self, *self.elsewhere.values())}
        for occupant in await store.all_occupants():
            live = by_id[occupant.room_id]
            live.room.file(restore_person(MemberId(occupant.member_id), occupant.state))
        for kept in await store.all_seats():
            live = by_id[kept.room_id]
            person = live.room.people.get(MemberId(kept.occupant))
            if person is None:
                store.remove_seat(kept.room_id, kept.jid)
                continue
            seat = Seat(kept.jid, person, kept.joined_at, heard_at=self.host.now())
            if mirror := self.host.trust.mirror_of(kept.jid):
                seat.mirror, seat.behind = mirror, self.host.trust.behind(kept.jid)
            live.room.seats[kept.jid] = person.seats[kept.jid] = seat
        for gap in await self.host.gaps.all():
            if gap.room not in by_id:
                continue
            if gap.before is None:
                by_id[gap.room].was_opened = True
            else:
                by_id[gap.room].gaps[gap.id] = gap
        for live in by_id.values():
            live.keeping.loaded()
            if live.keeping.extra.get("versions"):
                live.use_versions()

    async def write(self) -> None:
        """Have all that is known of rooms and people in the store now."""
        for live in self:
            live.keeping.write()
        await self.host.store.settled()

    def at(self, owner: UserId, localpart: str) -> LiveRoom | None:
        """The room that `owner` knows by this address: their own, or else a shared one."""
        return self._by_localpart.get((owner, localpart)) or self._by_localpart.get(
            (SHARED, localpart)
        )

    def of(self, owner: UserId, group: GroupId) -> LiveRoom | None:
        """The room of a group, if it was ever seen."""
        return self._by_group.get((owner, group))

    async def obtain(self, owner: UserId, group: GroupId, wish: str) -> LiveRoom:
        """The room of a group, made now if need be. `wish` is the localpart it would like."""
        live = self.of(owner, group)
        if live is not None:
            return live
        localpart = await self.host.store.localpart_for(owner, group, wish)
        row = await self.host.store.add_room(owner, group, localpart)
        return self.of(owner, group) or self._build(row)

    async def obtain_elsewhere(self, address: str) -> LiveRoom:
        """What is kept of a mirrored room, by its address at the mirror."""
        if address not in self.elsewhere:
            localpart = address.removesuffix(f"@{self.host.domain}")
            row = await self.host.store.add_room(ELSEWHERE, address, localpart)
            if address not in self.elsewhere:
                self._build(row)
        return self.elsewhere[address]

    def leave(self, live: LiveRoom) -> None:
        """Its user is in a group of a personal room no more. The archive stays, for when they are
        again: what is said until then is missing from it."""
        live.keeping.extra["quit"] = True
        live.people_known = False
        live.lost_sight()
        live.keeping.changed()

    async def forget(self, live: LiveRoom) -> None:
        """Delete a room with its archive. Its seats have to be gone already."""
        owner = live.room.owner or SHARED
        localpart = live.room.jid.partition("@")[0]
        if self.elsewhere.get(live.room.jid) is live:
            del self.elsewhere[live.room.jid]
        self._by_group.pop((owner, live.room.group), None)
        self._by_localpart.pop((owner, localpart), None)
        live.keeping.end()
        await self.host.store.delete_room(live.id)

    def _build(self, row: RoomRow) -> LiveRoom:
        owner = UserId(row.owner)
        if owner == ELSEWHERE:
            room = Room(jid=row.legacy_id, group=GroupId(row.legacy_id))
            live = self.elsewhere[room.jid] = LiveRoom(self.host, row.id, room.jid, room)
            live.keeping.restore(row)
            return live
        room = Room(
            jid=f"{row.localpart}@{self.host.domain}",
            group=GroupId(row.legacy_id),
            owner=owner or None,
        )
        live = LiveRoom(self.host, row.id, f"{owner}\0{row.legacy_id}", room)
        live.keeping.restore(row)
        self._by_group[(owner, room.group)] = live
        self._by_localpart[(owner, row.localpart)] = live
        return live
