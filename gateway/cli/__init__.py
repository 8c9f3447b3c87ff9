"""The command `sluice`: one file a command, and `main`, which finds the one that is meant."""

import logging
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line, None for the process's own; returns the exit code."""
    # COMPAT: slixmpp 1.17 says while it is imported that it could be built for more speed
    logging.getLogger("slixmpp.stringprep").setLevel(logging.ERROR)
    from gateway.cli.dispatch import dispatch

    return dispatch(argv)
