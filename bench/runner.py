"""Take one scenario's figures from the engines in turn."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

from bench.engines import Engine
from bench.processes import Ended
from bench.prosody import Prosody
from bench.report import Result
from bench.rpc import RemoteError
from bench.scenarios.base import Metric, Scenario, Size
from bench.stage import Incomplete, Stage

FAILURES = (Incomplete, Ended, RemoteError, TimeoutError, ConnectionError, OSError)


class Runner:
    """Has a stage of its own for each scenario and engine; all share one Prosody.

    `profiles` None takes none. What was noted of a run, and why an engine is out, is in `notes`,
    by scenario.
    """

    def __init__(
        self,
        engines: Sequence[type[Engine]],
        prosody: Prosody,
        folder: Path,
        *,
        size: Size,
        profiles: Path | None = None,
    ) -> None:
        self.engines = engines
        self.prosody = prosody
        self.folder = folder
        self.size = size
        self.notes: dict[str, list[str]] = {}
        self.profiles = profiles
        self.failed = False

    async def run(self, scenario: type[Scenario]) -> list[Result]:
        """Measure the engines in turn (A B A B …); an engine that fails is out."""
        values: dict[Metric, dict[str, list[float]]] = {}
        async with contextlib.AsyncExitStack() as exits:
            ready: dict[str, Scenario] = {}
            for engine in self.engines:
                with self.failing(scenario, engine):
                    ready[engine.name] = await self.prepare(exits, scenario, engine)
            for run in range(self.size.repeat or scenario.repeat):
                for engine in self.engines:
                    if engine.name not in ready:
                        continue
                    say(f"{scenario.name}: {engine.name}, run {run + 1}")
                    try:
                        measured = await self.measure(ready[engine.name], run)
                    except FAILURES as e:
                        self.fail(scenario, engine, e)
                        await ready.pop(engine.name).stage.close()
                        continue
                    await ready[engine.name].stage.settle()
                    for metric, value in measured.items():
                        values.setdefault(metric, {}).setdefault(engine.name, []).append(value)
            for name, prepared in ready.items():
                for text in sorted(prepared.stage.notes):
                    self.note(scenario, name, text)
        notes = tuple(self.notes.get(scenario.name, ()))
        return [Result(scenario.name, metric, by, notes) for metric, by in values.items()]

    async def prepare(
        self, exits: contextlib.AsyncExitStack, scenario: type[Scenario], engine: type[Engine]
    ) -> Scenario:
        say(f"{scenario.name}: {engine.name} starts")
        folder = self.folder / f"{scenario.name}-{engine.name}"
        started = engine(folder, self.prosody, shared=scenario.shared, groups=scenario.groups)
        users = (scenario.any_users and self.size.users) or scenario.users
        limit = self.size.limit
        async with within(limit):
            stage = Stage(started, self.prosody, users, limit=limit)
            await exits.enter_async_context(stage)
            try:
                prepared = scenario(stage, self.size)
                await prepared.prepare()
            except BaseException:
                await stage.close()
                raise
        await stage.settle()
        return prepared

    async def measure(self, scenario: Scenario, run: int) -> dict[Metric, float]:
        if self.profiles is None:
            async with within(self.size.limit):
                return await scenario.measure(run)
        await scenario.stage.network.do("profile")
        try:
            async with within(self.size.limit):
                return await scenario.measure(run)
        finally:
            name = f"{scenario.name}-{scenario.stage.engine.name}-{run + 1}.prof"
            await scenario.stage.network.do("profile", path=str(self.profiles.resolve() / name))

    @contextlib.contextmanager
    def failing(self, scenario: type[Scenario], engine: type[Engine]) -> Iterator[None]:
        try:
            yield
        except FAILURES as e:
            self.fail(scenario, engine, e)

    def fail(self, scenario: type[Scenario], engine: type[Engine], why: Exception) -> None:
        self.failed = True
        self.note(scenario, engine.name, f"FAILED: {type(why).__name__}: {why}")

    def note(self, scenario: type[Scenario], engine: str, text: str) -> None:
        self.notes.setdefault(scenario.name, []).append(f"{engine}: {text}")
        say(f"{scenario.name}: {engine}: {text}")


@contextlib.asynccontextmanager
async def within(seconds: float) -> AsyncIterator[None]:
    """Raises TimeoutError, which says so, if the block takes longer."""
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            yield
    except TimeoutError:
        if not limit.expired():
            raise
        raise TimeoutError(f"not done within {seconds:g} s (--limit)") from None


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
