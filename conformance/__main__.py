"""Run the suite against a MUC service, and print what it does.

It needs a service, a server through which to reach it, and four accounts there. Connections are
plain: the server has to take them without TLS, as servers for tests do. Rooms are made by joining
them, under names that nobody else uses; --rooms gives others, one for each scenario, which the
first account has to own.

    python -m conformance --service rooms.localhost --host 127.0.0.1 --port 5222 \\
        --domain localhost ada:secret1 bao:secret2 cyd:secret3 dov:secret4
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from conformance.registry import Scenario, all_scenarios
from conformance.run import Outcome, Verdict, play
from conformance.service import ROLES, Account, Service


def arguments() -> argparse.ArgumentParser:
    summary, _, rest = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(
        "python -m conformance",
        description=summary,
        epilog=rest,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--service", required=True, help="address of the MUC service")
    parser.add_argument("--host", default="127.0.0.1", help="where clients connect to")
    parser.add_argument("--port", type=int, default=5222)
    parser.add_argument("--domain", default="localhost", help="the accounts' domain")
    parser.add_argument("--rooms", type=Path, help="a file with the address of a room a line")
    parser.add_argument("--only", default="", help="scenarios whose name has this in it")
    parser.add_argument("--list", action="store_true", help="print the scenarios' names and rows")
    parser.add_argument(
        "--patience",
        type=float,
        default=10.0,
        metavar="SECONDS",
        help="after which what has not come is taken for missing",
    )
    parser.add_argument(
        "accounts", nargs=len(ROLES), metavar="NAME:PASSWORD", help="the names serve as nicknames"
    )
    return parser


def service_of(given: argparse.Namespace) -> Service:
    """Raises SystemExit if an account is not NAME:PASSWORD, or two are the same."""
    accounts = [Account(*one.split(":", 1)) for one in given.accounts if ":" in one]
    if len({account.name for account in accounts}) < len(ROLES):
        raise SystemExit("four different accounts are needed, each as NAME:PASSWORD")
    rooms = None if given.rooms is None else given.rooms.read_text("utf-8").split()
    return Service(
        given.service,
        given.host,
        given.port,
        given.domain,
        dict(zip(ROLES, accounts, strict=True)),
        rooms,
        given.patience,
    )


async def outcomes(
    service: Service, chosen: Sequence[Scenario], *, verbose: bool = True
) -> AsyncIterator[Outcome]:
    """Play one scenario after the other, telling what is not a pass."""
    for scenario in chosen:
        outcome = await play(service, scenario)
        if verbose and outcome.verdict is not Verdict.PASS:
            print(f"{outcome.verdict}: {scenario.name}\n    {_indented(outcome.why)}", flush=True)
        yield outcome


def summary(found: Sequence[Outcome]) -> str:
    """How many passed, failed and are not offered."""
    number = Counter(outcome.verdict for outcome in found)
    return ", ".join(
        f"{number[verdict]} {word}"
        for verdict, word in (
            (Verdict.PASS, "passed"),
            (Verdict.FAIL, "failed"),
            (Verdict.NOT_OFFERED, "not offered"),
        )
    )


def _indented(text: str) -> str:
    return text.replace("\n", "\n    ")


async def _main(given: argparse.Namespace) -> int:
    chosen = [one for one in all_scenarios() if given.only in one.name]
    found = [outcome async for outcome in outcomes(service_of(given), chosen)]
    print(summary(found))
    return int(any(outcome.verdict is Verdict.FAIL for outcome in found))


def main() -> int:
    if "--list" in sys.argv:
        for scenario in all_scenarios():
            print(scenario.name, *scenario.rows)
        return 0
    return asyncio.run(_main(arguments().parse_args()))


if __name__ == "__main__":
    sys.exit(main())
