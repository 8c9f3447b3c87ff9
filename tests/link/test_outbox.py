"""What is on its way to the server: in order, held while it is away, let go beyond a limit."""

from __future__ import annotations

import asyncio

import pytest

from gateway.link.outbox import HIGH_WATER, Outbox

LIMIT = 100


class Pipe:
    """The way to the server."""

    def __init__(self) -> None:
        self.written: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def get_write_buffer_size(self) -> int:
        return 0

    @property
    def text(self) -> bytes:
        return b"".join(self.written)


class Losses:
    """Counts how often it was said that something was lost, and says goodbye each time."""

    def __init__(self) -> None:
        self.told = 0
        self.outbox: Outbox

    def __call__(self) -> None:
        self.told += 1
        self.outbox.write(b"<goodbye/>")


@pytest.fixture
def losses() -> Losses:
    return Losses()


@pytest.fixture
def outbox(losses: Losses) -> Outbox:
    losses.outbox = Outbox(LIMIT, losses)
    return losses.outbox


async def turn() -> None:
    """What was written in this turn of the event loop goes out after it."""
    await asyncio.sleep(0)
    await asyncio.sleep(0)


async def test_what_is_written_in_one_turn_goes_out_at_once_and_in_order(outbox: Outbox) -> None:
    pipe = Pipe()
    outbox.connected(pipe)
    for number in range(3):
        outbox.write(f"<a{number}/>".encode())
    assert outbox.size == 15
    await turn()
    assert pipe.written == [b"<a0/><a1/><a2/>"]
    assert outbox.size == 0
    outbox.write(b"<b/>")
    await turn()
    assert pipe.written[1:] == [b"<b/>"]


async def test_it_holds_what_comes_while_the_server_is_away(outbox: Outbox, losses: Losses) -> None:
    first, second = Pipe(), Pipe()
    outbox.write(b"<early/>")
    outbox.connected(first)
    assert first.text == b"<early/>"
    outbox.write(b"<a/>")
    outbox.disconnected()
    await turn()
    outbox.write(b"<b/>")
    await turn()
    assert first.text == b"<early/>"
    outbox.connected(second)
    assert second.text == b"<a/><b/>"
    assert losses.told == 0


async def test_beyond_the_limit_all_is_let_go_and_told_when_the_server_is_back(
    outbox: Outbox, losses: Losses, caplog: pytest.LogCaptureFixture
) -> None:
    outbox._limit = HIGH_WATER
    outbox.write(b"x" * HIGH_WATER)
    assert losses.told == 0
    outbox.write(b"<one-too-many/>")
    assert outbox.size == 0
    assert "let go" in caplog.text
    outbox.write(b"<after-the-hole/>")
    assert losses.told == 0, "nobody could be told yet"
    pipe = Pipe()
    outbox.connected(pipe)
    assert losses.told == 1
    assert pipe.text == b"<goodbye/>", "a stream with holes is worse than none"
    outbox.disconnected()
    outbox.connected(Pipe())
    assert losses.told == 1


async def test_a_small_limit_is_kept_to(outbox: Outbox) -> None:
    outbox.write(b"x" * LIMIT)
    assert outbox.size == LIMIT
    outbox.write(b"x")
    assert outbox.size == 0


async def test_a_server_that_takes_nothing_for_too_long_is_told_of_the_loss_when_it_does(
    outbox: Outbox, losses: Losses
) -> None:
    pipe = Pipe()
    outbox.connected(pipe)
    outbox.pause()
    outbox.write(b"x" * (LIMIT + 1))
    outbox.resume()
    assert losses.told == 1
    assert pipe.text == b"<goodbye/>"


async def test_a_slow_server_holds_back_and_goes_on(outbox: Outbox) -> None:
    pipe = Pipe()
    outbox.connected(pipe)
    outbox.write(b"<a/>")
    outbox.pause()
    outbox.write(b"<b/>")
    await turn()
    assert pipe.text == b""
    outbox.resume()
    assert pipe.text == b"<a/><b/>"


async def test_those_who_can_wait_do_so_while_the_server_is_slow(outbox: Outbox) -> None:
    outbox.connected(Pipe())
    await outbox.room()
    outbox.pause()
    waiting = asyncio.create_task(outbox.room())
    await turn()
    assert not waiting.done()
    outbox.resume()
    await waiting
    assert outbox.slowed_seconds > 0


async def test_what_is_written_is_counted_by_kind(outbox: Outbox) -> None:
    metered: list[tuple[bytes, int]] = []
    outbox.meter = lambda data, stanzas: metered.append((data, stanzas))
    for stanza in (b"<message/>", b"<presence/>", b"<iq/>", b"<iq/>", b" "):
        outbox.write(stanza)
    outbox.write(b"<presence/><presence/>", 2)
    assert outbox.sent == {"message": 1, "presence": 3, "iq": 2}
    assert metered[0] == (b"<message/>", 1)
    assert metered[-1] == (b"<presence/><presence/>", 2)
    outbox.write(b"x" * LIMIT)
    outbox.write(b"<message/>")  # let go
    assert outbox.sent["message"] == 1


async def test_those_who_can_wait_do_so_while_much_is_under_way(outbox: Outbox) -> None:
    outbox.connected(Pipe())
    outbox.write(b"x" * (HIGH_WATER + 1))
    waiting = asyncio.create_task(outbox.room())
    assert not outbox._room.is_set()
    await waiting


async def test_nobody_waits_for_a_server_that_is_away(outbox: Outbox) -> None:
    await outbox.room()
    outbox.connected(Pipe())
    outbox.pause()
    waiting = asyncio.create_task(outbox.room())
    await turn()
    outbox.disconnected()
    await waiting
    await outbox.room()
