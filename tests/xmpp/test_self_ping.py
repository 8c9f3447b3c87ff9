"""Whether we are still in a silent room: pings of ourselves (XEP-0410)."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from slixmpp.exceptions import XMPPError

from conformance.client import PATIENCE
from legacy_backend.xmpp.muc import LeaveMode, Room
from legacy_backend.xmpp.muc.selfping import Verdict, verdict
from tests.xmpp.line import Heard, Line, absent, present, says

PING = "<iq type='get' to='{room}/ada'><ping xmlns='urn:xmpp:ping'/></iq>"
PONG = "<iq type='result' id='{id}' from='{to}'/>"
NO = """
    <iq type='error' id='{id}' from='{to}'><error type='cancel'>
      <{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"""

SOON = timedelta(milliseconds=5)
NEVER = timedelta(days=1)


def patience(room: Room, *, soft: timedelta = NEVER, hard: timedelta = NEVER) -> None:
    room.muc_hard_timeout = hard
    room.muc_ping_interval = timedelta(milliseconds=20)
    room.muc_soft_timeout = soft


async def until(room: Room, signal: str) -> None:
    async with asyncio.timeout(PATIENCE):
        await getattr(room, signal).future()


@pytest.mark.requirement("A-165", "A-166", "A-167", "A-168")
@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("", Verdict.JOINED),
        ("service-unavailable", Verdict.JOINED),
        ("feature-not-implemented", Verdict.JOINED),
        ("item-not-found", Verdict.UNKNOWN),
        ("remote-server-not-found", Verdict.UNKNOWN),
        ("remote-server-timeout", Verdict.UNKNOWN),
        ("resource-constraint", Verdict.UNKNOWN),
        ("not-acceptable", Verdict.GONE),
        ("not-allowed", Verdict.GONE),
        ("bad-request", Verdict.GONE),
    ],
)
def test_what_an_answer_means(condition: str, expected: Verdict) -> None:
    error = XMPPError(condition) if condition else None  # type: ignore[arg-type]
    assert verdict(error) is expected


@pytest.mark.requirement("A-160", "A-163", "A-165")
async def test_silence_brings_pings_and_an_answer_ends_them(line: Line) -> None:
    room, _ = await line.join()
    patience(room, soft=SOON)
    await line.sends(PING)
    await line.is_asked(PING, PONG)  # the first one got no answer
    room.muc_soft_timeout = NEVER
    await line.sends_nothing()
    assert room.muc_active


@pytest.mark.requirement("A-164")
async def test_pings_are_sent_while_others_are_under_way(line: Line) -> None:
    room, _ = await line.join()
    room.muc_ping_timeout = timedelta(seconds=30)
    patience(room, soft=SOON)
    asked = [(await line.sends(PING)).get("id") for _ in range(4)]
    assert len(set(asked)) == 4
    room.muc_soft_timeout = NEVER


@pytest.mark.requirement("A-107", "A-108", "A-109", "A-161", "A-169")
async def test_a_stale_room_is_fresh_once_anything_comes(line: Line) -> None:
    room, heard = await line.join()
    heard.names()
    patience(room, hard=SOON)
    await until(room, "on_muc_stale")
    room.muc_hard_timeout = NEVER
    assert room.muc_active  # it is only told
    line.brings(present("bao"))
    assert heard.names() == ["on_muc_stale", "on_muc_fresh", "on_join"]


@pytest.mark.requirement("A-109", "A-165")
async def test_the_answer_to_a_ping_makes_it_fresh(line: Line) -> None:
    room, heard = await line.join()
    patience(room, hard=SOON)
    await until(room, "on_muc_stale")
    room.muc_hard_timeout = NEVER
    room.muc_soft_timeout = SOON
    fresh = asyncio.ensure_future(until(room, "on_muc_fresh"))
    await line.is_asked(PING, PONG)
    await fresh
    room.muc_soft_timeout = NEVER
    assert heard.names()[-1] == "on_muc_fresh"


@pytest.mark.requirement("A-109", "A-103")
async def test_a_stale_room_may_be_suspended(line: Line) -> None:
    room, heard = await line.join()
    heard.names()
    patience(room, hard=SOON)
    await until(room, "on_muc_stale")
    line.down()
    line.up()
    room.muc_hard_timeout = NEVER
    assert heard.names() == ["on_muc_stale", "on_muc_suspend", "on_muc_resume"]


@pytest.mark.requirement("A-167", "A-104")
async def test_who_is_not_in_any_more_joins_again(line: Line) -> None:
    room, heard = await line.join()
    heard.names()
    patience(room, soft=SOON)
    resumed = asyncio.ensure_future(until(room, "on_muc_resume"))
    await line.is_asked(PING, NO, condition="not-acceptable")
    await resumed
    room.muc_soft_timeout = NEVER
    assert heard.names() == ["on_muc_suspend", "on_muc_resume"]
    await line.sends("""
        <presence to='{room}/ada'><x xmlns='http://jabber.org/protocol/muc'><history/></x>
        </presence>""")
    line.enters()
    assert room.muc_active


@pytest.mark.requirement("A-167", "A-109", "A-130")
async def test_without_autorejoin_that_is_the_end(line: Line) -> None:
    room, heard = await line.join(autorejoin=False)
    patience(room, soft=SOON)
    ended = asyncio.ensure_future(until(room, "on_exit"))
    await line.is_asked(PING, NO, condition="not-acceptable")
    await ended
    _, told = heard.one("on_exit")
    assert told["muc_leave_mode"] is LeaveMode.DISCONNECTED


@pytest.mark.requirement("A-166")
async def test_an_error_on_the_way_changes_nothing(line: Line) -> None:
    room, heard = await line.join()
    heard.names()
    patience(room, soft=SOON)
    for _ in range(3):
        await line.is_asked(PING, NO, condition="remote-server-timeout")
    room.muc_soft_timeout = NEVER
    assert room.muc_active
    assert heard.names() == []


@pytest.mark.requirement("A-110")
async def test_nothing_is_watched_before_the_room_has_begun_to_answer(line: Line) -> None:
    room, _ = line.client.join(line.names["room"], "ada")  # type: ignore[arg-type]
    heard = Heard(room)
    patience(room, soft=SOON, hard=SOON)
    await line.sends("<presence/>")
    line.brings(says("bao", "of an earlier visit"))
    heard.names()
    await asyncio.sleep(0.03)  # six times what either timer takes
    await line.sends_nothing()
    line.brings(present("bao"))
    await until(room, "on_muc_stale")
    await line.sends(PING)
    room.muc_soft_timeout = room.muc_hard_timeout = NEVER
    assert heard.names() == ["on_join", "on_muc_stale"]


async def test_a_room_that_is_over_is_watched_no_more(line: Line) -> None:
    room, heard = await line.join()
    line.brings(absent("ada", codes="110 307"))
    heard.names()
    patience(room, soft=SOON, hard=SOON)
    await asyncio.sleep(0.03)
    await line.sends_nothing()
    assert heard.names() == []


async def test_times_to_wait_are_positive(line: Line) -> None:
    room, _ = await line.join()
    with pytest.raises(ValueError, match="more than nothing"):
        room.muc_ping_interval = timedelta(0)


@pytest.mark.requirement("A-170")
async def test_what_was_missed_is_left_to_whoever_reads_archives(line: Line) -> None:
    room, _ = await line.join()
    patience(room, soft=SOON)
    await line.is_asked(PING, NO, condition="not-acceptable")
    room.muc_soft_timeout = NEVER
    await line.sends("<presence/>")
    line.enters()
    await line.sends_nothing()  # no query of the archive, nothing
