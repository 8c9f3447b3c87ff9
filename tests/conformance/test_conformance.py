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


@pytest.mark.parametrize("scenario", all_scenarios(), ids=lambda one: one.name)
async def test_our_rooms_do_what_rooms_do(service: Service, scenario: Scenario) -> None:
    try:
        await perform(service, scenario)
    except NotOffered as no:
        pytest.skip(str(no))
