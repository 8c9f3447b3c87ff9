"""Options that several commands have."""

from __future__ import annotations

import argparse
import inspect
import os
from collections.abc import Callable
from typing import Any

Command = Callable[[argparse.Namespace], int]


def config_file(parser: argparse.ArgumentParser, *, again: bool = False) -> None:
    """-c FILE: the configuration. `again` for an action of a command that has the option too."""
    known = os.environ.get("SLUICE_CONFIG") or "config.toml"
    parser.add_argument(
        "-c",
        "--config",
        metavar="FILE",
        default=argparse.SUPPRESS if again else known,
        help="the configuration (default: what SLUICE_CONFIG names, or config.toml)",
    )


def as_json(parser: argparse.ArgumentParser) -> None:
    """--json: output for programs."""
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")


def action(actions: Any, name: str, command: Command, epilog: str = "") -> argparse.ArgumentParser:
    """A command's own command, or a command of `sluice`: its docstring is its help."""
    words = inspect.getdoc(command) or ""
    parser: argparse.ArgumentParser = actions.add_parser(
        name,
        help=words.partition(".")[0],
        description=words,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(command=command)
    return parser
