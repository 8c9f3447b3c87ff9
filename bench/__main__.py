"""`python -m bench SCENARIO…`: measure Sluice and slidge side by side, in one run."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench import limits, machine, report
from bench.archive import figures
from bench.archive import measure as archive
from bench.engines import ENGINES
from bench.prosody import Prosody
from bench.report import Result
from bench.runner import Runner, say
from bench.scenarios import ALL
from bench.scenarios.base import Size


def arguments() -> argparse.Namespace:
    abouts = {"limit": "no gateway: what Prosody and the clients can take"}
    abouts["archive"] = "the archive alone, at 10,000 messages and more, and slidge's"
    abouts["mirror"] = "bytes and stanzas over a link between servers: plain MUC, and mirrored"
    abouts |= {name: scenario.about for name, scenario in ALL.items()}
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Run one plugin under Sluice and under a peer, in turn, and compare.",
        epilog="\n".join(f"  {name:14} {about}" for name, about in abouts.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    # `choices` would refuse an empty list, too.
    parser.add_argument(
        "scenario", nargs="*", metavar="SCENARIO", help="see below; all of them if none is named"
    )
    parser.add_argument("--peer", choices=["slidge"], default="slidge", help="compare with this")
    parser.add_argument("--only", choices=list(ENGINES), help="run this one engine, no comparison")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--repeat", type=int, help="runs per engine (default: the scenario's)")
    parser.add_argument("--profile", type=Path, metavar="FOLDER", help="write cProfile data there")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="logs and databases go there")
    parser.add_argument(
        "--messages",
        type=int,
        help="archive: up to so many (default: 10000000); memory-growth: so many (100000)",
    )
    parser.add_argument("--users", type=int, help="churn, start, memory: so many")
    parser.add_argument(
        "--limit",
        type=float,
        default=120,
        metavar="SECONDS",
        help="an engine that takes longer to prepare, or for one run, is out (default: 120)",
    )
    parser.add_argument("--rooms", type=int, help="archive: in so many (default: in 1, in 1000)")
    parser.add_argument(
        "--database", choices=archive.KINDS, help="archive: in this one only, not in each"
    )
    args = parser.parse_args()
    if unknown := [name for name in args.scenario if name not in ("all", *abouts)]:
        parser.error(f"there is no scenario {unknown[0]!r}; these are: all, {', '.join(abouts)}")
    if args.keep and args.keep.exists() and any(args.keep.iterdir()):
        parser.error(f"{args.keep} is not empty")
    return args


async def main(args: argparse.Namespace, folder: Path) -> int:
    """0 if every engine went through every scenario, 1 if one did not."""
    if args.profile:
        args.profile.mkdir(parents=True, exist_ok=True)
    every = not args.scenario or "all" in args.scenario
    names: Sequence[str] = ["limit", "archive", "mirror", *ALL] if every else args.scenario
    engines = [ENGINES[name] for name in ([args.only] if args.only else ["sluice", args.peer])]
    began = time.monotonic()
    for name, measure in (("archive", measure_archive), ("mirror", measure_mirror)):
        if name in names:
            await measure(args, folder)
    names = [name for name in names if name not in ("archive", "mirror")]
    if not names:
        return 0
    components = [engine.jid() for engine in ENGINES.values()]
    async with Prosody(folder / "prosody", components) as prosody:
        size = Size(args.repeat, args.users, args.messages or Size.messages, args.limit)
        runner = Runner(engines, prosody, folder, size=size, profiles=args.profile)
        described = machine.describe(engines, folder)
        for line in described:
            print(line, file=sys.stderr if args.json else sys.stdout)
        results: list[Result] = []
        for name in names:
            if name == "limit":
                say("limit: Prosody and the clients, without a gateway")
                (folder / name).mkdir()
                jid = ENGINES["sluice"].jid()
                found = await limits.measure(prosody, jid, folder / name, args.repeat or 3)
                print(limits.as_json(found) if args.json else limits.as_table(found), flush=True)
                continue
            measured = await runner.run(ALL[name])
            results += measured
            if args.json:
                for result in measured:
                    print(report.as_json(result, args.peer), flush=True)
    if results and not args.json:
        print(report.as_table(results, args.peer))
    say(f"{time.monotonic() - began:.0f} s in all")
    return int(runner.failed)


async def measure_archive(args: argparse.Namespace, folder: Path) -> None:
    for line in machine.describe([], folder):
        print(line, file=sys.stderr if args.json else sys.stdout)
    wanted = archive.Wanted(
        kinds=[args.database] if args.database else archive.KINDS,
        rooms=[args.rooms] if args.rooms else archive.ROOMS,
        most=args.messages or archive.SIZES[-1],
        peer=args.only is None,
    )
    found = []
    async for figure in archive.everything(wanted, folder):
        found.append(figure)
        if args.json:
            print(figures.as_json(figure), flush=True)
    for ratio in figures.ratios(found) if args.json else ():
        print(figures.as_json(ratio), flush=True)
    if not args.json:
        print(figures.as_tables(found), flush=True)


async def measure_mirror(args: argparse.Namespace, folder: Path) -> None:
    from bench import mirror  # with what the tests stand on, which nothing else here needs

    for line in machine.describe([], folder):
        print(line, file=sys.stderr if args.json else sys.stdout)
    (folder / "mirror").mkdir(parents=True)
    results = await mirror.run(folder / "mirror")
    for result in results if args.json else ():
        print(report.as_json(result, mirror.PLAIN), flush=True)
    if not args.json:
        print(report.as_table(results, mirror.PLAIN), flush=True)


def end(*_: object) -> None:
    """Leave as at an exception, so that all that was started is ended."""
    raise SystemExit(128 + signal.SIGTERM)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, end)
    parsed = arguments()
    if parsed.keep:
        sys.exit(asyncio.run(main(parsed, parsed.keep.resolve())))
    with tempfile.TemporaryDirectory(prefix="sluice-bench-") as temporary:
        sys.exit(asyncio.run(main(parsed, Path(temporary))))
