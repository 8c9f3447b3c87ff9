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
    """A group of the network; its members are numbered. `users` None are all who log in."""

    members: int
    users: frozenset[str] | None = None

    def has(self, user: str) -> bool:
        return self.users is None or user in self.users


@dataclass
class Heard:
    """What the network got from users with one run's mark, in the order it came."""

    numbers: list[int] = field(default_factory=list)
    last: float = 0.0
    more: asyncio.Event = field(default_factory=asyncio.Event)


class Watch:
    """How long the event loop is held at a time: by the clock, and of it the processor's part.

    The clock's figure has in it what other processes on the machine take.
    """

    EVERY = 0.002

    def __init__(self) -> None:
        self.longest = 0.0
        self.busiest = 0.0
        self.task = asyncio.create_task(self.watch())

    async def watch(self) -> None:
        while True:
            began, busy = time.monotonic(), time.thread_time()
            await asyncio.sleep(self.EVERY)
            self.longest = max(self.longest, time.monotonic() - began - self.EVERY)
            self.busiest = max(self.busiest, time.thread_time() - busy)


def member_name(number: int) -> str:
    return f"member {number:05}"


def member_id(number: int) -> str:
    return f"id-of-member-{number:05}"


class Network:
    """The state of the fake network, and what the driver can make happen in it."""

    def __init__(self) -> None:
        members = int(os.environ.get("BENCH_MEMBERS", "0"))
        count = int(os.environ.get("BENCH_GROUPS", "0"))
        self.groups = {f"group-{number}": Group(members) for number in range(count)}
        self.logged_in = asyncio.Condition()
        self.enough: set[str] = set()
        self.watch: Watch | None = None
        self.sessions: dict[str, Session] = {}
        self.heard: dict[str, Heard] = {}
        self.ids = itertools.count(1)
        self.profile: cProfile.Profile | None = None

    async def do_logged_in(self, count: int) -> float:
        """Wait until so many users are logged in, with their groups known; the time then."""
        async with self.logged_in:
            await self.logged_in.wait_for(lambda: len(self.sessions) >= count)
        return time.monotonic()

    async def enter(self, session: Session) -> None:
        """A user is logged in."""
        async with self.logged_in:
            self.sessions[session.user_jid.bare] = session
            self.logged_in.notify_all()

    def of(self, group: str) -> list[Session]:
        """The sessions of the users who are in a group."""
        return [s for user, s in self.sessions.items() if self.groups[group].has(user)]

    async def do_group(self, group: str, members: int, users: list[str] | None = None) -> str:
        """Make a group, and every user that is logged in a member of it, or those with some bare
        JIDs; its room's address."""
        self.groups[group] = Group(members, None if users is None else frozenset(users))
        mucs = [await s.bookmarks.by_legacy_id(group) for s in self.of(group)]
        return str(mucs[0].jid)

    async def do_room(self, group: str, user: str) -> str:
        """Where a user's room of a group is."""
        return str((await self.sessions[user].bookmarks.by_legacy_id(group)).jid)

    async def do_know_everyone(self, shared: bool = False) -> None:
        """Have all rooms of all users know who is in them."""
        sessions = list(self.sessions.values())
        for session in sessions[:1] if shared and hasattr(LegacyMUC, "SHARED") else sessions:
            for group in self.groups:
                muc = await session.bookmarks.by_legacy_id(group)
                async for _ in muc.get_participants():
                    pass

    async def do_watch(self) -> None:
        """Look from now on how long the event loop is held."""
        self.watch = Watch()

    async def do_watched(self) -> dict[str, float]:
        """How long the event loop was held at most since then, in seconds."""
        assert self.watch is not None
        watch, self.watch = self.watch, None
        await asyncio.sleep(2 * Watch.EVERY)  # what was held just now is seen, too
        watch.task.cancel()
        return {"longest": watch.longest, "busiest": watch.busiest}

    async def do_split(self, group: str, apart: float) -> None:
        """Have all members leave in one burst, and come back in one `apart` seconds later."""
        for comes in (False, True):
            for number in range(self.groups[group].members):
                await asyncio.sleep(0)
                for session in self.of(group):
                    muc = await session.bookmarks.by_legacy_id(group)
                    member = await muc.get_participant(
                        member_name(number), occupant_id=member_id(number)
                    )
                    if comes:
                        member.online()
                    else:
                        member.leave()
            await asyncio.sleep(0 if comes else apart)

    async def do_enough(self, run: str) -> None:
        """End the posting of a run, however many messages were asked for."""
        self.enough.add(run)

    async def do_post(
        self,
        group: str,
        run: str,
        count: int,
        per_second: float = 0,
        shared: bool = False,
        author: str | None = None,
    ) -> dict[str, float]:
        """Have members post `count` messages in turn, marked with `run` and numbered from 0.

        `per_second` 0 is as fast as possible. Each message is an event of the loop of its own,
        as if it came from a socket. In a shared room one user's handle is enough; otherwise
        every user's session hears of it, as a session per user would. `author` None is each
        member in turn, otherwise somebody of that name who is no member. Times are of the
        monotonic clock, which all processes of a machine share. At a pace, a message's time is
        when it was due: a gateway that has no time to hear of it is late all the same.
        """
        members = self.groups[group].members
        sessions = self.of(group)
        if shared and hasattr(LegacyMUC, "SHARED"):
            sessions = sessions[:1]
        started = time.monotonic()
        posted = 0
        for number in range(count):
            if run in self.enough:
                break
            due = started + number / per_second if per_second else 0.0
            await asyncio.sleep(max(0.0, due - time.monotonic()) if due else 0)
            posted += 1
            legacy_id = f"message-{next(self.ids)}"
            for session in sessions:
                muc = await session.bookmarks.by_legacy_id(group)
                name, ident = member_name(number % members), member_id(number % members)
                if author is not None:
                    name, ident = author, f"id-of-{author}"
                member = await muc.get_participant(name, occupant_id=ident)
                body = f"{run} {number} {due or time.monotonic():.6f} {WORDS}"
                member.send_text(body, legacy_msg_id=legacy_id)
        return {"started": started, "ended": time.monotonic(), "posted": posted}

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
        for name, group in list(network.groups.items()):
            if group.has(self.user_jid.bare):
                await self.by_legacy_id(name)
        await network.enter(cast(Session, self.session))


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
