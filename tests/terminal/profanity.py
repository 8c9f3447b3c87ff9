"""Profanity as a person uses it: what can be typed, and what is seen in its windows."""

from __future__ import annotations

import os
from pathlib import Path

from conformance.client import Address
from demo.child import find_program
from tests.terminal.terminal import COLUMNS, Terminal

SETTINGS = """\
[ui]
splash=false
vercheck=false

[connection]
autoping=0

[notifications]
invite=false
"""

ACCOUNT = """\
[{name}]
enabled=true
jid={name}@{domain}
resource=terminal
password={password}
server={host}
port={port}
tls.policy=disable
"""

PANELS = ("Moderators", "Participants", "Visitors")


class Profanity(Terminal):
    """`async with Profanity(account, "ada", folder) as ada:` is online.

    All of its files are in the folder. There is one window for each room and each person, and one
    is seen at a time.
    """

    def __init__(self, account: Address, name: str, folder: Path) -> None:
        config, data = folder / "config", folder / "data"
        for place in (config, data):
            (place / "profanity").mkdir(parents=True)
        (config / "profanity" / "profrc").write_text(SETTINGS)
        (data / "profanity" / "accounts").write_text(
            ACCOUNT.format(
                name=name,
                domain=account.domain,
                password=account.password,
                host=account.host,
                port=account.c2s_port,
            )
        )
        super().__init__(
            [find_program("profanity", "profanity"), "--account", name],
            {
                "PATH": os.environ["PATH"],
                "HOME": str(folder),
                "XDG_CONFIG_HOME": str(config),
                "XDG_DATA_HOME": str(data),
            },
        )

    async def __aenter__(self) -> Profanity:
        await super().__aenter__()
        await self.shows("logged in successfully")
        return self

    async def joins(self, room: str, nick: str) -> None:
        """Join a room, and wait until its window says so."""
        self.types(f"/join {room} nick {nick}")
        await self.shows(f"You have joined the room as {nick}")

    async def looks_at(self, window: int, title: str) -> None:
        """Go to a window by its number (1 is the console) and wait for what its first line says."""
        self.types(f"/win {window}")
        await self.until(lambda lines: title in lines[0], f"a window called {title!r}")

    async def shows(self, text: str) -> None:
        """Wait for exactly one line with this text in it."""
        await self.until(lambda _: self.count(text) == 1, f"one line with {text!r}")

    async def lists(
        self, *, moderators: str = "", participants: str = "", visitors: str = ""
    ) -> None:
        """Wait until the room's window lists these nicks, divided by blanks, and no others."""
        wanted = {
            name: set(nicks.split())
            for name, nicks in zip(PANELS, (moderators, participants, visitors), strict=True)
        }
        await self.until(lambda _: self.listed() == wanted, f"the occupants {wanted}")

    def count(self, text: str) -> int:
        """How many lines of the window have this text in them, the list of occupants aside."""
        edge = self._edge
        return sum(text in line[:edge] for line in self.lines)

    def listed(self) -> dict[str, set[str]]:
        """The nicks in the window's list of occupants, by the list's headings."""
        edge = self._edge
        if edge is None:
            return {}
        found: dict[str, set[str]] = {}
        heading = ""
        for line in self.lines[1:]:
            entry = line[edge:]
            if entry in PANELS:
                heading = entry
                found[heading] = set()
            elif heading and entry[:2] == "  " and entry[2:3].strip():
                found[heading].add(entry.strip())
        return found

    @property
    def _edge(self) -> int | None:
        """The column at which the list of occupants begins, None if there is none."""
        for line in self.lines:
            edge = len(line) - len(PANELS[0])
            if line.endswith(PANELS[0]) and edge > COLUMNS // 2:
                return edge
        return None
