"""sluice import-slidge"""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from gateway.cli import options
from gateway.cli.exit import Exit
from gateway.cli.migrate import bring_up
from gateway.cli.output import progress
from gateway.config import Config, load
from gateway.errors import ConfigError, SluiceError

if TYPE_CHECKING:
    from gateway.takeover import Taken


def arguments(parser: ArgumentParser) -> None:
    """Of `sluice import-slidge`."""
    options.config_file(parser)
    parser.add_argument(
        "--from",
        dest="source",
        metavar="FILE",
        required=True,
        type=Path,
        help="slidge's database: slidge.sqlite in its home directory",
    )


def import_slidge(args: Namespace) -> int:
    """Take over an installation of slidge: users, preferences, contacts, rooms, archive.

    The configuration is that of the gateway which is to take its place, with the same plugin and
    an empty database; what the plugin keeps beside slidge's database is copied as well. slidge's
    own files are only read. Stop slidge for good first: what it hears later is not here.
    """
    config = load(args.config)
    if not config.network.plugin:
        raise ConfigError(
            [f"{args.config}: [network] plugin: wanted is the plugin that slidge ran"]
        )
    if not args.source.is_file():
        raise SluiceError(f"There is no file {args.source}.")
    config.files.folder.mkdir(parents=True, exist_ok=True)
    bring_up(config)
    with progress(0, "taking over", "room") as bar:
        taken = asyncio.run(_take(config, args.source, bar))
    print(
        f"{taken.users} users, {taken.contacts} contacts, {taken.rooms} rooms, "
        f"{taken.messages} messages"
    )
    return Exit.FINE


async def _take(config: Config, source: Path, bar: tqdm[object]) -> Taken:
    from gateway.database import Database
    from gateway.takeover import take_over

    def show(done: int, of: int, what: str) -> None:
        bar.total = of
        bar.set_postfix_str(what)
        bar.update(done - bar.n)

    database = Database(config.database.url, durable=config.database.durable)
    await database.open()
    try:
        return await take_over(
            database, config.database.url, source, config.xmpp.jid, config.files.folder, show
        )
    finally:
        await database.close()
