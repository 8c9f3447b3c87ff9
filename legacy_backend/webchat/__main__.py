"""The web chat alone: a small chat server without a gateway."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from typing import Any

from legacy_backend.webchat.backend import WebChatBackend
from legacy_backend.webchat.settings import OPTIONS


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m legacy_backend.webchat", description=__doc__)
    for key, (kind, default, words) in OPTIONS.items():
        flag = "--" + key.replace("_", "-")
        if kind is bool:
            parser.add_argument(
                flag, action=argparse.BooleanOptionalAction, default=default, help=words
            )
        else:
            parser.add_argument(flag, type=kind, default=default, help=f"{words} [{default}]")
    return parser


async def _serve(options: dict[str, Any]) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    backend = WebChatBackend(options)
    await backend.start(None)
    sys.stdout.write(f"The web chat is at {backend.url}\n")
    sys.stdout.flush()
    await stop.wait()
    await backend.stop()


def main() -> int:
    asyncio.run(_serve(vars(_parser().parse_args())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
