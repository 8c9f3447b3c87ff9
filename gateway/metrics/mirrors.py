"""Figures of distributed rooms; none without `[mirrors]`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from gateway.component import Gateway
from gateway.mirror.crossed import Crossed
from gateway.mirror.master import Master
from gateway.mirror.meter import Meter
from gateway.mirror.status import STATES, standings

SIDES = ("mirror", "master")


def of_mirrors(gateway: Gateway[Any]) -> Iterator[Metric]:
    """Of the ends that this gateway is."""
    if gateway.meter is None:
        return
    yield _rooms(gateway.meter)
    yield from _links(gateway.meter)
    refused = sum(end.refused for end in gateway.mirror_ends if isinstance(end, Master))
    words = "Stanzas that claimed to come by a mirror which nobody trusts for them."
    yield CounterMetricFamily("sluice_mirror_claims_refused", words, refused)


def _rooms(meter: Meter) -> Metric:
    counts = Counter((one.side, one.state) for one in standings(meter))
    family = GaugeMetricFamily(
        "sluice_mirrored_rooms",
        "Mirrored rooms by what we are of them, and by how the link is.",
        labels=["side", "state"],
    )
    for side in SIDES:
        for state in STATES.values():
            family.add_metric([side, state], counts[side, state])
    return family


def _links(meter: Meter) -> Iterator[Metric]:
    labels = ["side", "other", "direction"]
    words = "crossed the link to another end; up is towards the master."
    size = CounterMetricFamily(
        "sluice_mirror_bytes", f"Bytes of stanzas that {words}", labels=labels
    )
    count = CounterMetricFamily("sluice_mirror_stanzas", f"Stanzas that {words}", labels=labels)
    saved = CounterMetricFamily(
        "sluice_mirror_saved_bytes",
        "Bytes that plain MUC would have sent besides: each presence and message told a mirror "
        "once, for each further client there.",
        labels=labels[:2],
    )
    sides: tuple[Mapping[str, Crossed], ...] = (meter.masters, meter.mirrors)
    for side, links in zip(SIDES, sides, strict=True):
        for other, crossed in links.items():
            size.add_metric([side, other, "up"], crossed.bytes_up)
            size.add_metric([side, other, "down"], crossed.bytes_down)
            count.add_metric([side, other, "up"], crossed.stanzas_up)
            count.add_metric([side, other, "down"], crossed.stanzas_down)
            saved.add_metric([side, other], crossed.saved)
    yield from (size, count, saved)
