"""Take one scenario's figures from the engines in turn."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.engines import Engine
from bench.processes import Ended
from bench.prosody import Prosody
from bench.report import Result
from bench.rpc import RemoteError
from bench.scenarios.base import Metric, Scenario
from bench.stage import Incomplete, Stage

FAILURES = (Incomplete, Ended, RemoteError, TimeoutError, ConnectionError, OSError)


class Runner:
    """Has a stage of its own for each scenario and engine; all share one Prosody.

    `repeat` None leaves the number of runs to the scenario; `profiles` None takes none.
    """

    def __init__(
        self,
        engines: Sequence[type[Engine]],
        prosody: Prosody,
        folder: Path,
        *,
        repeat: int | None = None,
        profiles: Path | None = None,
    ) -> None:
        self.engines = engines
        self.prosody = prosody
        self.folder = folder
        self.repeat = repeat
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
            for run in range(self.repeat or scenario.repeat):
                for engine in self.engines:
                    if engine.name not in ready:
                        continue
                    say(f"{scenario.name}: {engine.name}, run {run + 1}")
                    try:
                        measured = await self.measure(ready[engine.name], run)
                    except FAILURES as e:
                        self.fail(scenario, engine, e)
                        del ready[engine.name]
                        continue
                    await ready[engine.name].stage.settle()
                    for metric, value in measured.items():
                        values.setdefault(metric, {}).setdefault(engine.name, []).append(value)
            for name, prepared in ready.items():
                for note in sorted(prepared.stage.notes):
                    say(f"{scenario.name}: {name}: {note}")
        return [Result(scenario.name, metric, by) for metric, by in values.items()]

    async def prepare(
        self, exits: contextlib.AsyncExitStack, scenario: type[Scenario], engine: type[Engine]
    ) -> Scenario:
        say(f"{scenario.name}: {engine.name} starts")
        folder = self.folder / f"{scenario.name}-{engine.name}"
        started = engine(folder, self.prosody, shared=scenario.shared)
        stage = await exits.enter_async_context(Stage(started, self.prosody, scenario.users))
        prepared = scenario(stage)
        await prepared.prepare()
        await stage.settle()
        return prepared

    async def measure(self, scenario: Scenario, run: int) -> dict[Metric, float]:
        if self.profiles is None:
            return await scenario.measure(run)
        await scenario.stage.network.do("profile")
        try:
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
        say(f"{scenario.name}: {engine.name} FAILED: {type(why).__name__}: {why}")


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
