"""Run the suite against our gateway and the servers' own rooms; write docs/conformance.md."""

from __future__ import annotations

import argparse
import asyncio
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from conformance import Outcome, Verdict, all_scenarios
from conformance.__main__ import outcomes, summary
from conformance.table import table, written_into
from tests.conformance import places

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "conformance.md"


async def measured(name: str, place: places.Place) -> Sequence[Outcome]:
    """What a service made of the suite."""
    print(f"== {name}", flush=True)
    async with place() as service:
        found = [outcome async for outcome in outcomes(service, all_scenarios())]
    print(f"{name}: {summary(found)}", flush=True)
    return found


def version(*command: str) -> str:
    """The first thing that looks like a version in what a program prints."""
    printed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    found = re.search(r"\d+\.\d+(\.\d+)*", printed)
    return found[0] if found else ""


async def main() -> int:
    services = {
        "Sluice, shared rooms": places.shared,
        "Sluice, personal rooms": places.personal,
        f"Prosody {version('prosodyctl', 'about')}": places.prosody,
        f"ejabberd {version('dpkg-query', '-W', '-f', '${Version}', 'ejabberd')}": places.ejabberd,
    }
    found = {name: await measured(name, place) for name, place in services.items()}
    DOCUMENT.write_text(written_into(DOCUMENT.read_text("utf-8"), table(found)), "utf-8")
    for name, result in found.items():
        print(f"{name}: {summary(result)}")
    ours = [outcome for name, result in found.items() if "Sluice" in name for outcome in result]
    return int(any(outcome.verdict is Verdict.FAIL for outcome in ours))


if __name__ == "__main__":
    argparse.ArgumentParser("python -m tests.conformance", description=__doc__).parse_args()
    sys.exit(asyncio.run(main()))
