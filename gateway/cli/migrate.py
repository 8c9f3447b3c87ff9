"""sluice migrate"""

from __future__ import annotations

from argparse import Namespace

from tqdm import tqdm

from gateway.cli import options
from gateway.cli.exit import Exit
from gateway.cli.output import progress
from gateway.config import Config, load
from gateway.config.for_slidge import tell_slidge

arguments = options.config_file


def migrate(args: Namespace) -> int:
    """Bring the database to the form that this version wants, or make it.

    `sluice run` does so, too, when it starts. Not while another version is running.
    """
    was_current = bring_up(load(args.config))
    print("The database was up to date." if was_current else "The database is up to date.")
    return Exit.FINE


def bring_up(config: Config) -> bool:
    """Bring a configuration's database up to date; whether ours was. Raises DatabaseError."""
    from gateway.migrate import is_current
    from gateway.migrate import migrate as migrate_ours
    from gateway.slidge_tables import migrate_slidge

    was_current = is_current(config.database.url)
    with progress(0, "migrating", "step") as bar:
        migrate_ours(config.database.url, lambda done, of, what: _show(bar, done, of, what))
    tell_slidge(config)
    migrate_slidge(config.database.url)
    return was_current


def _show(bar: tqdm[object], done: int, of: int, what: str) -> None:
    bar.total = of
    bar.set_postfix_str(what)
    bar.update(done - bar.n)
