"""The component: slidge's gateway with our stream under it and our rooms in it."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, cast
from xml.etree import ElementTree as ET

from slidge.core.gateway import BaseGateway
from slidge.core.session import _sessions
from slidge.db import GatewayUser
from slidge.util.types import SessionType
from slidge.util.util import SubclassableOnce
from slixmpp import JID
from slixmpp.exceptions import IqError, IqTimeout, XMPPError

from gateway.errors import Refused
from gateway.group import LegacyBookmarks, LegacyMUC, LegacyParticipant
from gateway.group.rooms import Rooms
from gateway.link.outbox import Outbox
from gateway.link.stream import Stream
from gateway.muc.rates import Rates
from gateway.muc.router import Router
from gateway.muc.service import Service

log = logging.getLogger(__name__)

AT_ONCE = 20
"""Users who are logged in beside each other at the start."""


LOGIN_SECONDS = 10.0
"""How long a stanza waits for its sender's login that is under way."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """Who may use the gateway, as slidge asks: like a pattern, with bare or with full JIDs.

    COMPAT: slidge 0.4.2 matches the bare JID in registrations and the full one in commands.
    """

    allows: Callable[[str], bool]

    def match(self, jid: object) -> bool:
        return self.allows(JID(str(jid)).bare)


class Gateway(Stream, BaseGateway[SessionType], SubclassableOnce):
    """A gateway to one network. Subclassed once, by a plugin or by the bridge to a backend.

    `rooms`, `outbox`, `rates` and `allows` (by bare JID: who may use the gateway) are set on the
    class before there is an instance, as slidge has it with `store`.
    """

    rooms: ClassVar[Rooms]
    outbox: ClassVar[Outbox]  # type: ignore[misc]
    rates: ClassVar[Rates]
    auto_register: ClassVar[bool] = False
    allows: ClassVar[Callable[[str], bool]]

    GROUPS = True

    def __init__(self) -> None:
        self._id_front = secrets.token_hex(8)
        self._ids = 0
        self._newcomers: dict[str, asyncio.Task[Any]] = {}
        self.starting = True
        self._leaving: set[str] = set()
        super().__init__()
        self.loop.set_exception_handler(_log_exception)
        self._adopt_classes()
        self.jid_validator = cast(re.Pattern[str], Allowed(type(self).allows))
        self.router = Router(self)
        self.service = Service(self)
        self._init_stream()
        self.del_event_handler("session_start", self._slidges("on_session_start"))
        self.add_event_handler("session_start", self._on_session_start)
        self._greeted = False
        disco = self.plugin["xep_0030"]
        for feature in (
            "http://jabber.org/protocol/muc#stable_id",
            "http://jabber.org/protocol/rsm",
            "jabber:iq:register",
            "vcard-temp",
        ):
            disco.add_feature(feature)

    def _adopt_classes(self) -> None:
        """Have slidge use the plugin's classes, or ours, where it found only its own."""
        muc: Any = LegacyMUC.get_self_or_unique_subclass()
        bookmarks: Any = LegacyBookmarks.get_self_or_unique_subclass()
        participant: Any = LegacyParticipant.get_self_or_unique_subclass()
        self._session_cls._bookmarks_cls = bookmarks
        bookmarks._muc_cls = muc
        muc._participant_cls = participant
        muc.xmpp = self

    def _slidges(self, name: str) -> Any:
        """A private method of slidge's gateway.

        COMPAT: slidge 0.4.2 has no other way of having its parts done at another time.
        """
        return getattr(self, f"_BaseGateway__{name}")

    async def open_network(self) -> None:
        """Connect to the network, before the server; plugins do it with each login."""

    # Stanzas

    def _spawn_event(self, xml: ET.Element) -> None:
        """Every stanza from the server: to a room, or the way slixmpp has it."""
        try:
            xml = self.incoming_filter(xml)  # type: ignore[no-untyped-call]
            if self.router.takes(xml) or self.service.takes(xml):
                return
        except Exception:
            log.exception("a stanza could not be dispatched: %s", ET.tostring(xml))
            return
        super()._spawn_event(xml)

    def new_id(self) -> str:
        """An id for a stanza of ours: unpredictable in front, counted behind.

        COMPAT: slixmpp 1.17 asks the kernel for randomness for each stanza, which can take longer
        than all the rest of making one.
        """
        self._ids += 1
        return f"{self._id_front}{self._ids:x}"

    def exception(self, exception: BaseException) -> None:
        """A handler of slixmpp's failed: log it and go on (slidge would exit)."""
        log.error("a handler failed", exc_info=exception)

    # Users

    def is_user(self, jid: str) -> bool:
        """Whether somebody is registered with the gateway."""
        return self.get_session_from_jid(JID(jid)) is not None

    def sessions(self) -> list[Any]:
        """The sessions of all users that have one."""
        return list(_sessions.values())

    async def session_for(self, sender: JID, *, register: bool = False) -> Any:
        """The session of whoever sent a stanza.

        `register` makes users of those who are allowed, where the configuration wants that.

        Raises Refused: "not-allowed" if they may not use the gateway, "registration-required" if
        they are not registered.
        """
        if not type(self).allows(sender.bare):
            raise Refused("not-allowed", "You are not allowed to use this gateway.")
        bare = sender.bare
        session = self.get_session_from_jid(sender)
        newcomer = self._newcomers.get(bare)
        if newcomer is None and session is None and register and self.auto_register:
            newcomer = asyncio.create_task(self._register(JID(bare)))
            self._newcomers[bare] = newcomer
            newcomer.add_done_callback(lambda _: self._newcomers.pop(bare, None))
        if newcomer is not None:  # a client joins all its rooms at once
            session = await asyncio.shield(newcomer)
        if session is None:
            raise Refused("registration-required", "You are not registered with this gateway.")
        return session

    async def _register(self, jid: JID) -> Any:
        """Register somebody with a network that asks for nothing, and log them in."""
        data = await self.user_prevalidate(jid, {})
        await asyncio.to_thread(self._add_user, jid, data or {})
        session = self.get_session_from_jid(jid)
        assert session is not None
        log.info("registered %s", jid)
        await self.login_wrap(session)
        return session

    async def awake(self, session: Any) -> None:
        """Return once a user is logged in to the network; at once for most.

        Raises Refused "recipient-unavailable" if they are not, and will not be soon.
        """
        if session.logged:
            return
        if self.starting or session.is_logging_in:
            await session.wait_for_ready(LOGIN_SECONDS)
        if not session.logged:
            raise Refused("recipient-unavailable", "You are not logged in to the network.")

    def get_session_from_jid(self, j: JID) -> Any:
        """The session of a user; None for those who are not registered, or are just leaving."""
        return None if j.bare in self._leaving else super().get_session_from_jid(j)

    async def kill_session(self, jid: JID) -> None:
        """A user has unregistered: close their session, and delete the rooms that were theirs."""
        bare = jid.bare
        self._leaving.add(bare)
        try:
            await super().kill_session(jid)
            for live in self.rooms:
                if live.room.owner == bare:
                    await self.rooms.forget(live)
        finally:
            self._leaving.discard(bare)

    def _add_user(self, jid: JID, data: Any) -> None:
        """Blocks."""
        with self.store.session() as orm:
            orm.add(GatewayUser(jid=jid, legacy_module_data=data))
            orm.commit()

    def _all_users(self) -> list[GatewayUser]:
        """Blocks."""
        with self.store.session() as orm:
            return orm.query(GatewayUser).all()

    def invite_to(self, muc: Any, *args: Any, **kwargs: Any) -> None:
        """Invite somebody to a room, as the gateway."""
        muc.invited()
        super().invite_to(muc, *args, **kwargs)

    # Coming up, going down

    async def _on_session_start(self, event: object) -> None:
        """The stream is up: the first time, log everybody in; later, nobody noticed."""
        if self._greeted:
            for session in self.sessions():
                session.send_cached_presence(session.user_jid.bare)
            return
        self._greeted = True
        try:
            await self._slidges("setup_attachments")()
        except Exception:
            log.exception("attachments cannot be set up")
        await self.plugin["xep_0030"].del_feature(
            feature="urn:xmpp:http:upload:0", jid=self.boundjid
        )
        await self.plugin["xep_0115"].update_caps(jid=self.boundjid)
        await self._log_in_all(await asyncio.to_thread(self._all_users))
        self.starting = False

    async def _log_in_all(self, users: Iterable[GatewayUser]) -> None:
        gate = asyncio.Semaphore(AT_ONCE)

        async def log_in(user: GatewayUser) -> None:
            async with gate:
                session = self._session_cls.from_user(user)
                session.create_task(self._welcome(user))
                if not (session.logged or session.is_logging_in):
                    await self.login_wrap(session)

        results = await asyncio.gather(*map(log_in, users), return_exceptions=True)
        for failed in results:
            if isinstance(failed, BaseException):
                log.error("a login failed", exc_info=failed)

    async def _welcome(self, user: GatewayUser) -> None:
        """Be in the user's roster; what the server does not let us do is done without."""
        try:
            await self.plugin["xep_0100"].add_component_to_roster(user.jid)
        except (IqError, IqTimeout, XMPPError) as error:
            log.debug("no roster entry for %s: %s", user.jid, error)

    async def stop(self) -> None:
        """Finish what is in flight, then close the stream."""
        for session in self.sessions():
            try:
                await session.logout()
            except NotImplementedError:
                pass
            except Exception:
                log.exception("%s could not be logged out", session.user_jid)
            self.send_presence(
                pto=session.user_jid.bare, ptype="unavailable", pstatus="The gateway is restarting."
            )
        _sessions.clear()  # a global of slidge's, which another gateway in this process would find
        await self.hang_up()
        await self.http.close()


def _log_exception(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """A task failed and nobody looked: log it and go on (slidge would exit)."""
    error = context.get("exception")
    if isinstance(error, (SystemExit, KeyboardInterrupt)):
        raise error
    log.error("%s", context.get("message", "a task failed"), exc_info=error)
