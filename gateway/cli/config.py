"""sluice config"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from gateway.cli import options
from gateway.cli.exit import Exit
from gateway.config import load, write


def arguments(parser: ArgumentParser) -> None:
    """Of `sluice config`."""
    options.config_file(parser)
    parser.add_argument(
        "--example",
        action="store_true",
        help="print the example file, with every setting explained; reads no configuration",
    )


def config(args: Namespace) -> int:
    """Print the configuration that is in effect, defaults and all, with secrets masked."""
    sys.stdout.write(write.example() if args.example else write.effective(load(args.config)))
    return Exit.FINE
