"""The gateway put together: slidge's, with a part of ours for each thing that is done otherwise."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any, ClassVar, cast

from slidge.core.gateway import BaseGateway
from slidge.util.types import SessionType
from slidge.util.util import SubclassableOnce
from slixmpp import JID

import gateway.commands  # noqa: F401  (slidge offers what is imported)
from gateway.commands.long_work import LongWork
from gateway.component.contact_pictures import show_contact_pictures
from gateway.component.directory import Directory
from gateway.component.dispatch import Dispatch
from gateway.component.lifetime import Lifetime
from gateway.component.login import Login
from gateway.component.sending import Sending
from gateway.component.subscriptions import Subscriptions
from gateway.component.users import Users
from gateway.group import LegacyBookmarks, LegacyMUC, LegacyParticipant
from gateway.group.rooms import Rooms
from gateway.link.answers import Answers
from gateway.link.outbox import Outbox
from gateway.link.privileges import Privileges
from gateway.link.stream import Stream
from gateway.mirror.ends import ends_of, meter_of
from gateway.muc.account import Accounts
from gateway.muc.activity import RAI, Activity
from gateway.muc.attendance import Attendance
from gateway.muc.direct import DirectInvites
from gateway.muc.elsewhere import Elsewhere
from gateway.muc.mentioned import forward_mentions
from gateway.muc.rates import Rates
from gateway.muc.router import Router
from gateway.muc.search import SEARCH
from gateway.muc.service import Service
from gateway.muc.spaces import Spaces
from gateway.muc.synced import Synced
from gateway.muc.toll import Toll
from gateway.muc.watch import Watch
from gateway.presence.desk import Desk
from gateway.presence.ledger import Ledger
from gateway.trouble import Trouble
from gateway.upkeep import Tools

if TYPE_CHECKING:
    from gateway.config import Mirrors as MirrorSettings
    from gateway.config import Presence as PresenceSettings

log = logging.getLogger(__name__)

FEATURES = (
    "http://jabber.org/protocol/disco#info",
    "http://jabber.org/protocol/disco#items",
    "http://jabber.org/protocol/muc#stable_id",
    "http://jabber.org/protocol/rsm",
    RAI,
    SEARCH,
    "jabber:iq:register",
    "vcard-temp",
)
"""What the component's own address knows besides what slidge says of it."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """Who may use the gateway, as slidge asks: like a pattern, with bare or with full JIDs.

    COMPAT: slidge 0.4.2 matches the bare JID in registrations and the full one in commands.
    """

    allows: Callable[[str], bool]

    def match(self, jid: object) -> bool:
        return self.allows(JID(str(jid)).bare)


class Gateway(
    Dispatch[SessionType],
    Users[SessionType],
    Login[SessionType],
    Lifetime[SessionType],
    Sending[SessionType],
    Subscriptions,
    Directory,
    Stream,
    Answers,
    BaseGateway[SessionType],
    SubclassableOnce,
):
    """A gateway to one network. Subclassed once, by a plugin or by the bridge to a backend.

    `rooms`, `tools`, `outbox`, `rates`, `ledger`, `presence`, `mirroring` and `allows` (by bare
    JID: who may use the gateway) are set on the class before there is an instance, as slidge has
    it with `store`.
    """

    rooms: ClassVar[Rooms]
    tools: ClassVar[Tools]
    outbox: ClassVar[Outbox]  # type: ignore[misc]
    rates: ClassVar[Rates]
    ledger: ClassVar[Ledger]
    presence: ClassVar[PresenceSettings]
    mirroring: ClassVar[MirrorSettings]
    allows: ClassVar[Callable[[str], bool]]
    registration_url: ClassVar[str] = ""
    """Where people register who cannot do so from their client, "" if they can (XEP-0077 §5)."""
    room_creation: ClassVar[bool] = True

    GROUPS = True

    def __init__(self) -> None:
        self._init_dispatch()
        self._init_sending()
        self._init_users()
        self._init_answers()
        super().__init__()
        self.loop.set_exception_handler(_log_exception)
        self._adopt_classes()
        self.jid_validator = cast(re.Pattern[str], Allowed(type(self).allows))
        self.toll = Toll(type(self).rates, type(self).outbox)
        self.router = Router(self)
        self.service = Service(self)
        self.direct = DirectInvites(self)
        self.watch = Watch(self)
        self.mirror_ends = ends_of(self, type(self).mirroring)
        self.meter = meter_of(self) if self.mirror_ends else None
        self.activity = Activity(self)
        self.attendance = Attendance(self)
        type(self).rooms.host.attendants.append(self.attendance.changed)
        type(self).rooms.host.listeners.append(forward_mentions)
        self.elsewhere = Elsewhere(self)
        self.synced = Synced(self)
        self.spaces = Spaces(self)
        self.accounts = Accounts(self)
        self.privileges = Privileges(self)
        self.long_work = LongWork(self._tell)
        self.storing = Trouble(self)
        self.desk = Desk(self, type(self).presence, type(self).ledger)
        # COMPAT: slixmpp 1.17 lets whoever knows a command's session go on with it, and makes its
        # id of the time and of what may be counted on from other ids.
        cast(Any, self.plugin["xep_0050"]).new_session = token_urlsafe
        show_contact_pictures(self.pubsub)
        self._init_stream()
        self._init_lifetime()
        for feature in FEATURES:
            self.plugin["xep_0030"].add_feature(feature)

    def _adopt_classes(self) -> None:
        """Have slidge use the plugin's classes, or ours, where it found only its own."""
        muc: Any = LegacyMUC.get_self_or_unique_subclass()
        bookmarks: Any = LegacyBookmarks.get_self_or_unique_subclass()
        participant: Any = LegacyParticipant.get_self_or_unique_subclass()
        self._session_cls._bookmarks_cls = bookmarks
        bookmarks._muc_cls = muc
        muc._participant_cls = participant
        muc.xmpp = self

    def _tell(self, who: JID, text: str) -> None:
        self.send_text(text, mto=JID(who.bare))

    def exception(self, exception: BaseException) -> None:
        """A handler of slixmpp's failed: log it and go on (slidge would exit)."""
        log.error("a handler failed", exc_info=exception)


def _log_exception(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """A task failed and nobody looked: log it and go on (slidge would exit)."""
    error = context.get("exception")
    if isinstance(error, (SystemExit, KeyboardInterrupt)):
        raise error
    log.error("%s", context.get("message", "a task failed"), exc_info=error)
