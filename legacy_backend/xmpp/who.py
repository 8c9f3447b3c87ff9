"""Who is who: the ids that the people of one room have as members of a group."""

from __future__ import annotations

from slixmpp import JID

from legacy_backend.terms import MemberId
from legacy_backend.xmpp.muc import Occupant

OCCUPANT = "occupant:"
"""Before the id that a room gives its people (XEP-0421)."""

NICK = "nick:"
"""Before a nickname, where nothing better tells who somebody is."""

MOST = 20_000
"""Ids of occupants that are remembered for one room."""


def address_of(member: MemberId) -> JID | None:
    """The real address of a member, None if their id is none."""
    if member.startswith((OCCUPANT, NICK)) or "@" not in member:
        return None
    return JID(member.partition("/")[0])


class Who:
    """An id once given to somebody who is here stays theirs while we are in the room, whatever
    becomes visible of them later. `me` is the account's own."""

    def __init__(self, me: MemberId) -> None:
        self.me = me
        self._by_nick: dict[str, MemberId] = {}
        self._nicks: dict[MemberId, str] = {}
        self._by_occupant_id: dict[str, MemberId] = {}

    def came(self, occupant: Occupant) -> MemberId:
        """The id of somebody who is in the room."""
        known = self._by_nick.get(occupant.nick)
        if known is not None:
            return known
        id = self.me
        if not occupant.is_self:
            id = self.of(occupant.direct_jid, occupant.occupant_id, occupant.nick)
            if id == self.me or id in self._nicks:
                # One person under two names, or a name that somebody has left behind.
                id = MemberId(f"{id}/{occupant.nick}")
        self._nicks[id] = occupant.nick
        self._by_nick[occupant.nick] = id
        if occupant.occupant_id is not None and len(self._by_occupant_id) < MOST:
            self._by_occupant_id[occupant.occupant_id] = id
        return id

    def of(self, jid: JID | None, occupant_id: str | None, nick: str) -> MemberId:
        """The id of somebody who need not be here: by what is known best."""
        if occupant_id is not None and occupant_id in self._by_occupant_id:
            return self._by_occupant_id[occupant_id]
        if jid is not None:
            return MemberId(jid.bare)
        if occupant_id is not None:
            return MemberId(OCCUPANT + occupant_id)
        # Where services tell nothing else, a name is whoever has it now.
        return self._by_nick.get(nick) or MemberId(NICK + nick)

    def named(self, nick: str | None) -> MemberId | None:
        """Who is called so here now."""
        return None if nick is None else self._by_nick.get(nick)

    def nick(self, member: MemberId) -> str | None:
        """What somebody who is here is called."""
        return self._nicks.get(member)

    def renamed(self, old: str, new: str) -> None:
        id = self._by_nick.pop(old, None)
        if id is not None:
            self._by_nick[new], self._nicks[id] = id, new

    def left(self, nick: str) -> MemberId | None:
        id = self._by_nick.pop(nick, None)
        if id is not None:
            del self._nicks[id]
        return id

    def anew(self) -> None:
        """We join again: who is here will be told."""
        self._by_nick.clear()
        self._nicks.clear()
