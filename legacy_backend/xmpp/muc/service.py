"""The client of rooms: joins them, asks about them, and hears of invitations."""

from __future__ import annotations

import asyncio

from slixmpp import JID, Message, Presence
from slixmpp.basexmpp import BaseXMPP

from legacy_backend.xmpp.muc import admin, invitations
from legacy_backend.xmpp.muc.admin import Found, RoomInfo
from legacy_backend.xmpp.muc.data import Data
from legacy_backend.xmpp.muc.names import address as parsed
from legacy_backend.xmpp.muc.own_presence import OwnPresence, Status
from legacy_backend.xmpp.muc.room import LEAVE_PATIENCE, Room
from legacy_backend.xmpp.muc.signals import Signal
from legacy_backend.xmpp.muc.states import PresenceState
from legacy_backend.xmpp.muc.wire import StreamWire, Switchboard, Wire
from legacy_backend.xmpp.muc.xso import AdminItem, DestroyRequest, History


class MUCClient:
    """One for each own address; `MUCClient.summon(stream)` gives it.

    Everything that a room refuses is raised as XMPPError; whether something is allowed, nobody
    here decides.
    """

    @classmethod
    def summon(cls, stream: BaseXMPP, jid: JID | None = None) -> MUCClient:
        """The client of a stream, the same one each time.

        With a component, `jid` is the own full address that it is for. With an account, it is
        None: the account's own.

        Raises ValueError if a component's address is not full.
        """
        found = Switchboard.of(stream).listeners.get(jid)
        return found if isinstance(found, MUCClient) else cls(stream, jid)

    def __init__(self, stream: BaseXMPP, jid: JID | None = None) -> None:
        """Better summoned: a second one for the same address takes the place of the first."""
        if jid is not None and not jid.resource:
            raise ValueError(f"not a full address: {jid}")
        self._stream_wire = StreamWire(stream, jid)
        self._rooms: dict[JID, Room] = {}
        self._looks = OwnPresence()
        self.on_conversation_added = Signal()
        """Told the room that `join` is about to return."""
        self.on_muc_invitation = Signal()
        """Told (stanza, muc_address, inviter_address, mode, password=, reason=)."""
        self.on_muc_invitation_declined = Signal()
        """Told (stanza, muc_address, decliner_address, reason=)."""
        self._stream_wire.open(self)

    @property
    def wire(self) -> Wire:
        return self._stream_wire

    @property
    def rooms(self) -> list[Room]:
        """Those joined, being joined or suspended."""
        return list(self._rooms.values())

    def join(
        self,
        mucjid: JID,
        nick: str,
        *,
        password: str | None = None,
        history: History | None = None,
        autorejoin: bool = True,
    ) -> tuple[Room, asyncio.Future[None]]:
        """The room, and when we are in it; no signal comes before the next `await`.

        The future raises XMPPError if the room refuses. A room that is being joined, or is, is
        returned as it is. Without a stream, this waits for one.

        Raises ValueError if `mucjid` is not bare, or `nick` cannot be a nickname.
        """
        if mucjid.resource or not mucjid.local:
            raise ValueError(f"not the bare address of a room: {mucjid}")
        known = self._rooms.get(mucjid)
        if known is not None:
            return known, known.joining
        if not nick or parsed(f"{mucjid}/{nick}") is None:
            raise ValueError(f"not a nickname: {nick!r}")
        room = Room(
            self,
            mucjid,
            nick,
            password=password,
            history=history,
            autorejoin=autorejoin,
            looks=self._looks,
        )
        self._rooms[mucjid] = room
        self.on_conversation_added(room)
        if self.wire.online:
            room.begin()
        return room, room.joining

    def set_presence(self, state: PresenceState, status: Status = None, priority: int = 0) -> None:
        """Look otherwise in all rooms, and in those that are joined from now on.

        Raises ValueError as `Room.set_presence`.
        """
        self._looks = OwnPresence.checked(state, status, priority)
        for room in self.rooms:
            room.set_presence(state, status, priority)

    async def get_room_config(self, mucjid: JID) -> Data:
        """The form for its owners, for `ConfigurationForm.from_xso`.

        Raises LookupError if the room answers without a form.
        """
        return await admin.get_config(self.wire, mucjid)

    async def set_room_config(self, mucjid: JID, data: Data) -> None:
        await admin.set_config(self.wire, mucjid, data)

    async def set_affiliation(
        self, mucjid: JID, jid: JID, affiliation: str, *, reason: str | None = None
    ) -> None:
        item = AdminItem(jid=JID(jid.bare), affiliation=affiliation, reason=reason)
        await admin.set_item(self.wire, mucjid, item)

    async def get_affiliated(self, mucjid: JID, affiliation: str) -> tuple[AdminItem, ...]:
        """Everybody who has this affiliation, there or not."""
        return await admin.affiliated(self.wire, mucjid, affiliation)

    async def destroy_room(
        self,
        mucjid: JID,
        *,
        reason: str | None = None,
        alternate: JID | None = None,
        password: str | None = None,
    ) -> None:
        """Do away with a room. `alternate` is where to go instead, `password` that one's."""
        request = DestroyRequest(jid=alternate, password=password, reason=reason)
        await admin.destroy(self.wire, mucjid, request)

    async def get_room_info(self, mucjid: JID) -> RoomInfo:
        """What the room tells everybody: name, features, and an InfoForm."""
        return await admin.room_info(self.wire, mucjid)

    async def list_rooms(self, service: JID) -> tuple[Found, ...]:
        """The public rooms of a service."""
        return await admin.rooms(self.wire, service)

    async def decline(self, mucjid: JID, inviter: JID, *, reason: str | None = None) -> None:
        """Say no to an invitation that came through the room."""
        self.wire.send(self.wire.message(mucjid, invitations.refusal(inviter, reason)))

    async def close(self, *, patience: float = LEAVE_PATIENCE) -> None:
        """Leave all rooms, which may take so many seconds, and hear nothing any more."""
        await asyncio.gather(*(room.leave(patience=patience) for room in self.rooms))
        self._stream_wire.close()

    # what the stream and the rooms tell

    def stream_up(self) -> None:
        for room in self.rooms:
            room.stream_up()

    def stream_down(self) -> None:
        for room in self.rooms:
            room.stream_down()

    def presence(self, stanza: Presence) -> None:
        room = self._rooms.get(JID(stanza["from"].bare))
        if room is not None:
            room.take_presence(stanza)

    def message(self, stanza: Message) -> None:
        match invitations.read(stanza):
            case invitations.Invitation() as asked:
                self.on_muc_invitation(
                    stanza,
                    asked.muc_address,
                    asked.inviter_address,
                    asked.mode,
                    password=asked.password,
                    reason=asked.reason,
                )
            case invitations.Refusal() as no:
                self.on_muc_invitation_declined(
                    stanza, no.muc_address, no.decliner_address, reason=no.reason
                )
            case None:
                room = self._rooms.get(JID(stanza["from"].bare))
                if room is not None:
                    room.take_message(stanza)

    def forget(self, room: Room) -> None:
        if self._rooms.get(room.jid) is room:
            del self._rooms[room.jid]


Service = MUCClient
"""The name that this class had in aioxmpp once."""
