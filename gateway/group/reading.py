"""What the user has read, where their clients and the network keep it (XEP-0490)."""

from __future__ import annotations

import logging
from typing import Any

from slidge.core.mixins.message import PUBLISH_OPTIONS
from slixmpp import Iq
from slixmpp.exceptions import IqError, IqTimeout
from slixmpp.plugins.xep_0490.stanza import NS, Displayed

from gateway.group.live import LiveRoom


class Reading:
    """The part of a room handle that deals in it. Where either side repeats the other, it is
    taken for that."""

    session: Any
    xmpp: Any
    live: LiveRoom
    log: logging.Logger
    _read_up_to: str = ""

    async def read_elsewhere(self, legacy_id: str) -> None:
        """The user has read up to a message with a client of the network: tell their own clients,
        as far as their server lets us."""
        stanza_id = self.stanza_id(legacy_id)  # type: ignore[attr-defined]
        granted = self.xmpp.plugin["xep_0356"].granted_privileges.get(self.session.user_jid.domain)
        if granted is None or stanza_id == self._read_up_to:
            return
        self._read_up_to = stanza_id
        try:
            await self.xmpp.plugin["xep_0356"].send_privileged_iq(self._publication(stanza_id))
        except (IqError, IqTimeout, PermissionError) as error:
            self.log.info("what was read could not be told: %s", error)

    async def read_here(self, stanza_id: str) -> None:
        """The user's clients say that they have read up to a message: tell the network."""
        if stanza_id == self._read_up_to or not self.can("on_displayed"):  # type: ignore[attr-defined]
            return
        self._read_up_to = stanza_id
        await self.live.settled()
        entry = await self.live.host.archive.find(self.live.id, stanza_id=stanza_id)
        if entry is not None and entry.legacy_id is not None:
            await self.on_displayed(str(entry.legacy_id), None)  # type: ignore[attr-defined]

    def _publication(self, stanza_id: str) -> Any:
        user, room = self.session.user_jid.bare, self.live.room.jid
        iq: Any = Iq(stype="set", sfrom=user, sto=user)  # type: ignore[no-untyped-call]
        displayed: Any = Displayed()
        displayed["stanza_id"]["id"] = stanza_id
        displayed["stanza_id"]["by"] = room
        iq["pubsub"]["publish"]["node"] = NS
        iq["pubsub"]["publish"]["item"]["id"] = room
        iq["pubsub"]["publish"]["item"]["payload"] = displayed
        iq["pubsub"]["publish_options"] = PUBLISH_OPTIONS
        return iq
