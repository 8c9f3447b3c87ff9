"""From the command line to a command, and from what it raises to an exit code."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from gateway.cli import (
    archive,
    check,
    config,
    import_slidge,
    migrate,
    mirrors,
    options,
    rooms,
    run,
    users,
    version,
)
from gateway.cli.exit import Exit, explained
from gateway.errors import ConfigError, DatabaseError, SluiceError

COMMANDS: Sequence[tuple[options.Command, Callable[[argparse.ArgumentParser], None]]] = (
    (run.run, run.arguments),
    (check.check, check.arguments),
    (config.config, config.arguments),
    (migrate.migrate, migrate.arguments),
    (users.users, users.arguments),
    (rooms.rooms, rooms.arguments),
    (mirrors.mirrors, mirrors.arguments),
    (archive.archive, archive.arguments),
    (import_slidge.import_slidge, import_slidge.arguments),
    (version.version, version.arguments),
)


def dispatch(argv: Sequence[str] | None) -> int:
    """Run a command line, None for the process's own; returns the exit code."""
    args = parser().parse_args(argv)
    try:
        code = int(args.command(args))
        sys.stdout.flush()
    except ConfigError as wrong:
        print(wrong, file=sys.stderr)
        return Exit.CONFIGURATION
    except DatabaseError as wrong:
        print(f"sluice: {wrong}", file=sys.stderr)
        return Exit.DATABASE
    except BrokenPipeError:
        # Whoever read our output has seen enough. Python would complain again at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.FINE
    except (SluiceError, OSError) as wrong:
        print(f"sluice: {wrong}", file=sys.stderr)
        return Exit.FAILURE
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    return code


def parser() -> argparse.ArgumentParser:
    """The grammar of the command line."""
    top = argparse.ArgumentParser(
        prog="sluice",
        description="An XMPP gateway that makes the groups of a chat network rooms.",
        epilog=explained(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    for command, arguments in COMMANDS:
        name = command.__name__.replace("_", "-")
        arguments(options.action(commands, name, command, explained()))
    return top
