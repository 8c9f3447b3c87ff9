"""sluice check"""

from __future__ import annotations

from argparse import Namespace

from gateway.cli import options
from gateway.cli.exit import Exit
from gateway.config import load
from gateway.slidge_version import require_tested

arguments = options.config_file


def check(args: Namespace) -> int:
    """Say everything that is wrong with a configuration. Connects to nothing, changes nothing."""
    load(args.config)
    require_tested()
    print(f"{args.config}: nothing is wrong")
    return Exit.FINE
