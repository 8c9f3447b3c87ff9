"""What servers let us do in the name of their users (XEP-0356), as they tell us.

COMPAT: slixmpp 1.17 keeps one list of IQ permissions for all servers and all components of a
process, believes any sender, and takes a refusal inside of a result for a success.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from typing import Any, cast
from xml.etree import ElementTree as ET

from slixmpp import ComponentXMPP, Iq, Message
from slixmpp.exceptions import IqError
from slixmpp.plugins.xep_0356.permissions import IqPermission, Permissions
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath

log = logging.getLogger(__name__)

NS = "urn:xmpp:privilege:2"
OLD = "{urn:xmpp:privilege:1}privilege"
ACCESSES = ("roster", "message", "presence")


class Granted(Permissions):
    """What one server has granted, for its own users alone."""

    def __init__(self) -> None:
        vars(self)["iq"] = defaultdict(lambda: IqPermission.NONE)


class Privileges:
    """Takes what a server says after the handshake; nothing is granted before, nor to the next
    stream."""

    def __init__(self, gateway: ComponentXMPP) -> None:
        self._gateway = gateway
        self._plugin = cast(Any, gateway.plugin["xep_0356"])
        self._send = self._plugin.send_privileged_iq
        self._plugin.send_privileged_iq = self._checked
        self._forget(None)
        gateway.remove_handler("Privileges")
        for name, tag in (("Privileges", f"{{{NS}}}privilege"), ("OldPrivileges", OLD)):
            matcher = MatchXPath(f"{{{gateway.default_ns}}}message/{tag}")
            gateway.register_handler(Callback(name, matcher, self._told))
        gateway.add_event_handler("disconnected", self._forget)

    def _forget(self, _: Any) -> None:
        self._plugin.granted_privileges = _Servers()

    def _told(self, message: Any) -> None:
        assert isinstance(message, Message)
        server = message.get_from()
        if server.node or server.resource or server.domain == self._gateway.boundjid.domain:
            log.warning("%s is no server, and has nothing to grant", server)
            return
        told = message.xml.find(f"{{{NS}}}privilege")
        if told is None:
            log.warning(
                "%s speaks an old version of XEP-0356 only: bookmarks and rosters of its users are "
                "left alone",
                server,
            )
            return
        granted = Granted()
        for perm in told.iter(f"{{{NS}}}perm"):
            _take(granted, perm)
        self._plugin.granted_privileges[server.domain] = granted
        self._gateway.event("privileges_advertised")

    async def _checked(self, iq: Iq, iq_id: str | None = None) -> Iq:
        """Send an IQ as a user, and raise IqError also for the no that comes inside of a yes."""
        answer: Iq = await self._send(iq, iq_id)
        if answer["type"] == "error":
            raise IqError(answer)  # type: ignore[no-untyped-call]
        return answer


class _Servers(dict[str, Granted]):
    """By domain; who is not there has granted nothing, and looking leaves no trace."""

    def __missing__(self, _: str) -> Granted:
        return Granted()


def _take(granted: Granted, perm: ET.Element) -> None:
    access, kind = perm.get("access", ""), perm.get("type", "none")
    if access in ACCESSES:
        setattr(granted, access, kind)
    elif access == "iq":
        # COMPAT: Prosody's mod_privilege of 2023 puts the namespaces into each other
        for namespace in perm.iter(f"{{{NS}}}namespace"):
            permission = namespace.get("type", "none")
            if permission in set(IqPermission):
                granted.iq[namespace.get("ns", "")] = IqPermission(permission)
