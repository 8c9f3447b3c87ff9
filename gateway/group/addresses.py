"""The addresses of people: which localpart stands for whom, without a question to the database.

Most ids of most networks are localparts as they are. Others, such as those that tell apart capital
from small letters, get a token that only this gateway can make, and that the store keeps.
"""

from __future__ import annotations

from gateway.escaping import escape, unescape
from gateway.ids import Ids
from gateway.store import Store
from gateway.store.address import is_plain, make_token
from legacy_backend.terms import MemberId

SCOPE = "people"
"""In the store, beside the rooms of users and those of everyone."""


class Addresses:
    """The localparts of people, both ways. A token is the same each time, so that what a crash
    keeps from the store is there again when the person is."""

    def __init__(self, store: Store, ids: Ids) -> None:
        self._store = store
        self._secret = ids.scope(SCOPE)
        self._tokens: dict[MemberId, str] = {}
        self._members: dict[str, MemberId] = {}

    async def load(self) -> None:
        """Know all tokens that were ever given out."""
        for member, token in await self._store.localparts_of(SCOPE):
            self._learn(MemberId(member), token)

    def localpart(self, member: MemberId) -> str:
        """The localpart of somebody's address."""
        if member.isascii() and member.isalnum() and member == member.lower() and len(member) < 64:
            return member  # most are, and a group may have ten thousand
        known = self._tokens.get(member)
        if known is not None:
            return known
        wish = escape(member)
        if is_plain(wish) and _meant_by(wish) == member:
            return wish
        token = make_token(self._secret, member, wish)
        self._learn(member, token)
        self._store.put_localpart(SCOPE, member, token)
        return token

    def member(self, localpart: str) -> MemberId:
        """Whose address has this localpart."""
        return self._members.get(localpart) or _meant_by(localpart)

    def _learn(self, member: MemberId, token: str) -> None:
        self._tokens[member] = token
        self._members[token] = member


def _meant_by(localpart: str) -> MemberId:
    return MemberId(unescape(localpart))
