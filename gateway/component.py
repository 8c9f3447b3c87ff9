"""The component: slidge's gateway with our stream under it and our rooms in it."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, cast
from xml.etree import ElementTree as ET

from slidge.core.gateway import BaseGateway
from slidge.core.session import _sessions
from slidge.db import GatewayUser
from slidge.util.types import SessionType
from slidge.util.util import SubclassableOnce
from slixmpp import JID, InvalidJID, Presence
from slixmpp.exceptions import XMPPError

import gateway.commands  # noqa: F401  (slidge offers what is imported)
from gateway.errors import Refused
from gateway.group import LegacyBookmarks, LegacyMUC, LegacyParticipant
from gateway.group.found import Found
from gateway.group.rooms import Rooms
from gateway.link.outbox import Outbox
from gateway.link.privileges import Privileges
from gateway.link.stream import Stream
from gateway.muc.account import Accounts
from gateway.muc.activity import RAI, Activity
from gateway.muc.direct import DirectInvites
from gateway.muc.elsewhere import Elsewhere
from gateway.muc.errors import brief, error_stanza
from gateway.muc.mentioned import forward_mentions
from gateway.muc.rates import Rates
from gateway.muc.router import Router
from gateway.muc.search import SEARCH
from gateway.muc.service import Service
from gateway.muc.shape import misshapen
from gateway.muc.synced import Synced
from gateway.muc.toll import Toll
from gateway.own_picture import show_own_picture
from gateway.presence.desk import Desk
from gateway.presence.ledger import Ledger
from gateway.presence.policy import Policy
from legacy_backend.terms import LegacyError

if TYPE_CHECKING:
    from gateway.config import Presence as PresenceSettings

log = logging.getLogger(__name__)

AT_ONCE = 20
"""Users who are logged in beside each other at the start."""


ABOUT_PRESENCE = {
    "{jabber:component:accept}show",
    "{jabber:component:accept}status",
    "{jabber:component:accept}priority",
    "{http://jabber.org/protocol/caps}c",
    "{http://jabber.org/protocol/nick}nick",
    "{vcard-temp:x:update}x",
}
"""What slidge is shown of presences that are not for rooms."""

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

    `rooms`, `outbox`, `rates`, `ledger`, `presence` and `allows` (by bare JID: who may use the
    gateway) are set on the class before there is an instance, as slidge has it with `store`.
    """

    rooms: ClassVar[Rooms]
    outbox: ClassVar[Outbox]  # type: ignore[misc]
    rates: ClassVar[Rates]
    ledger: ClassVar[Ledger]
    presence: ClassVar[PresenceSettings]
    auto_register: ClassVar[bool] = False
    picture: ClassVar[str] = ""
    registration_url: ClassVar[str] = ""
    """Where people register who cannot do so from their client, "" if they can (XEP-0077 §5)."""
    room_creation: ClassVar[bool] = True
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
        self.plugin["xep_0077"].api.register(self._register_again, "user_modify")
        self.jid_validator = cast(re.Pattern[str], Allowed(type(self).allows))
        self.toll = Toll(type(self).rates, type(self).outbox)
        self.router = Router(self)
        self.service = Service(self)
        self.direct = DirectInvites(self)
        self.activity = Activity(self)
        type(self).rooms.host.listeners.append(forward_mentions)
        self.elsewhere = Elsewhere(self)
        self.synced = Synced(self)
        self.accounts = Accounts(self)
        self.privileges = Privileges(self)
        self.desk = Desk(self, type(self).presence, type(self).ledger)
        self._init_stream()
        self.del_event_handler("session_start", self._slidges("on_session_start"))
        self.add_event_handler("session_start", self._on_session_start)
        self._greeted = False
        disco = self.plugin["xep_0030"]
        for feature in (
            "http://jabber.org/protocol/disco#info",
            "http://jabber.org/protocol/disco#items",
            "http://jabber.org/protocol/muc#stable_id",
            "http://jabber.org/protocol/rsm",
            RAI,
            SEARCH,
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
        """Every stanza from the server. Where joining registers, looking at a room does, too."""
        sender = xml.get("from", "").partition("/")[0]
        if (
            type(self).auto_register
            and self.router.looks_around(xml)
            and type(self).allows(sender)
            and self.known_session(sender) is None
        ):
            self.router.lines.spawn(lambda: self._register_first(xml, sender))
        else:
            self._dispatch(xml)

    async def _register_first(self, xml: ET.Element, sender: str) -> None:
        try:
            await self.session_for(JID(sender), register=True)
        except (Refused, LegacyError, XMPPError) as no:
            log.info("%s cannot be registered: %s", sender, no)
        self._dispatch(xml)

    def _dispatch(self, xml: ET.Element) -> None:
        """Have a stanza dealt with: by a room, or the way slixmpp has it."""
        try:
            xml = self.incoming_filter(xml)  # type: ignore[no-untyped-call]
            if self._is_stray(xml):
                return
            if (no := misshapen(xml)) is not None:
                self._refuse(xml, no)
                return
            self.activity.notes(xml)
            if self.router.takes(xml) or _is_lost_error(xml):
                return
            self._raise_if_nobody(xml)
            # a server tells each contact of a user's presence: that is not the user's doing
            if not xml.tag.endswith("}presence") and self.toll.refuses(xml):
                return
            if self.service.takes(xml) or self.direct.takes(xml):
                return
            if xml.tag.endswith("}presence"):
                _plain(xml)
            super()._spawn_event(xml)
        except Refused as no:
            self._refuse(xml, no)
        except InvalidJID as error:
            self._refuse(xml, Refused("jid-malformed", f"{error}."))
        except Exception:
            log.exception("a stanza could not be dispatched: %s", brief(xml))

    def _raise_if_nobody(self, xml: ET.Element) -> None:
        """Raises InvalidJID for addresses that slixmpp would stumble over half-way through, and
        Refused "not-allowed" for what is from ourselves: an echo, which slidge leaves unanswered.
        """
        JID(xml.get("to", ""))
        if JID(xml.get("from", "")).domain == self.boundjid.bare:
            raise Refused("not-allowed", "This is not for rooms and people of the gateway.")

    def _is_stray(self, xml: ET.Element) -> bool:
        """Whether it is an answer that nobody waits for.

        COMPAT: slixmpp 1.17 would have it handled by its payload, as if something were asked.
        """
        if not xml.tag.endswith("}iq") or xml.get("type") not in ("result", "error"):
            return False
        waiting = f"IqCallback_{xml.get('id', '')}"
        handlers = cast(Any, self)._XMLStream__handlers
        return not any(handler.name == waiting for handler in handlers)

    def _refuse(self, xml: ET.Element, no: Refused) -> None:
        """Answer what cannot be dealt with at all, unless it must not be answered."""
        if xml.get("type") in ("error", "unavailable") or "from" not in xml.attrib:
            return
        to = xml.get("to", "")
        told = error_stanza(xml, no, origin=to, by=to.partition("/")[0], echo=False)
        self.outbox.write(told.encode())

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

    # Presence

    def send(self, data: Any, use_filters: bool = True) -> None:
        """Send a stanza. A presence that nobody needs is left out, one that has to wait does."""
        if not isinstance(data, Presence) or self.desk.lets(data):
            self.send_now(data, use_filters)

    def send_now(self, data: Any, use_filters: bool = True) -> None:
        """Send a stanza as it is."""
        super().send(data, use_filters)

    async def allow_subscription(self, session: Any, contact: Any, text: str) -> bool | None:
        """Whether a user may see the presence of a contact; None is the gateway itself.

        Asked where the configuration says `ask`. `text` is what the user wrote. None leaves it
        open: the contact's `accept_friend_request` or `reject_friend_request` ends that, some day.
        Friends may; of others, slidge's `on_friend_request` is told. Raises XMPPError for no.
        """
        if contact is None or contact.is_friend:
            return True
        await contact.on_friend_request(text)
        return None

    @property
    def auto_authorize(self) -> bool | None:
        """slixmpp's name for what becomes of requests to see a contact: True accepts, False
        rejects, None asks `allow_subscription`."""
        return self.desk.subscribing.contacts.auto_authorize

    @auto_authorize.setter
    def auto_authorize(self, value: bool | None) -> None:
        if hasattr(self, "desk"):  # slixmpp sets defaults of its own while it is made
            self.desk.subscribing.contacts = Policy.of(value, self.auto_subscribe)

    @property
    def auto_subscribe(self) -> bool:
        """Whether a contact whose presence was asked for asks for the user's in turn."""
        return self.desk.subscribing.contacts.auto_subscribe

    @auto_subscribe.setter
    def auto_subscribe(self, value: bool) -> None:
        if hasattr(self, "desk"):
            self.desk.subscribing.contacts = Policy.of(self.auto_authorize, value)

    # Users

    def known_session(self, user: str) -> Any:
        """The session of a user by bare JID, if there is one already; never asks the database."""
        return None if user in self._leaving else _sessions.get(user)

    def is_user(self, jid: str) -> bool:
        """Whether somebody is registered with the gateway."""
        return self.get_session_from_jid(JID(jid)) is not None

    def sessions(self) -> list[Any]:
        """The sessions of all users that have one."""
        return list(_sessions.values())

    # Rooms that anybody may find

    def public_rooms(self) -> list[Found]:
        """The rooms known here that are listed for everyone."""
        return [
            Found(
                address=live.room.jid,
                name=live.room.config.name or live.room.group,
                description=live.room.config.description,
                language=live.room.config.language,
                users=live.room.member_count,
                is_open=not (live.room.config.members_only or live.room.config.password),
                anonymous=live.room.config.anonymous,
            )
            for live in self.rooms
            if live.room.owner is None and live.room.config.public
        ]

    async def search_groups(self, session: SessionType, words: str) -> Sequence[Found]:
        """The groups that a user may find, those matching `words` ("" for all). By default
        the rooms known here that are listed for everyone.

        Raises LegacyError, or XMPPError, with the network's no.
        """
        wanted = words.casefold().split()
        places = {"in_name": True, "in_description": True, "in_address": True}
        return [found for found in self.public_rooms() if found.has(wanted, **places)]

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
        if bare in self._leaving:
            register = False
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
        if session is None:
            raise Refused("registration-required", "You are just leaving this gateway.")
        log.info("registered %s", jid)
        cast(Any, session).create_task(self.desk.welcome(session))
        await self.login_wrap(session)
        return session

    async def awake(self, session: Any) -> None:
        """Return once a user is logged in to the network; at once for most.

        Raises Refused "recipient-unavailable" if they are not, and will not be soon.
        """
        if session.logged:
            return
        if self.desk.by_presence:
            await self.desk.logins.wanted(session)
        if self.starting or session.is_logging_in:
            await session.wait_for_ready(LOGIN_SECONDS)
        if not session.logged:
            raise Refused("recipient-unavailable", "You are not logged in to the network.")

    async def _register_again(self, _jid: Any, _node: Any, sender: Any, form: Any) -> None:
        """Take over what a user who is registered tells in another registration.

        COMPAT: slidge 0.4.2 does this to the only user, and fails where there are several.
        """
        told = {field.var: form.get(field.var) for field in self.REGISTRATION_FIELDS}
        data = await self.user_prevalidate(sender, told)
        await asyncio.to_thread(self._change_user, sender.bare, told if data is None else data)

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
            self.desk.farewell(bare)
        finally:
            self._leaving.discard(bare)

    async def unregister_user(
        self, user: GatewayUser, msg: str = "You unregistered from this gateway."
    ) -> None:
        """A user has unregistered by a command."""
        self.send_presence(pshow="dnd", pstatus=msg, pto=user.jid)
        await self.kill_session(user.jid)

    def _add_user(self, jid: JID, data: Any) -> None:
        """Blocks."""
        with self.store.session() as orm:
            orm.add(GatewayUser(jid=jid, legacy_module_data=data))
            orm.commit()

    def _change_user(self, jid: str, data: Any) -> None:
        """Blocks."""
        with self.store.session() as orm:
            user = orm.query(GatewayUser).filter_by(jid=jid).one()
            user.legacy_module_data = {**user.legacy_module_data, **data}
            orm.commit()

    def _all_users(self) -> list[GatewayUser]:
        """Blocks."""
        with self.store.session() as orm:
            return orm.query(GatewayUser).all()

    def invite_to(self, muc: Any, *args: Any, **kwargs: Any) -> None:
        """Invite somebody to a room, as the gateway."""
        muc.invited()
        super().invite_to(muc, *args, **kwargs)

    async def login_wrap(self, session: SessionType) -> str:
        """Log a user in, and have their rooms read what the network said meanwhile."""
        status = await super().login_wrap(session)
        if session.logged:
            cast(Any, session).create_task(cast(Any, session).bookmarks.catch_up())
        return status

    # Coming up, going down

    async def _on_session_start(self, event: object) -> None:
        """The stream is up: the first time, log everybody in; later, nobody noticed."""
        if self._greeted:
            self.desk.come_back()
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
        await show_own_picture(self, type(self).picture)

    async def _log_in_all(self, users: Iterable[GatewayUser]) -> None:
        gate = asyncio.Semaphore(AT_ONCE)

        async def log_in(user: GatewayUser) -> None:
            async with gate:
                session = self._session_cls.from_user(user)
                session.create_task(self.desk.welcome(session))
                if self.desk.by_presence:
                    self.desk.look_for(session)
                elif not (session.logged or session.is_logging_in):
                    await self.login_wrap(session)

        results = await asyncio.gather(*map(log_in, users), return_exceptions=True)
        for failed in results:
            if isinstance(failed, BaseException):
                log.error("a login failed", exc_info=failed)

    async def stop(self) -> None:
        """Finish what is in flight, then close the stream."""
        for session in self.sessions():
            try:
                await session.logout()
            except NotImplementedError:
                pass
            except Exception:
                log.exception("%s could not be logged out", session.user_jid)
        self.desk.leave()
        _sessions.clear()  # a global of slidge's, which another gateway in this process would find
        await self.hang_up()
        await self.http.close()


def _plain(presence: ET.Element) -> None:
    """Leave out of a presence what is not about presence.

    COMPAT: slidge 0.4.2 has slixmpp read all there is, which fails for a time that is none.
    """
    for child in list(presence):
        if child.tag not in ABOUT_PRESENCE:
            presence.remove(child)


def _is_lost_error(xml: ET.Element) -> bool:
    """Whether it is an error that concerns no room: nobody can do anything about it.

    COMPAT: slixmpp 1.17 would have it handled by its payload, and answered with another error;
    two that do so never end.
    """
    return xml.get("type") == "error" and not xml.tag.endswith("}iq")


def _log_exception(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """A task failed and nobody looked: log it and go on (slidge would exit)."""
    error = context.get("exception")
    if isinstance(error, (SystemExit, KeyboardInterrupt)):
        raise error
    log.error("%s", context.get("message", "a task failed"), exc_info=error)
