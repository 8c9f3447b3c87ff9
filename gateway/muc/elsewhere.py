"""Questions to addresses that are no rooms, where slidge 0.4.2 answers otherwise than it should.

COMPAT: it answers for any node there might be, says nothing of disco itself, and answers a ping to
the gateway twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slidge.contact import LegacyContact
from slixmpp import JID, CoroutineCallback, StanzaPath
from slixmpp.exceptions import XMPPError
from slixmpp.plugins.xep_0030.stanza.info import DiscoInfo
from slixmpp.plugins.xep_0030.stanza.items import DiscoItems

from gateway.muc.commands import NS as COMMANDS
from gateway.muc.disco import INFO

if TYPE_CHECKING:
    from gateway.component import Gateway


class Elsewhere:
    """Stands before slidge's own handlers."""

    def __init__(self, gateway: Gateway[Any]) -> None:
        self._gateway = gateway
        self._domain = str(gateway.boundjid.bare)
        self._slidges: Any = gateway.slidges("dispatcher")
        disco: Any = gateway.plugin["xep_0030"]
        disco.set_node_handler("get_info", jid=None, node=None, handler=self._info)
        disco.set_node_handler("get_items", jid=None, node=None, handler=self._items)
        gateway.remove_handler("Ping")
        asks = StanzaPath("iq@type=get/ping")
        gateway.register_handler(CoroutineCallback("Ping", asks, self._ping))
        _tell_of_disco()

    async def _info(self, jid: JID | None, node: str | None, ifrom: Any, data: Any) -> Any:
        self._check(jid, node)
        return await self._slidges.get_info(jid, node, ifrom, data)

    async def _items(self, jid: JID | None, node: str | None, ifrom: Any, data: Any) -> DiscoItems:
        self._check(jid, node)
        items: DiscoItems = await self._slidges.get_items(jid, node, ifrom, data)
        if node:
            items["node"] = node
        return items

    def _check(self, jid: JID | None, node: str | None) -> None:
        """Raises XMPPError "item-not-found" for a node that is not there (XEP-0030 §3.2), and for
        resources of the gateway, which has none."""
        if jid is not None and not jid.node and jid.resource:
            raise XMPPError("item-not-found", "The gateway has no resources.")
        if not node or node == COMMANDS or node.startswith(f"{self._caps_node}#"):
            return
        own: Any = self._gateway
        if jid is None or not jid.node:
            known = own.SPACES
        else:
            known = node in own._session_cls._roster_cls._contact_cls.commands
        if not known:
            raise XMPPError("item-not-found", "There is no such node.")

    @property
    def _caps_node(self) -> str:
        caps: Any = self._gateway.plugin["xep_0115"]
        return str(caps.caps_node)

    async def _ping(self, iq: Any) -> None:
        if iq.get_to().bare == self._domain:
            iq.reply().send()
        else:
            await self._slidges._PingMixin__handle_ping(iq)


def _tell_of_disco() -> None:
    """Have contacts say that they answer disco, which belongs to every answer (XEP-0030 §3.1)."""
    slidges: Any = LegacyContact.get_disco_info
    if getattr(slidges, "complete", False):
        return

    async def get_disco_info(
        self: LegacyContact, jid: JID | None = None, node: str | None = None
    ) -> DiscoInfo:
        info: DiscoInfo = await slidges(self, jid, node)
        info.add_feature(INFO)
        return info

    get_disco_info.complete = True  # type: ignore[attr-defined]
    LegacyContact.get_disco_info = get_disco_info  # type: ignore[assignment, method-assign]
