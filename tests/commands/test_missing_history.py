"""Seeing how the reading of the past gets on (XEP-0050)."""

from __future__ import annotations

import pytest

from tests.fake_network import FakeNetwork
from tests.stage import Person, Stage

NODE = "https://slidge.im/command/core/missing-history"


async def answer(person: Person) -> str:
    person.sends(
        "<iq type='set' id='c1' to='{gw}'><command xmlns='http://jabber.org/protocol/commands'"
        f" node='{NODE}' action='execute'/></iq>"
    )
    (told,) = await person.receives("<iq type='result' id='c1'/>")
    return " ".join(told.itertext())


async def test_what_is_further_back_is_listed_and_then_not(
    stage: Stage, network: FakeNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = stage.gateway.rooms.host.limits
    monkeypatch.setattr(limits, "backfill_page", 2)
    monkeypatch.setattr(limits, "backfill_first", 2)
    stage.group("ada", "CYD", name="The tea room")
    for number in range(3):
        network.says("g1", "CYD", f"{number}")
    ada = stage.person("ada")
    await ada.joins()
    told = await answer(ada)
    assert "The tea room the beginning 2026-01-01 12:00 UTC read when you scroll there" in told
    ada.sends("<iq type='set' id='q' to='{room}'><query xmlns='urn:xmpp:mam:2'/></iq>")
    await ada.receives("<iq type='result' id='q'/>")
    assert "Nothing is known to be missing" in await answer(ada)
