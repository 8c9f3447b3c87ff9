"""A room in its user's own bookmarks (XEP-0402), as far as their server lets us (XEP-0356)."""

from __future__ import annotations

import logging
from typing import Any

from slixmpp import Iq
from slixmpp.exceptions import IqError, IqTimeout
from slixmpp.plugins.xep_0060.stanza import Item

NS = "urn:xmpp:bookmarks:1"
PUBSUB = "http://jabber.org/protocol/pubsub"


class Bookmarking:
    """The part of a room handle that deals in the user's bookmarks."""

    session: Any
    xmpp: Any
    log: logging.Logger
    _was_invited: bool = False

    async def add_to_bookmarks(
        self,
        auto_join: bool = True,
        invite: bool = False,
        preserve: bool = True,
        pin: bool | None = None,
        notify: Any = None,
    ) -> None:
        """Have the room in the user's bookmarks, or invite them where we may not put it there.

        `auto_join` has their clients join when they start. `invite` invites them in any case, for
        clients that take no notice of bookmarks. `preserve` leaves as it is what they have set
        themselves. `pin` and `notify` (XEP-0469, XEP-0492) None change nothing there.
        """
        self._was_invited = False
        if self._may_bookmark():
            try:
                await super().add_to_bookmarks(  # type: ignore[misc]
                    auto_join=auto_join, preserve=preserve, pin=pin, notify=notify
                )
            except (IqError, IqTimeout, PermissionError) as error:
                self.log.warning("the room could not be bookmarked: %s", error)
                invite = True
        else:
            self.log.info("the server does not let us bookmark rooms: inviting instead")
            invite = True
        if invite and not self._was_invited:
            self.session.send_gateway_invite(self, reason="This is one of your groups.")

    def invited(self) -> None:
        """The gateway has just invited the user."""
        self._was_invited = True

    async def remove_from_bookmarks(self) -> None:
        """Have the room in the user's bookmarks no more; nothing where we may not see to that."""
        if not self._may_bookmark():
            return
        item = Item()
        item["id"] = self.jid  # type: ignore[attr-defined]
        user = self.session.user_jid.bare
        iq: Any = Iq(stype="set", sfrom=user, sto=user)  # type: ignore[no-untyped-call]
        iq["pubsub"]["retract"]["node"] = NS
        iq["pubsub"]["retract"]["notify"] = True
        iq["pubsub"]["retract"].append(item)
        try:
            await self.xmpp.plugin["xep_0356"].send_privileged_iq(iq)
        except (IqError, IqTimeout, PermissionError) as error:
            self.log.info("the bookmark could not be removed: %s", error)

    def _may_bookmark(self) -> bool:
        server = self.session.user_jid.domain
        granted = self.xmpp.plugin["xep_0356"].granted_privileges[server]
        return bool(granted.iq[PUBSUB].name in ("SET", "BOTH"))
