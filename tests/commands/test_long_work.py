"""Work that takes longer than an answer may: how it stands is told, and how it ended."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from slixmpp import JID
from slixmpp.exceptions import XMPPError

from conformance.client import PATIENCE
from gateway.commands import long_work
from gateway.commands.long_work import LongWork
from gateway.errors import DatabaseError, SluiceError
from gateway.upkeep import Progress

ADA = JID("ada@example.org/desk")


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def work(told: list[str], monkeypatch: pytest.MonkeyPatch) -> LongWork:
    monkeypatch.setattr(long_work, "PATIENCE_SECONDS", 0.01)
    return LongWork(lambda who, text: told.append(f"{who.bare}: {text}"))


def until(
    go: asyncio.Event, error: Exception | None = None
) -> Callable[[Progress], Awaitable[str]]:
    async def work(tell: Progress) -> str:
        tell(1200, 5000)
        await go.wait()
        if error is not None:
            raise error
        return "All of it."

    return work


async def test_how_it_stands(work: LongWork, told: list[str]) -> None:
    go = asyncio.Event()
    begun = await work.do("The export", ADA, until(go))
    assert begun == "The export has done 1,200 of 5,000. You get a message when it is done."
    with pytest.raises(XMPPError) as busy:
        await work.do("The backup", ADA, until(go))
    assert busy.value.text == "The export has done 1,200 of 5,000. Try again afterwards."
    go.set()
    async with asyncio.timeout(PATIENCE):
        while not told:  # noqa: ASYNC110
            await asyncio.sleep(0)
    assert told == ["ada@example.org: The export is done. All of it."]
    assert await work.do("The backup", ADA, until(go)) == "All of it."
    assert len(told) == 1


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (DatabaseError("the disk is full"), "Not all could be done; try again: the disk is full"),
        (SluiceError("There is no such room."), "There is no such room."),
        (OSError(28, "No space left on device"), "A file cannot be had: No space left on device."),
        (KeyError("x"), "The log has the reason."),
    ],
)
async def test_what_went_wrong(
    work: LongWork, told: list[str], error: Exception, says: str
) -> None:
    go = asyncio.Event()
    await work.do("The import", ADA, until(go, error))
    go.set()
    async with asyncio.timeout(PATIENCE):
        while not told:  # noqa: ASYNC110
            await asyncio.sleep(0)
    assert told == [f"ada@example.org: The import has failed. {says}"]
    with pytest.raises(XMPPError) as no:
        await work.do("The import", ADA, until(go, error))
    assert no.value.text == says


async def test_it_is_broken_off_at_the_end(work: LongWork, told: list[str]) -> None:
    broken = asyncio.Event()

    async def for_ever(_tell: Progress) -> str:
        try:
            await asyncio.Event().wait()
        finally:
            broken.set()
        return ""

    await work.do("The export", ADA, for_ever)
    await work.end()
    assert broken.is_set()
    assert told == []
