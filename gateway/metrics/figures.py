"""What is counted and measured, read from memory at the moment it is asked for.

Whoever works counts in plain numbers of their own; only here they get names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import accumulate
from typing import Any

from prometheus_client import Metric
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)

from gateway.archive import Kind
from gateway.archive.gap import State
from gateway.component import Gateway
from gateway.database.pace import BOUNDS, Pace
from gateway.group.live import LiveRoom
from gateway.group.turns import Turns
from gateway.link.outbox import KINDS
from gateway.metrics.mirrors import of_mirrors
from gateway.render.xml import COMPONENT_NS


class Said:
    """Counts messages as they are shown in rooms; a listener of the rooms' host."""

    def __init__(self) -> None:
        self.kinds: Counter[Kind] = Counter()

    def __call__(self, _live: LiveRoom, entry: Any) -> None:
        self.kinds[entry.kind] += 1


async def figures(gateway: Gateway[Any], said: Said) -> list[Metric]:
    """All of them, by now. Others get their turns where there are many rooms."""
    rooms = await _count_rooms(gateway)
    return [
        *_of_users(gateway),
        *_of_rooms(rooms),
        *_of_stanzas(gateway, said),
        *_of_database(gateway),
        *of_mirrors(gateway),
    ]


def counter(name: str, words: str, label: str, values: Mapping[str, float]) -> Metric:
    """A counter with one label."""
    family = CounterMetricFamily(name, words, labels=[label])
    for value, count in values.items():
        family.add_metric([value], count)
    return family


async def _count_rooms(gateway: Gateway[Any]) -> Counter[str]:
    counts: Counter[str] = Counter()
    turns = Turns()
    for live in gateway.rooms:
        await turns.pause()
        seats = len(live.room.seats)
        counts["rooms"] += 1
        counts["seats"] += seats
        counts["open rooms"] += seats > 0
        counts["unended"] += not live.history_known
        for gap in live.gaps.values():
            counts[gap.state.name] += 1
    return counts


def _of_users(gateway: Gateway[Any]) -> Iterator[Metric]:
    sessions = gateway.sessions()
    yield GaugeMetricFamily("sluice_users", "Users who are registered.", len(sessions))
    logged = sum(bool(session.logged) for session in sessions)
    yield GaugeMetricFamily("sluice_users_logged_in", "Those logged in to the network.", logged)
    refused = type(gateway).rates.refused
    words = "Stanzas refused because their sender sent too many of a kind."
    yield counter("sluice_rate_refusals", words, "kind", refused)


def _of_rooms(counts: Counter[str]) -> Iterator[Metric]:
    yield GaugeMetricFamily("sluice_rooms", "Rooms that are known.", counts["rooms"])
    words = "Rooms that some client has joined."
    yield GaugeMetricFamily("sluice_rooms_open", words, counts["open rooms"])
    yield GaugeMetricFamily("sluice_seats", "Clients in rooms.", counts["seats"])
    gaps = GaugeMetricFamily(
        "sluice_gaps",
        "Stretches of rooms' pasts that are missing: to be read unasked (wanted), when somebody "
        "looks there (further), never, since the network has it no more (lost), or without an end, "
        "since nobody listens or has asked yet (open).",
        labels=["state"],
    )
    for state in State:
        gaps.add_metric([state.name.lower()], counts[state.name])
    gaps.add_metric(["open"], counts["unended"])
    yield gaps


def _of_stanzas(gateway: Gateway[Any], said: Said) -> Iterator[Metric]:
    stanzas = CounterMetricFamily(
        "sluice_stanzas", "Stanzas from and to the server.", labels=["direction", "kind"]
    )
    for kind in KINDS.values():
        stanzas.add_metric(["in", kind], gateway.came[f"{{{COMPONENT_NS}}}{kind}"])
        stanzas.add_metric(["out", kind], gateway.outbox.sent[kind])
    yield stanzas
    outbox = type(gateway).outbox
    yield GaugeMetricFamily("sluice_connected", "1 if the server is there.", outbox.connected_now)
    words = "Bytes that the server has not taken yet."
    yield GaugeMetricFamily("sluice_outbox_bytes", words, outbox.size)
    slowed = {
        "server": outbox.slowed_seconds,
        "database": gateway.rooms.host.archive.slowed_seconds,
    }
    words = "Seconds for which network and joins were made to wait, all waits together, by whom."
    yield counter("sluice_slowed_seconds", words, "by", slowed)
    words = "Messages relayed to rooms, once each, by kind."
    kinds = {kind.name.lower(): said.kinds[kind] for kind in Kind}
    yield counter("sluice_messages", words, "kind", kinds)


def _of_database(gateway: Gateway[Any]) -> Iterator[Metric]:
    archive = gateway.rooms.host.archive
    pace = archive.pace
    words = "Writes that wait for the database."
    yield GaugeMetricFamily("sluice_database_waiting", words, archive.waiting)
    yield CounterMetricFamily("sluice_database_writes", "Writes committed.", pace.writes)
    yield CounterMetricFamily("sluice_database_faults", "Attempts that failed.", pace.faults)
    words = "1 if nothing can be stored just now."
    yield GaugeMetricFamily("sluice_database_trouble", words, bool(archive.trouble))
    yield _batches(pace)


def _batches(pace: Pace) -> Metric:
    bounds = [*map(str, BOUNDS), "+Inf"]
    family = HistogramMetricFamily("sluice_database_batch_seconds", "What each commit took.")
    family.add_metric(
        [], list(zip(bounds, accumulate(map(float, pace.batches)), strict=True)), pace.seconds
    )
    return family
