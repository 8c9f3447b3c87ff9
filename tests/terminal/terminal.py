"""A program in a terminal of its own, and what its screen shows."""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import struct
import termios
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType

import pyte

from conformance.client import PATIENCE
from demo.child import find_program

ROWS, COLUMNS = 100, 160
"""Tall, so that a whole conversation is on the screen at once."""


class Terminal:
    """`async with Terminal(command, environment) as terminal:` runs a program for people.

    What is typed goes in as keys, and what comes out is drawn on a screen. Waiting is for what
    the screen shows; if it does not come, the failure shows the screen.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        # The kernel ends the program with us, even if we are killed.
        self._command = [find_program("setpriv", "util-linux"), "--pdeathsig", "KILL", *command]
        self._environment = {**environment, "TERM": "linux", "LC_ALL": "C.UTF-8"}
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)
        self._drawn = asyncio.Event()
        self._master = -1
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Terminal:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._command, stdin=slave, stdout=slave, stderr=slave,
                env=self._environment, start_new_session=True,
            )  # fmt: skip
        finally:
            os.close(slave)
        asyncio.get_running_loop().add_reader(self._master, self._draw)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process is not None
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        asyncio.get_running_loop().remove_reader(self._master)
        os.close(self._master)
        if error is not None:
            print(f"What the terminal showed:\n{self.text}")

    @property
    def lines(self) -> list[str]:
        """What is on the screen, without the blanks at the ends of lines."""
        return [line.rstrip() for line in self._screen.display]

    @property
    def text(self) -> str:
        """The lines that are not empty."""
        return "\n".join(line for line in self.lines if line)

    def types(self, line: str) -> None:
        """Type something, and the key Enter."""
        os.write(self._master, f"{line}\r".encode())

    async def until(self, seen: Callable[[list[str]], bool], what: str) -> None:
        """Wait until the lines of the screen are as `seen` wants them."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not seen(self.lines):
                    self._drawn.clear()
                    await self._drawn.wait()
        except TimeoutError:
            raise AssertionError(f"The screen does not show {what}:\n{self.text}") from None

    def _draw(self) -> None:
        try:
            drawn = os.read(self._master, 65536)
        except OSError:  # nobody has the other end any more
            asyncio.get_running_loop().remove_reader(self._master)
            return
        self._stream.feed(drawn)
        self._drawn.set()
