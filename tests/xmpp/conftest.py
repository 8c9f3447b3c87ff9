"""A line for each transcript."""

from __future__ import annotations

import pytest

from tests.xmpp.line import Line


@pytest.fixture
async def line() -> Line:
    """An account whose stream is up."""
    made = Line()
    made.up()
    return made
