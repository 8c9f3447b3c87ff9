"""The user whose handle on a room it is, and their clients in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any, cast

from slixmpp import JID, InvalidJID

from gateway.group.people import People
from gateway.room.nick import free_nick, rename
from gateway.room.removal import close, empty, remove
from gateway.room.seating import rise, sit
from gateway.room.state import Destroyed, Seat
from legacy_backend.terms import Affiliation


class RoomUser(People[Any]):
    """The part of a room handle that deals in them."""

    _user_nick: str | None

    @property
    def user_nick(self) -> str:
        me = self.me()
        if me is not None:
            return me.nick
        return self._user_nick or self.session.bookmarks.user_nick or self.user_jid.node

    @user_nick.setter
    def user_nick(self, nick: str) -> None:
        self._user_nick = nick
        self.live.keeping.extra["user_nick"] = nick
        me = self.me()
        if me is not None:
            self.live.show(rename(self.room, me, free_nick(self.room, nick, me, me.member)))
        self.live.keeping.changed()

    @property
    def user_muc_jid(self) -> JID:
        jid = JID(self.room.jid)
        jid.resource = self.user_nick
        return jid

    def user_full_jids(self) -> Iterator[JID]:
        """The user's full JIDs that have joined, as far as slixmpp takes them for valid."""
        for seat in self._user_seats():
            with suppress(InvalidJID):
                yield JID(seat.jid)

    def _user_seats(self) -> list[Seat]:
        bare = self.user_jid.bare
        return [seat for seat in self.room.seats.values() if seat.user == bare]

    def get_user_resources(self) -> set[str]:
        return {seat.jid.partition("/")[2] for seat in self._user_seats()}

    def add_user_resource(self, resource: str) -> None:
        """Seat one of the user's clients without telling it anything (for tests of plugins)."""
        me = self.me() or self.new_occupant(self.user_nick, is_user=True)
        jid = f"{self.user_jid.bare}/{resource}"
        _, shown = sit(self.room, me, jid, self.live.host.now())
        self.live.show(shown)

    def remove_user_resource(self, resource: str) -> None:
        """Forget one of the user's clients, telling only the others."""
        seat = self.room.seats.get(f"{self.user_jid.bare}/{resource}")
        if seat is not None:
            self.live.show(rise(self.room, seat)[1:])

    async def kick_resource(self, r: str) -> None:
        """Put one of the user's clients out, telling it that something went wrong (333)."""
        seat = self.room.seats.get(f"{self.user_jid.bare}/{r}")
        if seat is not None:
            self.live.show(rise(self.room, seat, codes=(333,)))

    def shutdown(self) -> None:
        """The network is out of reach: tell the user's clients that the room is gone for now
        (332), and forget their seats. What is said meanwhile has to be asked for."""
        if self.room.owner is not None:
            self.live.lost_sight()
        for seat in self._user_seats():
            own, *others = rise(self.room, seat)
            gone = replace(own, fact=replace(cast(Any, own.fact), codes=(332,)))
            self.live.show([gone, *others])

    def show_removed(self, reason: str, codes: tuple[int, ...]) -> None:
        """Tell the user's clients that they are out of the group."""
        if self.room.owner is not None:
            self.live.show(close(self.room, codes=codes, reason=reason))
            return
        me = self.me()
        if me is not None:
            gone = remove(
                self.room, me, codes=codes, reason=reason,
                affiliation=Affiliation.NONE, forget=True,
            )  # fmt: skip
            self.live.show(gone)

    def show_destroyed(self, reason: str = "", alternate: str = "") -> None:
        """Tell everyone in the room that it is no more (XEP-0045 §10.9)."""
        self.live.show(empty(self.room, Destroyed(alternate, reason)))
