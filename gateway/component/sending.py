"""What goes out through slixmpp: stanza objects of the gateway and its contacts."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, Generic

from slidge.util.types import SessionType
from slixmpp import Message, Presence

from gateway.refusals import Refusals

if TYPE_CHECKING:
    from slidge.core.gateway import BaseGateway as _Base

    from gateway.presence.desk import Desk
else:
    _Base = Generic


class Sending(_Base[SessionType]):
    """The part of the gateway that sends them."""

    desk: Desk

    def _init_sending(self) -> None:
        self._id_front = secrets.token_hex(8)
        self._ids = 0
        self.refusals = Refusals()

    def new_id(self) -> str:
        """An id for a stanza of ours: unpredictable in front, counted behind.

        COMPAT: slixmpp 1.17 asks the kernel for randomness for each stanza, which can take longer
        than all the rest of making one.
        """
        self._ids += 1
        return f"{self._id_front}{self._ids:x}"

    def send(self, data: Any, use_filters: bool = True) -> None:
        """Send a stanza. A presence that nobody needs is left out, one that has to wait does."""
        if isinstance(data, Presence) and not self.desk.lets(data):
            return
        if isinstance(data, Message) and data.get_type() == "error":
            to, ident = data.xml.get("to", ""), data.xml.get("id", "")
            if not self.refusals.is_first(to, ident):
                return
        self.send_now(data, use_filters)

    def send_now(self, data: Any, use_filters: bool = True) -> None:
        """Send a stanza as it is."""
        if isinstance(data, Presence) and data.xml.get("from") == self.boundjid.bare:
            self._add_caps(data)
            use_filters = False
        super().send(data, use_filters)

    def _add_caps(self, presence: Presence) -> None:
        """Say in a presence of the gateway's own what it can do (XEP-0115).

        COMPAT: slixmpp 1.17 makes two tasks and two timers of each presence, for filters of which
        this is all that they do to one of the gateway's.
        """
        plugin: Any = self.plugin["xep_0115"]
        version = plugin.static.jid_vers.get(self.boundjid.full)
        if version and presence.xml.get("type") is None:
            caps = presence["caps"]
            caps["node"], caps["hash"], caps["ver"] = plugin.caps_node, plugin.hash, version

    def invite_to(self, muc: Any, *args: Any, **kwargs: Any) -> None:
        """Invite somebody to a room, as the gateway."""
        muc.invited()
        super().invite_to(muc, *args, **kwargs)
