"""Seeing how the reading of the past gets on in all rooms (XEP-0050)."""

from __future__ import annotations

import pytest

from tests.commands.asking import command, rows, text
from tests.stage import Stage


async def test_gaps_of_rooms_that_the_admin_is_not_in(
    run_by_ada: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = run_by_ada.gateway.rooms.host.limits
    monkeypatch.setattr(limits, "backfill_page", 2)
    monkeypatch.setattr(limits, "backfill_first", 2)
    run_by_ada.group("ada", id="g2")
    run_by_ada.group("bao", "CYD")
    for number in range(3):
        run_by_ada.network.says("g1", "CYD", f"{number}")
    ada, bao = run_by_ada.person("ada"), run_by_ada.person("bao")
    await ada.joins(room="g2@{gw}")
    await ada.has_heard()
    assert "Nothing is known to be missing" in text(await command(ada, "all-missing"))
    await bao.joins()
    await bao.has_heard()
    answer = await command(ada, "all-missing")
    assert "0 are to be read" in text(answer)
    (row,) = rows(answer)
    assert (row["room"], row["state"], row["attempts"]) == (run_by_ada.room, "further back", "0")
