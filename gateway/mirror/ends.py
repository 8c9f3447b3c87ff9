"""Which ends of distributed rooms a gateway is: none, unless the configuration says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateway.mirror.master import Master
from gateway.mirror.meter import Meter
from gateway.mirror.mirror import Mirror, Terms
from gateway.mirror.names import FEATURES

if TYPE_CHECKING:
    from gateway.component import Gateway
    from gateway.config import Mirrors as MirrorSettings


def ends_of(gateway: Gateway[Any], settings: MirrorSettings) -> list[Master | Mirror]:
    """The ends, each of which looks at every stanza before anybody else does."""
    ends: list[Master | Mirror] = []
    host = gateway.rooms.host
    if host.trust:
        ends.append(Master(gateway, settings.ping_seconds))
        for feature in FEATURES:
            gateway.plugin["xep_0030"].add_feature(feature)
    if settings.masters:
        terms = Terms(
            masters=frozenset(settings.masters),
            local_first=frozenset(settings.local_first),
            transparent=settings.transparent,
            ping_seconds=settings.ping_seconds,
            queue_max=settings.queue_max,
        )
        allows, refuses = type(gateway).allows, gateway.toll.refuses
        ends.append(Mirror(gateway.rooms, terms, allows, refuses))
    return ends


def meter_of(gateway: Gateway[Any]) -> Meter:
    """What counts all that crosses the links of these ends, from now on."""
    host = gateway.rooms.host
    mirror = next((end for end in gateway.mirror_ends if isinstance(end, Mirror)), None)
    meter = Meter(gateway.rooms, frozenset(host.trust.mirrors), mirror, host.now)
    host.outbox.meter = meter.sent
    return meter
