"""Which rooms an account remembers."""

from __future__ import annotations

import pytest

from legacy_backend.terms import GroupId
from legacy_backend.xmpp.groups import Groups
from tests.xmpp.line import Line
from tests.xmpp.stay import Stay


async def test_rooms_that_are_only_asked_about_are_forgotten_and_others_are_not(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("legacy_backend.xmpp.groups.MOST_MET", 10)
    stay = Stay(line)
    groups = Groups(stay.puppet, "ada")
    groups._known[stay.group.id] = stay.group
    groups._enough = 10
    await stay.enters()
    for number in range(500):
        groups.get(GroupId(f"guess{number}@rooms.example"))
    assert len(list(groups)) <= 22
    assert groups.known(stay.group.id) is stay.group
    assert groups.known(GroupId("guess499@rooms.example")) is not None
