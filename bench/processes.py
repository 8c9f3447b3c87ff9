"""Start and end the programs that the benchmark measures or measures with."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")


class Ended(Exception):
    """The process is gone, though it should run; the text holds the end of its log."""


class Program:
    """A child process that logs to a file and is ended by its own id."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process = process
        self.log = log

    @classmethod
    def start(cls, command: Sequence[str], log: Path, **environment: str) -> Program:
        """Start `command` with the repository importable and no variable of slidge's set."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("SLIDGE", "SLUICE"))}
        variables = {**inherited, "PYTHONPATH": str(REPOSITORY), **environment}
        with log.open("ab") as out:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=variables
            )
        return cls(process, log)

    def check(self) -> None:
        """Raises Ended if it does not run any more."""
        if self.process.poll() is not None:
            tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])
            raise Ended(f"{self.log.stem} exited with {self.process.returncode}:\n{tail}")

    def cpu(self) -> float:
        """Seconds of processor time it has used, of all its threads."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self) -> int:
        """Bytes of memory resident now."""
        fields = Path(f"/proc/{self.process.pid}/statm").read_text().split()
        return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")

    def peak(self) -> int:
        """Bytes of memory that were resident at most since it started."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(
            int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM:")
        )

    async def end(self) -> None:
        """Ask it to end; make it after ten seconds."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            await asyncio.to_thread(self.process.wait, 10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            await asyncio.to_thread(self.process.wait)
