"""sluice migrate"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from tqdm import tqdm

from gateway.cli import options
from gateway.cli.exit import Exit
from gateway.cli.output import progress
from gateway.config import Config, load
from gateway.config.for_slidge import tell_slidge


def arguments(parser: ArgumentParser) -> None:
    options.config_file(parser)
    parser.add_argument(
        "--back",
        metavar="REVISION",
        help="to the form of an earlier version, which says which one it wants",
    )


def migrate(args: Namespace) -> int:
    """Bring the database to the form that this version wants, or make it.

    `sluice run` does so, too, when it starts. Not while the gateway is running. With --back, the
    database is made ready for an earlier version; what that has no place for is lost: what is known
    to be missing before 0004, the index of words before 0003, which is made again, and who sees
    whose presence before 0002.
    """
    if args.back:
        from gateway.migrate import go_back

        go_back(load(args.config).database.url, args.back)
        print(f"The database is at revision {args.back}.")
        return Exit.FINE
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
