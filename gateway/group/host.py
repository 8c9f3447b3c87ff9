"""What every room of this gateway has at hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from gateway.archive import Archive, Entry, Gaps
from gateway.group.addresses import Addresses
from gateway.group.filler import Filler
from gateway.group.handles import Handles
from gateway.group.resting import Resting
from gateway.ids import Ids
from gateway.link.outbox import Outbox
from gateway.mirror.trust import Trust
from gateway.retention import Retention
from gateway.store import Store

if TYPE_CHECKING:
    from gateway.group.live import LiveRoom
    from gateway.room.state import Occupant
    from legacy_backend.terms import UserId


def utc_now() -> datetime:
    return datetime.now(tz=UTC)


@dataclass(slots=True)
class Limits:
    """What the configuration names; see `config.example.toml`."""

    history_max: int = 100
    page_default: int = 50
    page_max: int = 250
    message_chars: int = 20_000
    picture_presence: bool = False
    backfill_page: int = 100
    backfill_first: int = 10_000
    backfill_pages: int = 0
    """Pages of the past that the network is asked for in a minute; 0 is no limit."""
    keep: timedelta | None = None
    """How long messages are kept where nothing else is said; None is for ever."""


@dataclass(slots=True)
class Host:
    """The services that rooms use. `domain` is the component's JID."""

    domain: str
    ids: Ids
    archive: Archive
    gaps: Gaps
    store: Store
    outbox: Outbox
    limits: Limits = field(default_factory=Limits)
    now: Callable[[], datetime] = utc_now
    listeners: list[Callable[[LiveRoom, Entry], None]] = field(default_factory=list)
    """Told of each new message once it is archived and shown."""
    attendants: list[Callable[[LiveRoom, UserId, bool], None]] = field(default_factory=list)
    """Told when a user comes into a room with their first client, and leaves with the last."""
    trust: Trust = field(default_factory=Trust)
    """The mirrors that rooms may have."""
    handles: Handles = field(default_factory=Handles)
    addresses: Addresses = field(init=False)
    resting: Resting = field(default_factory=Resting)
    retention: Retention = field(init=False)
    filler: Filler = field(init=False)

    def address_of(self, person: Occupant) -> str:
        """The bare JID of somebody: their own, or the one that their contact would have."""
        return person.address or f"{self.addresses.localpart(person.member)}@{self.domain}"

    def __post_init__(self) -> None:
        self.filler = Filler(self.gaps, self.limits)
        self.addresses = Addresses(self.store, self.ids)
        self.retention = Retention(self.store, self.limits.keep)
