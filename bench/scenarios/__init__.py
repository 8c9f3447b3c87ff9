"""The scenarios by name. To add one, add its file and its class to ALL."""

from __future__ import annotations

from bench.scenarios.base import Scenario
from bench.scenarios.churn import Churn
from bench.scenarios.fanout import Fanout, SharedFanout
from bench.scenarios.inbound import Inbound
from bench.scenarios.join import Join
from bench.scenarios.latency import Latency
from bench.scenarios.memory import Growth, Memory, SharedMemory
from bench.scenarios.relay import Relay
from bench.scenarios.start import Start

ALL: dict[str, type[Scenario]] = {
    scenario.name: scenario
    for scenario in (
        Relay,
        Join,
        Inbound,
        Fanout,
        SharedFanout,
        Latency,
        Churn,
        Start,
        Memory,
        SharedMemory,
        Growth,
    )
}
