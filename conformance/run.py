"""Playing a scenario against a service."""

from __future__ import annotations

import asyncio
import traceback
from contextlib import AsyncExitStack
from dataclasses import dataclass
from enum import StrEnum

from conformance.reading import NotOffered
from conformance.registry import Scenario
from conformance.scene import Scene
from conformance.service import Service

LONGEST = 90.0
"""Seconds after which a scenario is given up."""


class Verdict(StrEnum):
    PASS = "pass"
    FAIL = "fail"
    NOT_OFFERED = "not offered"

    @classmethod
    def by_weight(cls) -> tuple[Verdict, ...]:
        """Which one wins where several meet, the strongest first."""
        return cls.FAIL, cls.PASS, cls.NOT_OFFERED


@dataclass(frozen=True, slots=True)
class Outcome:
    """`why` is empty for a pass."""

    scenario: Scenario
    verdict: Verdict
    why: str = ""


async def perform(service: Service, scenario: Scenario) -> None:
    """Play a scenario. Raises NotOffered, or whatever says that it failed."""
    async with asyncio.timeout(LONGEST), AsyncExitStack() as stack:
        scene = Scene(service, service.spare_room(), stack)
        try:
            await scenario.transcript(scene)
        except Exception as error:
            # What only holds among people of one room shows nothing where there are several.
            if not scene.strangers:
                raise
            who = ", ".join(sorted(scene.strangers))
            raise NotOffered(f"of another network to the others: {who}") from error


async def play(service: Service, scenario: Scenario) -> Outcome:
    """Play a scenario, and tell how it went."""
    try:
        await perform(service, scenario)
    except NotOffered as no:
        return Outcome(scenario, Verdict.NOT_OFFERED, str(no))
    except Exception as error:  # noqa: BLE001 - whatever comes in the way of a pass is a fail
        place = traceback.extract_tb(error.__traceback__)
        ours = [one for one in place if "scenarios" in one.filename]
        where = f"{scenario.name}, line {ours[-1].lineno}: {ours[-1].line}\n" if ours else ""
        return Outcome(scenario, Verdict.FAIL, where + (str(error) or type(error).__name__))
    return Outcome(scenario, Verdict.PASS)
