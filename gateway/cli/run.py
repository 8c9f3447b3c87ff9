"""sluice run"""

from __future__ import annotations

from argparse import Namespace

from gateway.cli import options
from gateway.config import load

arguments = options.config_file


def run(args: Namespace) -> int:
    """Run the gateway until it is told to stop.

    SIGTERM or Ctrl-C finishes what is under way, and ends.
    """
    config = load(args.config)
    from gateway.run import run as run_gateway  # what the other commands can do without

    return run_gateway(config)
