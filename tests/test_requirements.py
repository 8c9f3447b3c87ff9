"""Every row of the requirement documents is shown by a test, or excluded with a reason."""

from __future__ import annotations

import runpy

from tests.gateway_process import ROOT


def test_nothing_is_required_that_nothing_shows() -> None:
    tool = runpy.run_path(str(ROOT / "tools" / "requirements.py"))
    assert tool["problems"]() == []
