"""The conformance suite against our gateway, on a real server."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from conformance import NotOffered, Scenario, Service, all_scenarios
from conformance.run import perform
from tests.conformance import places
from tests.servers import Prosody

pytestmark = pytest.mark.e2e


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def service(prosody: Prosody) -> AsyncIterator[Service]:
    async with places.beside(prosody) as found:
        yield found


LEFT_OUT = {
    "entering.a_nick_that_the_room_chose_is_marked",
    "leaving.a_temporary_room_ends_with_its_last_occupant",
    "pictures.the_hash_of_a_persons_picture_passes",
}
"""What the suite asks of services that do otherwise than ours, and may."""


@pytest.mark.parametrize("scenario", all_scenarios(), ids=lambda one: one.name)
async def test_our_rooms_do_what_rooms_do(service: Service, scenario: Scenario) -> None:
    if scenario.name in LEFT_OUT:
        with pytest.raises(NotOffered):
            await perform(service, scenario)
    else:
        await perform(service, scenario)
