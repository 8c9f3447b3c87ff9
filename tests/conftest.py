"""What tests of every folder can ask for, and what all of them have to keep to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.blocking import blocked, detector
from tests.servers.fixtures import component, ejabberd, prosody, server

__all__ = ["component", "ejabberd", "prosody", "server"]

# How long something takes is up to the machine, and to what else it has to do.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


@pytest.fixture(scope="session", autouse=True)
def _detector() -> Iterator[None]:
    with detector():
        yield


@pytest.fixture(autouse=True)
def _nothing_blocks(_detector: None) -> Iterator[None]:
    """Fail the test if our code blocked the event loop in it, caught or not."""
    with blocked() as seen:
        yield
        assert not seen, "The event loop was blocked by " + "\nand by ".join(seen)
