"""What the network says at length does not end the stream (COMP-08)."""

from __future__ import annotations

import pytest

from legacy_backend import GroupId
from legacy_backend.events import MessagePosted
from tests.fake_network import FakeNetwork
from tests.stage import Stage

PROSODY_ENDS_IT = 512 * 1024


@pytest.mark.requirement("COMP-08")
@pytest.mark.parametrize("character", ["x", "&", "😀", '"'])
async def test_comp_08_a_message_of_any_length_is_cut_to_what_a_server_takes(
    stage: Stage, network: FakeNetwork, character: str
) -> None:
    (ada,) = await stage.seated("ada", "BAO")
    message = network.message("BAO", character * 1_000_000)
    await network.tells(MessagePosted(group=GroupId("g1"), message=message))
    (said,) = await ada.receives("<message from='{room}/BAO'><body/></message>")
    body = said.findtext("{jabber:component:accept}body") or ""
    assert body.endswith(" […]")
    assert stage.wire.longest < PROSODY_ENDS_IT
