"""Telling the network when a user comes into a room with their first client, and leaves with the
last one."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from slixmpp import JID
from slixmpp.exceptions import XMPPError

from gateway.group.live import LiveRoom
from gateway.group.muc import LegacyMUC
from gateway.muc.lines import Lines
from legacy_backend.terms import UserId

if TYPE_CHECKING:
    from gateway.component import Gateway

log = logging.getLogger(__name__)


class Attendance:
    """Tells it in its order, and delays nothing by it."""

    def __init__(self, gateway: Gateway[Any]) -> None:
        self._gateway = gateway
        self.lines = Lines()

    def changed(self, live: LiveRoom, user: UserId, here: bool) -> None:
        """A user is in a room now, or no more."""
        session: Any = self._gateway.known_session(user)
        if session is None or not session.logged:
            return
        muc = session.bookmarks.known(live.room.group)
        if muc is not None:
            self.tell(muc, here)

    def tell(self, muc: LegacyMUC[Any], here: bool) -> None:
        """Tell the network of one user, if it wants to know."""
        if muc.can("on_attend"):
            self.lines.run((str(muc.user_jid), muc.live.id), lambda: _tell(muc, here))


async def _tell(muc: LegacyMUC[Any], here: bool) -> None:
    try:
        await muc.on_attend(here)
    except XMPPError as no:
        log.debug("%s cannot be shown in %s: %s", JID(muc.user_jid).bare, muc.jid, no.text)
