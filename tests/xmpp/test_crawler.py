"""An archive elsewhere is taken over patiently, and what is gone from it is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from slixmpp import JID
from slixmpp.exceptions import XMPPError

from legacy_backend.xmpp.archive import Archived, Known, Lost, Pace, Page, crawl
from legacy_backend.xmpp.archive.crawler import LONGEST_REST
from tests.xmpp.line import ROOM

STANZA = ET.Element("message")
DAY = datetime(2026, 1, 1, tzinfo=UTC)


def message(number: int) -> Archived:
    return Archived(f"id{number}", DAY + timedelta(minutes=number), STANZA)


class Clock:
    """Time goes on when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def pace(self, seconds: float) -> Pace:
        return Pace(seconds, clock=lambda: self.now, sleep=self.sleep)


class Elsewhere:
    """An archive that has the messages from `first` up to `end`, and gives 50 of them at most."""

    def __init__(self, first: int, end: int, clock: Clock) -> None:
        self.kept = [message(number) for number in range(first, end)]
        self.clock = clock
        self.asked: list[tuple[float, str | None, datetime | None, int]] = []
        self.troubles: list[str] = []

    async def page(
        self, room: JID, *, after: str | None, start: datetime | None, limit: int
    ) -> Page:
        self.asked.append((self.clock.now, after, start, limit))
        if self.troubles:
            raise XMPPError(self.troubles.pop(0))  # type: ignore[arg-type]
        fitting = [entry for entry in self.kept if start is None or entry.at >= start]
        if after is not None:
            ids = [entry.id for entry in fitting]
            if after not in ids:
                raise XMPPError("item-not-found")
            fitting = fitting[ids.index(after) + 1 :]
        page = fitting[: min(limit, 50)]
        return Page(page, page[-1].id if page else None, len(page) == len(fitting))


async def everything(
    archive: Elsewhere, pace: Pace, known: Known | None = None
) -> list[Archived | Lost]:
    return [entry async for entry in crawl(archive.page, ROOM, pace, known)]


@pytest.mark.requirement("TRAP-12")
async def test_everything_comes_in_pages_of_fifty_and_one_look_up_a_second() -> None:
    clock = Clock()
    archive = Elsewhere(0, 10_000, clock)
    assert await everything(archive, clock.pace(1)) == archive.kept
    assert {limit for *_, limit in archive.asked} == {50}
    times = [at for at, *_ in archive.asked]
    assert len(times) == 200
    assert all(later - earlier >= 1 for earlier, later in pairwise(times))


@pytest.mark.requirement("TRAP-12")
async def test_rooms_of_one_server_share_its_pace() -> None:
    clock = Clock()
    pace = clock.pace(1)
    rooms = [Elsewhere(0, 100, clock), Elsewhere(0, 100, clock)]
    for archive in rooms:
        await everything(archive, pace)
    assert [at for archive in rooms for at, *_ in archive.asked] == [0, 1, 2, 3]


async def test_a_server_that_is_not_in_a_hurry_is_not_waited_for() -> None:
    clock = Clock()
    await everything(Elsewhere(0, 200, clock), clock.pace(0))
    assert clock.slept == []


async def test_it_goes_on_where_it_was() -> None:
    clock = Clock()
    archive = Elsewhere(0, 120, clock)
    assert (
        await everything(archive, clock.pace(0), Known("id69", message(69).at))
        == (archive.kept[70:])
    )
    assert archive.asked[0][1:3] == (None, message(69).at)


@pytest.mark.requirement("TRAP-12")
async def test_what_the_archive_does_not_have_any_more_is_told_as_lost(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = Clock()
    archive = Elsewhere(100, 180, clock)  # a week has passed
    found = await everything(archive, clock.pace(0), Known("id10", message(10).at))
    assert found == [Lost(message(10).at, message(100).at), *archive.kept]
    assert "is not in its archive any more" in caplog.text


@pytest.mark.requirement("TRAP-12")
async def test_an_archive_that_is_empty_now_has_lost_everything() -> None:
    clock = Clock()
    found = await everything(Elsewhere(0, 0, clock), clock.pace(0), Known("id5", message(5).at))
    assert found == [Lost(message(5).at, None)]


async def test_a_message_that_was_taken_back_is_no_loss() -> None:
    clock = Clock()
    archive = Elsewhere(0, 80, clock)
    same_minute = Archived("beside", message(20).at, STANZA)
    archive.kept[20] = same_minute
    found = await everything(archive, clock.pace(0), Known("id20", message(20).at))
    assert found == archive.kept[20:]


async def test_a_burst_within_one_stamp_is_gone_through_for_what_is_known() -> None:
    clock = Clock()
    archive = Elsewhere(0, 0, clock)
    archive.kept = [Archived(f"id{number}", DAY, STANZA) for number in range(180)]
    found = await everything(archive, clock.pace(0), Known("id120", DAY))
    assert [entry.id for entry in found if isinstance(entry, Archived)] == [
        f"id{number}" for number in range(121, 180)
    ]
    archive.kept[120] = message(1)
    assert len(await everything(archive, clock.pace(0), Known("id120", DAY))) == 180


async def test_a_page_that_expires_on_the_way_is_gone_on_from_by_time() -> None:
    clock = Clock()
    archive = Elsewhere(0, 150, clock)
    found = []
    async for entry in crawl(archive.page, ROOM, clock.pace(0)):
        found.append(entry)
        if entry == message(49):
            archive.kept = archive.kept[80:]
    assert found == [
        *(message(number) for number in range(50)),
        Lost(message(49).at, message(80).at),
        *(message(number) for number in range(80, 150)),
    ]


async def test_an_archive_that_knows_no_ids_is_read_by_time() -> None:
    clock = Clock()
    archive = Elsewhere(0, 120, clock)

    async def by_time(room: JID, *, after: str | None, start: datetime | None, limit: int) -> Page:
        if after is not None:
            raise XMPPError("item-not-found")
        return await archive.page(room, after=after, start=start, limit=limit)

    assert [entry async for entry in crawl(by_time, ROOM, clock.pace(0))] == archive.kept
    # Where that leads nowhere, because too much was said at once, it ends too.
    archive.kept = [Archived(f"id{number}", DAY, STANZA) for number in range(60)]
    with pytest.raises(RuntimeError, match="does not get on"):
        [entry async for entry in crawl(by_time, ROOM, clock.pace(0))]


async def test_a_server_in_trouble_is_asked_again_more_and_more_seldom() -> None:
    clock = Clock()
    archive = Elsewhere(0, 10, clock)
    archive.troubles = ["remote-server-timeout", "resource-constraint"] * 6
    assert await everything(archive, clock.pace(1)) == archive.kept
    assert clock.slept[:4] == [1, 2, 4, 8]
    assert max(clock.slept) == LONGEST_REST


@pytest.mark.parametrize("condition", ["forbidden", "feature-not-implemented", "item-not-found"])
async def test_an_archive_that_refuses_is_not_asked_again(condition: str) -> None:
    clock = Clock()
    archive = Elsewhere(0, 10, clock)
    archive.troubles = [condition]
    with pytest.raises(XMPPError) as refused:
        await everything(archive, clock.pace(0))
    assert refused.value.condition == condition
    assert len(archive.asked) == 1


async def test_an_archive_that_gives_the_same_page_for_ever_is_given_up() -> None:
    async def stuck(room: JID, *, after: str | None, start: datetime | None, limit: int) -> Page:
        return Page([message(1)], "id1", complete=False)

    with pytest.raises(RuntimeError, match="does not get on"):
        [entry async for entry in crawl(stuck, ROOM, Clock().pace(0))]
