"""Word of users' servers about what they have read (XEP-0490)."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from slixmpp import JID, Iq
from slixmpp.exceptions import XMPPError
from slixmpp.plugins.xep_0060.stanza import OwnerAffiliation

from gateway.muc.lines import Lines
from gateway.slidge_users import all_users
from legacy_backend.terms import UserId

if TYPE_CHECKING:
    from gateway.component import Gateway

log = logging.getLogger(__name__)

EVENT = "message_displayed_synchronization_publish"
NODE = "urn:xmpp:mds:displayed:0"
NEEDED = ("http://jabber.org/protocol/pubsub", "http://jabber.org/protocol/pubsub#owner")


class Synced:
    """Listens to the node of each user, where their server lets us (XEP-0356)."""

    def __init__(self, gateway: Gateway[Any]) -> None:
        self._gateway = gateway
        self._lines = Lines()
        slidges: Any = gateway.slidges("dispatcher")
        gateway.del_event_handler(EVENT, slidges.on_message_displayed_synchronization_publish)
        gateway.add_event_handler(EVENT, self._came)
        gateway.add_event_handler("privileges_advertised", self._listen_to_all)
        gateway.add_event_handler("user_register", self._listen_to_new)

    def _came(self, stanza: Any) -> None:
        """Take an event of a user's own node: its sender is whom their server says it is."""
        sender = stanza.get_from()
        item = stanza["pubsub_event"]["items"]["item"]
        room, told = JID(item["id"]), item["displayed"]["stanza_id"]
        if told["by"] == room.bare:
            self._lines.run(
                (sender.bare, room.node), lambda: self._tell(sender, room.node, str(told["id"]))
            )

    async def _tell(self, sender: JID, localpart: str, stanza_id: str) -> None:
        session: Any = self._gateway.get_session_from_jid(sender)
        live = self._gateway.rooms.at(UserId(sender.bare), localpart)
        muc = None if session is None or live is None else session.bookmarks.known(live.room.group)
        if muc is None:
            return
        try:
            await muc.read_here(stanza_id)
        except XMPPError as no:
            log.debug("%s was not told what %s has read: %s", muc, sender, no.text)

    async def _listen_to_all(self, _: object) -> None:
        for user in await asyncio.to_thread(all_users, self._gateway.store):
            await self._listen_to(user.jid)

    async def _listen_to_new(self, stanza: Any) -> None:
        await self._listen_to(JID(stanza.get_from().bare))

    async def _listen_to(self, user: JID) -> None:
        """Have us told of a user's node, which there has to be for that. It is as well if they, or
        the last process, have made it."""
        privileges: Any = self._gateway.plugin["xep_0356"]
        granted = privileges.granted_privileges.get(user.domain)
        if granted is None or any(granted.iq[name].name == "NONE" for name in NEEDED):
            return
        make = Iq(sto=user.bare, sfrom=user, stype="set")  # type: ignore[no-untyped-call]
        make["pubsub"]["create"]["node"] = NODE
        ours = OwnerAffiliation()
        ours["jid"], ours["affiliation"] = self._gateway.boundjid.bare, "member"
        listen = Iq(sto=user.bare, sfrom=user, stype="set")  # type: ignore[no-untyped-call]
        listen["pubsub_owner"]["affiliations"]["node"] = NODE
        listen["pubsub_owner"]["affiliations"].append(ours)
        for request, harmless in ((make, {"conflict"}), (listen, set[str]())):
            try:
                await privileges.send_privileged_iq(request)
            except (XMPPError, PermissionError) as no:
                if getattr(no, "condition", "") not in harmless:
                    log.warning("what %s has read elsewhere stays unknown: %s", user, no)
                    return
