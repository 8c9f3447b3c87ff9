"""sluice mirrors"""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser, Namespace
from typing import Any

from gateway.cli import options
from gateway.cli.exit import Exit
from gateway.cli.output import print_rows
from gateway.config import load
from gateway.metrics.ask import ask


def arguments(parser: ArgumentParser) -> None:
    """Of `sluice mirrors`."""
    options.config_file(parser)
    options.as_json(parser)


def mirrors(args: Namespace) -> int:
    """List the mirrored rooms of the running gateway: those it mirrors, and its own that have
    mirrors.

    Users are the clients at the mirror. Up is towards the master. Saved is what plain MUC would
    have sent besides, joins not reckoned with: each presence and message that crossed once, for
    each further client. Numbers count from when the room was mirrored, or the gateway started.
    """
    config = load(args.config)
    rows: list[dict[str, Any]] = asyncio.run(ask(config.files.folder, "mirrors"))
    print_rows(rows, as_json=args.json, none="No room is mirrored just now.")
    return Exit.FINE
