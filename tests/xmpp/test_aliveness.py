"""The timers that silence lets run out, by a clock of the test's."""

from __future__ import annotations

import pytest

from legacy_backend.xmpp.muc.aliveness import Aliveness, Due


def watched() -> Aliveness:
    alive = Aliveness(soft=10, hard=15, interval=2)
    alive.heard(100)
    return alive


@pytest.mark.requirement("A-110")
def test_nothing_is_due_before_anything_was_heard() -> None:
    assert Aliveness().look(1e9) is None


@pytest.mark.requirement("A-160", "A-161", "A-162", "A-163")
def test_both_timers_run_at_once_and_pings_go_on_at_their_interval() -> None:
    alive = watched()
    assert alive.look(105) == Due(ping=False, stale=False, again=5)
    assert alive.look(110) == Due(ping=True, stale=False, again=2)
    assert alive.look(111) == Due(ping=False, stale=False, again=1)
    assert alive.look(112) == Due(ping=True, stale=False, again=2)
    assert alive.look(114) == Due(ping=True, stale=False, again=1)
    assert alive.look(115) == Due(ping=False, stale=True, again=1)
    assert alive.look(116) == Due(ping=True, stale=False, again=2)  # stale is told once


@pytest.mark.requirement("A-162", "A-108")
def test_anything_heard_begins_anew() -> None:
    alive = watched()
    alive.look(110)
    assert alive.heard(111) is False
    assert alive.look(111) == Due(ping=False, stale=False, again=10)
    alive.look(126)
    assert alive.stale
    assert alive.heard(127) is True
    assert alive.heard(128) is False
    due = alive.look(143)
    assert due is not None
    assert due.stale  # a second silence is told of again


def test_defaults_are_for_links_of_phones() -> None:
    alive = Aliveness()
    assert (alive.soft, alive.hard, alive.interval) == (780, 900, 120)
