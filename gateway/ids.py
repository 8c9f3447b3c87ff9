"""Ids that the gateway gives out: opaque, and the same after a restart.

They are keyed hashes of the network's own ids, so that none has to be looked up to refer to a
message, and nothing of the network's numbering shows (XEP-0359 §5, XEP-0421 §4).
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from typing import Any

from gateway.room.state import OccupantId
from legacy_backend.terms import MemberId


class Ids:
    """The ids of one gateway. `secret` is at least 16 bytes and never changes."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret[:64]

    def stanza_id(self, room: str, legacy_id: str | None) -> str:
        """The id of a message in a room's archive; a fresh one for None.

        `room` tells rooms apart and outlasts changes of JID.
        """
        return uuid.uuid4().hex if legacy_id is None else self._hash("m", room, legacy_id)

    def occupant_id(self, room: str, member: MemberId) -> OccupantId:
        """The id of a person in a room."""
        return OccupantId(self._hash("o", room, member))

    def scope(self, name: str) -> str:
        """A name that nobody else can guess, for tokens that must not be made elsewhere."""
        return self._hash("s", name, "")

    def number(self, room: str, text: str) -> int:
        """A number of 128 bits for something that is so in a room."""
        return int(self._hash("n", room, text), 16)

    def _hash(self, kind: str, room: str, value: str) -> str:
        text = f"{kind}\0{room}\0{value}".encode("utf-8", "surrogatepass")
        return hashlib.blake2b(text, key=self._secret, digest_size=16).hexdigest()


async def ids_of(store: Any) -> Ids:
    """The ids of the gateway that this store is of; its secret is made once in its life."""
    return Ids(bytes.fromhex(await store.keep_meta("id_secret", secrets.token_hex(32))))
