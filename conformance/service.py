"""The service under test: where it is, who may use it, and how one comes by a room there."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from conformance.client import Address, Client

ROLES = ("ada", "bao", "cyd", "dov")
"""Whom the transcripts speak of. Ada owns each room; the others are nobody in particular."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the XMPP server. Its name serves as nickname, too."""

    name: str
    password: str


@dataclass
class Service:
    """A MUC service, reached through an XMPP server without TLS."""

    jid: str
    host: str
    port: int
    domain: str
    accounts: Mapping[str, Account]
    """Role → account, for each of ROLES."""
    rooms: Iterable[str] | None = None
    """Addresses of empty rooms that ada's account owns, one for each scenario; None has ada make
    rooms by joining them (XEP-0045 §10.1)."""
    patience: float = 10.0
    """Seconds after which what has not come is taken for missing."""
    _free: Iterator[str] = field(init=False)

    def __post_init__(self) -> None:
        made = (f"conf{secrets.token_hex(4)}{n}@{self.jid}" for n in itertools.count())
        self._free = iter(made if self.rooms is None else self.rooms)

    def spare_room(self) -> str:
        """The address of a room that no scenario had yet. Raises LookupError when none is left."""
        try:
            return next(self._free)
        except StopIteration:
            raise LookupError("no room is left of those that were given") from None

    def client(self, role: str, names: Mapping[str, object]) -> Client:
        """A client of this role's account, not connected yet."""
        account = self.accounts[role]
        address = Address(self.host, self.port, self.domain, account.password)
        return Client(address, account.name, names=names, patience=self.patience)
