"""Rooms on other XMPP servers as a network of the gateway."""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

from slixmpp import JID
from slixmpp.exceptions import XMPPError

from legacy_backend.api import LegacyAccount, LegacyBackend
from legacy_backend.events import EventSink, LoginNoted, LoginStateChanged
from legacy_backend.terms import GroupId, LegacyError, UserId
from legacy_backend.values import Listed, LoginField, LoginState
from legacy_backend.xmpp import settings
from legacy_backend.xmpp.account import XmppAccount
from legacy_backend.xmpp.archive import Pace
from legacy_backend.xmpp.component import Component
from legacy_backend.xmpp.login import Login
from legacy_backend.xmpp.loops import Loops
from legacy_backend.xmpp.manners import Manners
from legacy_backend.xmpp.muc import Found
from legacy_backend.xmpp.muc.names import address
from legacy_backend.xmpp.noted_bookmarks import NOTE, NotedBookmarks
from legacy_backend.xmpp.own_addresses import OwnAddress, OwnAddresses, puppet_address
from legacy_backend.xmpp.settings import OPTIONS, Settings

log = logging.getLogger(__name__)

UNCLAIMED_SECONDS = 60.0
"""How long a login that has come about late waits for its user."""

LISTED_SECONDS = 60.0
"""How long the rooms that a service lists are believed."""

_EITHER = (
    "You need no account elsewhere: you will be in rooms all the time, with an address that the "
    "gateway makes of yours. If you have an account on another XMPP server, you may give it "
    "instead; its rooms will be here then, and the gateway keeps the password."
)


