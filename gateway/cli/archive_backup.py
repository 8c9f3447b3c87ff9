"""sluice archive backup"""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from gateway.cli.exit import Exit
from gateway.cli.output import showing
from gateway.cli.storage import require
from gateway.config import load
from gateway.database.engine import parse
from gateway.upkeep.backup import back_up


def backup(args: Namespace) -> int:
    """Copy the whole database, users and rooms included, to a file. The gateway may be running.

    For SQLite; PostgreSQL has pg_dump. The file is a database itself: to go back, stop the gateway,
    remove what lies beside the other with -wal and -shm at the end, and put it in its place.
    """
    config = load(args.config)
    require(config)
    target = Path(args.file)
    with showing("copying", "page") as tell:
        back_up(parse(config.database.url), target, tell)
    print(f"{target} has all of it: {target.stat().st_size} bytes.")
    return Exit.FINE
