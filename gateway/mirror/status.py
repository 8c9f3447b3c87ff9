"""How it stands with each mirrored room, for those who run the gateway."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from gateway.group.live import LiveRoom
from gateway.mirror.addresses import split
from gateway.mirror.copy import Copy, Phase
from gateway.mirror.crossed import Crossed
from gateway.mirror.meter import Meter
from gateway.room.mirrored import behind

STATES = {
    Phase.SYNCING: "joining",
    Phase.LIVE: "linked",
    Phase.SPLIT: "lost",
    Phase.RETURNING: "returning",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """One room and one link of it. `since` is when it came to its `state`; of `joining`, `linked`,
    `lost` and `returning`, a room of ours knows two."""

    room: str
    side: str
    """What we are of it: mirror or master."""
    other: str
    """The domain of the other end."""
    state: str
    since: datetime
    users: int
    """Clients at the mirror."""
    crossed: Crossed
    queue: int = 0
    """Messages that wait for the link to be back."""
    agreed: datetime | None = None
    """When both ends were last made to agree, as a mirror knows."""


def standings(meter: Meter) -> Iterator[Standing]:
    """Rooms that we mirror; then rooms of ours with mirrors, those that were lost too."""
    if meter.mirror is not None:
        yield from map(_copy, meter.mirror.copies.values())
    for live in meter.rooms:
        yield from _of_ours(live)


def _copy(copy: Copy) -> Standing:
    return Standing(
        copy.master,
        "mirror",
        split(copy.master)[1],
        STATES[copy.phase],
        copy.since,
        len(copy.room.seats),
        copy.crossed,
        len(copy.said),
        copy.agreed,
    )


def _of_ours(live: LiveRoom) -> Iterator[Standing]:
    for mirror, crossed in live.crossed.items():
        users, lost = len(behind(live.room, mirror)), crossed.lost
        if users or lost is not None:
            state, since = ("linked", crossed.since) if lost is None else ("lost", lost)
            yield Standing(live.room.jid, "master", mirror, state, since, users, crossed)


def row(standing: Standing) -> dict[str, str | int | None]:
    """As a row of a table; times are in UTC."""
    crossed = standing.crossed
    return {
        "room": standing.room,
        "side": standing.side,
        "other": standing.other,
        "state": standing.state,
        "since": _time(standing.since),
        "users": standing.users,
        "bytes_up": crossed.bytes_up,
        "bytes_down": crossed.bytes_down,
        "stanzas_up": crossed.stanzas_up,
        "stanzas_down": crossed.stanzas_down,
        "bytes_saved": crossed.saved,
        "queue": standing.queue,
        "agreed": _time(standing.agreed) if standing.agreed is not None else None,
    }


def _time(when: datetime) -> str:
    return when.isoformat(timespec="seconds").replace("+00:00", "Z")
