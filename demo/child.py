"""Programs that we start, wait for, and end by their process id."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path


class ChildFailed(RuntimeError):
    """A program ended or did not become ready; the message ends with what it logged last."""


def find_program(name: str, package: str) -> str:
    """The path of a program. Looks where ordinary users' PATH does not lead, too."""
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin:/usr/local/bin")
    if found is None:
        raise FileNotFoundError(f"{name} is not installed (Debian, Ubuntu: apt install {package})")
    return found


class Child:
    """A program in its own session, so that Ctrl-C at our terminal is ours to pass on.

    It ends with us even if we are killed: the kernel tells it (setpriv --pdeathsig). That is
    bound to the thread that started it, which therefore has to be a lasting one.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        log: Path,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        self.command = list(command)
        self.log = log
        self.environment = environment
        self.folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id of the running program."""
        if self._process is None:
            raise ChildFailed(f"{self.command[0]} has not been started")
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative for the signal that ended it."""
        return None if self._process is None else self._process.poll()

    def start(self) -> None:
        """Start the program. What it prints goes to the end of its log."""
        tied_to_us = [find_program("setpriv", "util-linux"), "--pdeathsig", "KILL", "--"]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                tied_to_us + self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=None if self.environment is None else dict(self.environment),
                cwd=self.folder,
                start_new_session=True,
            )

    async def ready(self, is_ready: Callable[[], Awaitable[bool]], seconds: float = 60) -> None:
        """Return once `is_ready()`. Raises ChildFailed if the program ends first, or in time."""
        try:
            async with asyncio.timeout(seconds):
                while not await is_ready():
                    if not self.running:
                        raise ChildFailed(self._report(f"ended with {self.exit_code}"))
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise ChildFailed(self._report(f"was not ready in {seconds:g} seconds")) from None

    async def stop(self, sign: signal.Signals = signal.SIGTERM, seconds: float = 10) -> int | None:
        """End the program, by force after `seconds`. Returns its exit code, None if never run."""
        if self._process is None:
            return None
        if self._process.poll() is None:
            self._process.send_signal(sign)
        try:
            async with asyncio.timeout(seconds):
                while self._process.poll() is None:  # noqa: ASYNC110  (nothing tells us)
                    await asyncio.sleep(0.01)
        except TimeoutError:
            self.kill()
        return self._process.wait()

    def kill(self) -> None:
        """End the program at once, as by `kill -9`."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def tail(self, lines: int = 40) -> str:
        """The end of its log, "" if it has none."""
        try:
            text = self.log.read_text(errors="replace")
        except FileNotFoundError:
            return ""
        return "\n".join(text.splitlines()[-lines:])

    def _report(self, what: str) -> str:
        return f"{Path(self.command[0]).name} {what}. The end of {self.log}:\n{self.tail()}"