class XmppBackend(LegacyBackend):
    """Each user brings an account of their own or, where the gateway has a component for that, has
    an address of it."""

    NAME: ClassVar[str] = "XMPP"
    OPTIONS: ClassVar[Mapping[str, tuple[type, Any, str]]] = OPTIONS
    LOGIN_FIELDS: ClassVar[Sequence[LoginField]] = (
        LoginField(name="jid", label="The address of your account there"),
        LoginField(name="password", label="Its password", private=True),
        LoginField(name="nick", label="What you want to be called in rooms", required=False),
    )
    LOGIN_INSTRUCTIONS: str = (
        "Give an account on another XMPP server. Its rooms will be here, and it will be in them "
        "for you all the time. The gateway keeps the password."
    )
    account_class: ClassVar[type[LegacyAccount]] = XmppAccount

    @classmethod
    def problems(cls, options: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
        return settings.problems(options)

    @classmethod
    def login_fields(cls, options: Mapping[str, Any]) -> Sequence[LoginField]:
        """An account need not be given where there are puppets."""
        if not options.get("puppets"):
            return cls.LOGIN_FIELDS
        return tuple(replace(field, required=False) for field in cls.LOGIN_FIELDS)

    def __init__(self, options: Mapping[str, Any]) -> None:
        super().__init__(options)
        self.settings = Settings.of(options)
        self._sink: EventSink
        self._context: ssl.SSLContext
        self._loops = Loops("")
        self._house: OwnAddresses | None = None
        if self.settings.puppets is not None:
            self.LOGIN_INSTRUCTIONS = _EITHER
        self._paces: dict[str, Pace] = {}
        self._accounts: dict[UserId, XmppAccount] = {}
        self._late: dict[UserId, Login] = {}
        self._waiting: set[UserId] = set()
        """Those without an account whom the component's server keeps from being logged in."""
        self._listed: dict[JID, tuple[float, tuple[Found, ...]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, events: EventSink) -> None:
        self._sink = events
        puppets = self.settings.puppets
        self._loops = Loops(self.own_address, "" if puppets is None else puppets.domain)
        # Reads the system's certificates, which takes a while; one for all.
        self._context = await asyncio.to_thread(ssl.create_default_context)
        if puppets is None:
            return
        if self._loops.is_gateway(puppets.domain):
            raise LegacyError(
                "not-acceptable",
                f"[network.options] puppets is {puppets.domain}, the gateway's own address: the "
                "puppets need one for themselves.",
            )
        component = Component(puppets.domain, puppets.secret, puppets.host, puppets.port)
        self._house = OwnAddresses(component, self._show_all)
        Manners(self._house)
        component.start()

    async def stop(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()
        late, self._late = self._late, {}
        accounts, self._accounts = self._accounts, {}
        closing = [one.close() for one in late.values()]
        closing += [one.close() for one in accounts.values()]
        await asyncio.gather(*closing, return_exceptions=True)
        if self._house is not None:
            await self._house.component.stop()

    async def login(self, user: UserId, credentials: Mapping[str, str]) -> XmppAccount:
        """A server that cannot be reached is tried on: once it can, its user is told, and logged
        in."""
        if self._house is not None and not credentials.get("jid", "").strip():
            return await self._with_puppet(user, credentials, self._house)
        jid = self._account_address(credentials.get("jid", ""))
        password = credentials.get("password", "")
        nick = _nick(credentials, jid)
        login = await self._late_login(user, jid, password)
        if login is None:
            login = Login(jid, password, self.settings, self._context)
            login.start()
        try:
            await login.connected(self.settings.login_seconds)
        except LegacyError as no:
            if no.condition != "remote-server-timeout":
                await login.close()
            else:
                self._late[user] = login
                login.tell = lambda state, why: self._come_late(user, login, state, why)
            raise
        except BaseException:
            await login.close()
            raise
        return self._logged_in(user, login, nick)

    async def forget(self, user: UserId) -> None:
        self._waiting.discard(user)
        for found in (self._late.pop(user, None), self._accounts.pop(user, None)):
            if found is not None:
                await found.close()

    async def search_groups(self, words: str) -> Sequence[Listed]:
        """By name and address, in what the services list for whoever is logged in."""
        found = await asyncio.gather(*map(self._rooms_of, self.settings.services))
        wanted = words.lower().split()
        return [
            Listed(id=GroupId(one.jid.bare), name=one.name or one.jid.local)
            for one in (room for rooms in found for room in rooms)
            if all(word in f"{one.name} {one.jid.bare}".lower() for word in wanted)
        ]

    # inside

    async def _with_puppet(
        self, user: UserId, credentials: Mapping[str, str], house: OwnAddresses
    ) -> XmppAccount:
        """Log in somebody without an account, as the one puppet that is theirs."""
        jid, nick = puppet_address(user, house.domain), _nick(credentials, JID(user))
        try:
            await house.component.connected(self.settings.login_seconds)
        except LegacyError:
            self._waiting.add(user)
            raise
        self._waiting.discard(user)
        bookmarks = NotedBookmarks(credentials.get(NOTE, ""), partial(self._note, user))
        return self._logged_in(user, house.take(jid, bookmarks), nick)

    def _logged_in(self, user: UserId, link: Login | OwnAddress, nick: str) -> XmppAccount:
        rooms = next(iter(self.settings.services), None)
        account = XmppAccount(user, link, nick, self._sink, self._loops, self._pace, rooms)
        link.tell = lambda state, why: self._show(user, state, why)
        self._accounts[user] = account
        return account

    async def _note(self, user: UserId, rooms: str) -> None:
        await self._sink.put(LoginNoted(to=user, notes={NOTE: rooms}))

    def _show_all(self, state: LoginState, why: str) -> None:
        """The component has come or gone: tell those who wait for it. All others have links."""
        for user in self._waiting:
            self._show(user, state, why)

    def _account_address(self, text: str) -> JID:
        """Raises LegacyError "not-acceptable" for what is no address of an account that may be
        used."""
        jid = address(text.strip())
        if jid is None or not jid.local:
            raise LegacyError(
                "not-acceptable", f"{text!r} is no address of an account: try you@example.org."
            )
        if self._loops.is_own(jid.domain):
            raise LegacyError(
                "not-acceptable", "That is this very gateway: give an account on another server."
            )
        if self.settings.servers and jid.domain not in self.settings.servers:
            servers = ", ".join(sorted(self.settings.servers))
            raise LegacyError("not-acceptable", f"Only accounts on these servers: {servers}.")
        return JID(jid.bare)

    async def _late_login(self, user: UserId, jid: JID, password: str) -> Login | None:
        """The login that is still tried for a user, if it is this one."""
        login = self._late.pop(user, None)
        if login is not None and not login.is_for(jid, password):
            await login.close()
            login = None
        return login

    def _come_late(self, user: UserId, login: Login, state: LoginState, why: str) -> None:
        """A server has answered at last: let the user take the login."""
        self._show(user, state, why)
        if state is LoginState.CONNECTED or state.needs_user:
            self._start(self._unclaimed(user, login))

    async def _unclaimed(self, user: UserId, login: Login) -> None:
        await asyncio.sleep(UNCLAIMED_SECONDS)
        if self._late.get(user) is login:
            del self._late[user]
            await login.close()

    def _show(self, user: UserId, state: LoginState, why: str) -> None:
        self._start(self._sink.put(LoginStateChanged(to=user, state=state, text=why)))

    def _pace(self, server: str) -> Pace:
        found = self._paces.get(server)
        if found is None:
            found = self._paces[server] = Pace(1 / self.settings.look_ups_a_second)
        return found

    async def _rooms_of(self, service: JID) -> tuple[Found, ...]:
        until, found = self._listed.get(service, (0.0, ()))
        clients = (one.client for one in self._accounts.values())
        client = next((one for one in clients if one.wire.online), None)
        if time.monotonic() < until or client is None:
            return found
        try:
            await self._loops.check(client.wire, JID(f"any@{service}"))
            found = await client.list_rooms(service)
        except (LegacyError, XMPPError) as no:
            log.info("%s does not list its rooms: %s", service, no)
        self._listed[service] = (time.monotonic() + LISTED_SECONDS, found)
        return found

    def _start(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _nick(credentials: Mapping[str, str], of: JID) -> str:
    """What somebody is called in rooms. Raises LegacyError "not-acceptable"."""
    nick = credentials.get("nick", "").strip() or of.local or of.domain
    if address(f"room@{of.domain}/{nick}") is None:
        raise LegacyError("not-acceptable", f"{nick!r} cannot be a name in a room.")
    return nick
