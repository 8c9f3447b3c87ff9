"""`python -m demo`"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import webbrowser
from pathlib import Path

from demo.child import ChildFailed
from demo.client import converse
from demo.group import WebChatRefused
from demo.run import Demo, demo
from demo.visit import VisitFailed

ROOT = Path(__file__).parent.parent

READY = """
The demo is at    {address}
Its web chat is   {webchat}
An XMPP account for any client on this machine:
{account}

Ctrl-C ends it. What was said is kept in {folder}.
"""


def main() -> int:
    """Run the demo until Ctrl-C. Returns 1 if something could not be started."""
    parser = argparse.ArgumentParser(prog="python -m demo", description="Sluice, to try out.")
    parser.add_argument("--folder", type=Path, default=ROOT / ".demo", help="where its data is")
    parser.add_argument("--port", type=int, help="the port of the page; 0 for any")
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    args = parser.parse_args()
    try:
        asyncio.run(run(args.folder, args.port, browser=not args.no_browser))
    except (ChildFailed, FileNotFoundError, VisitFailed, WebChatRefused) as wrong:
        print(wrong, file=sys.stderr)
        return 1
    return 0


async def run(folder: Path, port: int | None, *, browser: bool) -> None:
    """Run the demo until SIGINT or SIGTERM, in the middle of its start too."""
    ending = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ending.set)
    showing = asyncio.create_task(show(folder, port, browser=browser))
    asked = asyncio.create_task(ending.wait())
    await asyncio.wait([showing, asked], return_when=asyncio.FIRST_COMPLETED)
    asked.cancel()
    if not showing.done():
        print("Ending ...", flush=True)
        showing.cancel()
    try:
        await showing
    except asyncio.CancelledError:
        print("Ended.", flush=True)


async def show(folder: Path, port: int | None, *, browser: bool) -> None:
    """Start everything, tell how to reach it, and wait to be cancelled."""
    async with demo(folder, page_port=port, say=tell) as running:
        tell(words(running, folder))
        if converse() is None:
            tell("Converse.js is not there (npm installs it): use the account above.")
        if browser and has_display():
            await asyncio.to_thread(webbrowser.open, running.address)
        while running.gateway.running:  # noqa: ASYNC110  (nothing tells us)
            await asyncio.sleep(1)
        raise ChildFailed(f"The gateway ended by itself. Its last words:\n{running.gateway.logs()}")


def words(running: Demo, folder: Path) -> str:
    return READY.format(
        address=running.address,
        webchat=running.webchat,
        account=running.account.in_words(),
        folder=folder,
    )


def tell(text: str) -> None:
    print(text, flush=True)


def has_display() -> bool:
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


sys.exit(main())
