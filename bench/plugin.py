"""The network that the benchmark bridges: groups in memory, told by the driver what happens.

A slidge plugin like any other, written against `slidge` alone and loaded unchanged by both
engines. It looks up the room and the participant for each message, as plugins of real networks
do. The driver speaks to it on the Unix socket that BENCH_CONTROL names.
"""

from __future__ import annotations

import asyncio
import contextlib
import cProfile
import itertools
import os
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from slidge import BaseGateway, BaseSession
from slidge.contact import LegacyContact
from slidge.group import LegacyBookmarks, LegacyMUC, LegacyParticipant, MucType

from bench import rpc
from bench.words import WORDS


@dataclass
class Group:
    """A group of the network; its members are numbered."""

    members: int


@dataclass
class Heard:
    """What the network got from users with one run's mark, in the order it came."""

    numbers: list[int] = field(default_factory=list)
    last: float = 0.0
    more: asyncio.Event = field(default_factory=asyncio.Event)


def member_name(number: int) -> str:
    return f"member {number:05}"


def member_id(number: int) -> str:
    return f"id-of-member-{number:05}"


class Network:
    """The state of the fake network, and what the driver can make happen in it."""

    def __init__(self) -> None:
        self.groups: dict[str, Group] = {}
        self.sessions: dict[str, Session] = {}
        self.heard: dict[str, Heard] = {}
        self.ids = itertools.count(1)
        self.profile: cProfile.Profile | None = None

    async def do_users(self) -> list[str]:
        """Who is logged in, with their groups known."""
        return list(self.sessions)

    async def do_group(self, group: str, members: int) -> str:
        """Make a group, and every user that is logged in a member of it; its room's address."""
        self.groups[group] = Group(members)
        mucs = [await s.bookmarks.by_legacy_id(group) for s in self.sessions.values()]
        return str(mucs[0].jid)

    async def do_post(
        self, group: str, run: str, count: int, per_second: float = 0, shared: bool = False
    ) -> dict[str, float]:
        """Have members post `count` messages in turn, marked with `run` and numbered from 0.

        `per_second` 0 is as fast as possible. Each message is an event of the loop of its own,
        as if it came from a socket. In a shared room one user's handle is enough; otherwise
        every user's session hears of it, as a session per user would. Times are of the
        monotonic clock, which all processes of a machine share.
        """
        members = self.groups[group].members
        sessions = list(self.sessions.values())
        if shared and hasattr(LegacyMUC, "SHARED"):
            sessions = sessions[:1]
        started = time.monotonic()
        for number in range(count):
            if per_second:
                await asyncio.sleep(started + number / per_second - time.monotonic())
            else:
                await asyncio.sleep(0)
            legacy_id = f"message-{next(self.ids)}"
            for session in sessions:
                muc = await session.bookmarks.by_legacy_id(group)
                author = await muc.get_participant(
                    member_name(number % members), occupant_id=member_id(number % members)
                )
                body = f"{run} {number} {time.monotonic():.6f} {WORDS}"
                author.send_text(body, legacy_msg_id=legacy_id)
        return {"started": started, "ended": time.monotonic()}

    async def do_heard(self, run: str, count: int) -> dict[str, Any]:
        """Wait until `count` messages marked with `run` came from users; say how they came."""
        heard = self.heard.setdefault(run, Heard())
        while len(heard.numbers) < count:
            heard.more.clear()
            await heard.more.wait()
        in_order = heard.numbers == sorted(heard.numbers)
        return {
            "received": len(heard.numbers),
            "distinct": len(set(heard.numbers)),
            "in_order": in_order,
            "last": heard.last,
        }

    async def do_profile(self, path: str = "") -> None:
        """Start a profile of this process; with a path, end it and write it there."""
        if self.profile is None:
            self.profile = cProfile.Profile()
            self.profile.enable()
        else:
            self.profile.disable()
            self.profile.dump_stats(path)
            self.profile = None

    def hear(self, body: str) -> str:
        """Take a user's message; its id in the network."""
        run, number, _ = body.split(" ", 2)
        heard = self.heard.setdefault(run, Heard())
        heard.numbers.append(int(number))
        heard.last = time.monotonic()
        heard.more.set()
        return f"message-{next(self.ids)}"


network = Network()


class Gateway(BaseGateway["Session"]):
    COMPONENT_NAME = "Bench"
    COMPONENT_TYPE = "bench"
    REGISTRATION_FIELDS = ()
    REGISTRATION_INSTRUCTIONS = "Nothing to fill in."
    GROUPS = True

    def __init__(self) -> None:
        super().__init__()
        control = Path(os.environ["BENCH_CONTROL"])
        self.control = self.loop.create_task(rpc.serve(control, network))

    async def validate(self, *_: object) -> dict[str, Any]:
        return {}


class Session(BaseSession[LegacyContact]):
    bookmarks: Bookmarks

    async def login(self) -> str:
        return "Connected"

    async def logout(self) -> None:
        with contextlib.suppress(KeyError):
            del network.sessions[self.user_jid.bare]


class Bookmarks(LegacyBookmarks["MUC"]):
    async def fill(self) -> None:
        for group in list(network.groups):
            await self.by_legacy_id(group)
        network.sessions[self.user_jid.bare] = cast(Session, self.session)


class Participant(LegacyParticipant[LegacyContact]):
    pass


class MUC(LegacyMUC[Participant]):
    SHARED = os.environ.get("BENCH_SHARED") == "1"

    async def update_info(self) -> None:
        group = network.groups[self.legacy_id]
        self.type = MucType.CHANNEL
        self.name = f"Group {self.legacy_id}"
        self.subject = "Speed"
        self.n_participants = group.members + 1

    async def fill_participants(self) -> AsyncIterator[Participant]:
        for number in range(network.groups[self.legacy_id].members):
            yield await self.get_participant(member_name(number), occupant_id=member_id(number))

    async def on_message(self, message: Any) -> str:
        return network.hear(message.body)
