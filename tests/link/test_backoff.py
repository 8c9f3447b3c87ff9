"""How long a lost stream waits before it is tried again."""

from __future__ import annotations

import pytest

from gateway.link.backoff import pause


def test_a_stream_that_worked_is_tried_again_at_once() -> None:
    assert pause(0, 60) == 0


@pytest.mark.parametrize(("failures", "middle"), [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60)])
def test_the_pauses_double_up_to_the_longest(failures: int, middle: float) -> None:
    pauses = [pause(failures, 60) for _ in range(200)]
    assert all(middle * 0.8 <= length <= middle * 1.2 for length in pauses)
    assert len(set(pauses)) > 1, "gateways that lost the same server come back in step"


def test_a_server_that_is_gone_for_days_does_no_harm() -> None:
    assert pause(1_000_000, 300) <= 360
