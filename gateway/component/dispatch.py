"""Where each stanza from the server goes: to a room, to a service of ours, or slixmpp's way."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Generic
from xml.etree import ElementTree as ET

from slidge.util.types import SessionType
from slixmpp import JID, InvalidJID
from slixmpp.exceptions import XMPPError
from slixmpp.plugins.xep_0082 import parse as parse_time

from gateway.component.users import LOGIN_SECONDS
from gateway.errors import Refused
from gateway.muc.errors import brief, error_stanza
from gateway.muc.shape import ERRORS, misshapen, too_much
from gateway.muc.vcard import VCARD
from legacy_backend.terms import LegacyError

if TYPE_CHECKING:
    from gateway.component.users import Users as _Base
    from gateway.link.outbox import Outbox
    from gateway.mirror.meter import Meter
    from gateway.muc.activity import Activity
    from gateway.muc.direct import DirectInvites
    from gateway.muc.router import Router
    from gateway.muc.service import Service
    from gateway.muc.toll import Toll
    from gateway.muc.watch import Watch
    from gateway.refusals import Refusals
else:
    _Base = Generic

log = logging.getLogger(__name__)

ABOUT_PRESENCE = {
    "{jabber:component:accept}show",
    "{jabber:component:accept}status",
    "{jabber:component:accept}priority",
    "{http://jabber.org/protocol/caps}c",
    "{http://jabber.org/protocol/nick}nick",
    "{vcard-temp:x:update}x",
}
"""What slidge is shown of presences that are not for rooms."""


class Dispatch(_Base[SessionType]):
    """The part of the gateway that takes stanzas in. Whatever they are, nothing is raised."""

    outbox: Outbox
    router: Router
    service: Service
    direct: DirectInvites
    activity: Activity
    toll: Toll
    watch: Watch
    mirror_ends: Sequence[Any]
    meter: Meter | None
    """There is one if there are such ends."""
    refusals: Refusals
    is_waited_for: Callable[[ET.Element], bool]

    def _init_dispatch(self) -> None:
        self.came: Counter[str] = Counter()
        """Stanzas from the server, by tag, of which a server sends but three."""

    def _spawn_event(self, xml: ET.Element) -> None:
        """Every stanza from the server. Where joining registers, looking at a room does, too."""
        self.came[xml.tag] += 1
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
            session = await self.session_for(JID(sender), register=True)
            await session.wait_for_ready(LOGIN_SECONDS)  # which rooms there are is known then
        except (Refused, LegacyError, XMPPError) as no:
            log.info("%s cannot be registered: %s", sender, no)
        self._dispatch(xml)

    def _dispatch(self, xml: ET.Element) -> None:
        try:
            xml = self.incoming_filter(xml)  # type: ignore[no-untyped-call]
            if self._is_mirrors(xml) or self.watch.takes(xml) or self._is_stray(xml):
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
            elif xml.tag.endswith("}message"):
                _ordinary(xml)
                self.refusals.comes(xml.get("from", ""), xml.get("id", ""))
            super()._spawn_event(xml)
        except Refused as no:
            self._refuse(xml, no)
        except InvalidJID as error:
            self._refuse(xml, Refused("jid-malformed", f"{error}."))
        except Exception:
            log.exception("a stanza could not be dispatched: %s", brief(xml))

    def _is_mirrors(self, xml: ET.Element) -> bool:
        """Whether one of the ends of distributed rooms that we are deals with it."""
        if self.meter is None or too_much(xml) is not None:
            return False
        self.meter.came(xml)
        return any(end.takes(xml) for end in self.mirror_ends)

    def _raise_if_nobody(self, xml: ET.Element) -> None:
        """Raises InvalidJID for addresses that slixmpp would stumble over half-way through, and
        Refused "not-allowed" for what is from ourselves: an echo, which slidge leaves unanswered;
        "forbidden" for a card, since only rooms have theirs changed by others (XEP-0054 §3.2).
        """
        JID(xml.get("to", ""))
        if xml.get("type") != "result":  # who asked deals with what comes of it
            for element in xml.iter():
                JID(element.get("jid", ""))
        if JID(xml.get("from", "")).domain == self.boundjid.bare:
            raise Refused("not-allowed", "This is not for rooms and people of the gateway.")
        if xml.get("type") == "set" and xml.find(VCARD) is not None:
            raise Refused("forbidden", "Nobody changes the card of another.")

    def _is_stray(self, xml: ET.Element) -> bool:
        """Whether it is an answer that nobody waits for."""
        if not xml.tag.endswith("}iq") or xml.get("type") not in ("result", "error"):
            return False
        return not self.is_waited_for(xml)

    def _refuse(self, xml: ET.Element, no: Refused) -> None:
        """Answer what cannot be dealt with at all, unless it must not be answered."""
        if xml.get("type") in ("error", "result", "unavailable") or "from" not in xml.attrib:
            return
        to = xml.get("to", "")
        told = error_stanza(xml, no, origin=to, by=to.partition("/")[0], echo=False)
        self.outbox.write(told.encode())


def _plain(presence: ET.Element) -> None:
    """Leave out of a presence what is not about presence.

    COMPAT: slidge 0.4.2 has slixmpp read all there is, which fails for a time that is none.
    """
    for child in list(presence):
        if child.tag not in ABOUT_PRESENCE:
            presence.remove(child)


def _ordinary(message: ET.Element) -> None:
    """Take a message of an unknown type for a normal one (RFC 6121 §5.2.2), which has no error,
    and leave out a time that is none (XEP-0082).

    COMPAT: slixmpp 1.17 would answer the first two with messages of type error, and fail at the
    third.
    """
    if message.get("type") not in (None, "normal", "chat", "groupchat", "headline"):
        del message.attrib["type"]
    for child in [child for child in message if child.tag in ERRORS]:
        message.remove(child)
    for child in message.findall("{urn:xmpp:delay}delay"):
        try:
            parse_time(child.get("stamp", ""))
        except ValueError:
            message.remove(child)


def _is_lost_error(xml: ET.Element) -> bool:
    """Whether it is an error that concerns no room: nobody can do anything about it.

    COMPAT: slixmpp 1.17 would have it handled by its payload, and answered with another error;
    two that do so never end.
    """
    return xml.get("type") == "error" and not xml.tag.endswith("}iq")
