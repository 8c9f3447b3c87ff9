"""Rooms that lead back to a gateway are refused: what is said there would go round for ever."""

from __future__ import annotations

import time

from slixmpp import JID
from slixmpp.exceptions import XMPPError

from legacy_backend.terms import LegacyError
from legacy_backend.xmpp.muc import names
from legacy_backend.xmpp.muc.wire import Wire

REMEMBERED = 3600.0
"""Seconds for which the nature of a service is believed."""


class Loops:
    """`own` is the address of the gateway that this network belongs to, `puppets` that of its
    puppets; "" if it has none."""

    def __init__(self, own: str, puppets: str = "") -> None:
        self._own = own.lower()
        self._puppets = puppets.lower()
        self._gateways: dict[str, tuple[float, str | None]] = {}

    def is_own(self, domain: str) -> bool:
        """Whether this is where the gateway is, or its puppets are: nothing there is elsewhere."""
        return self.is_gateway(domain) or (bool(self._puppets) and domain == self._puppets)

    def is_gateway(self, domain: str) -> bool:
        """Whether the gateway itself would hear what is sent there. Puppets are people."""
        return bool(self._own) and domain == self._own

    async def check(self, wire: Wire, room: JID) -> None:
        """Raises LegacyError "not-acceptable" for a room of this gateway, or of any other.

        A service that does not say what it is is taken for a service of rooms.
        """
        if self.is_own(room.domain):
            raise LegacyError(
                "not-acceptable",
                f"{room} is a room of this very gateway: it would lead back to itself.",
            )
        name = await self._gateway(wire, room.domain)
        if name is not None:
            raise LegacyError(
                "not-acceptable",
                f"{room.domain} is a gateway itself ({name}). Two gateways in a row would echo "
                "what is said; join its rooms from your own account.",
            )

    def check_people(self, room: JID, people: list[JID]) -> None:
        """Raises LegacyError "not-acceptable" if addresses of this gateway are in a room."""
        if any(self.is_gateway(one.domain) for one in people):
            raise LegacyError(
                "not-acceptable", f"This gateway is in {room} already: they would echo each other."
            )

    async def _gateway(self, wire: Wire, domain: str) -> str | None:
        """What a service calls itself if it is a gateway, None if it is none (XEP-0100 §6.2)."""
        until, known = self._gateways.get(domain, (0.0, None))
        now = time.monotonic()
        if now < until:
            return known
        try:
            answer = await wire.ask(JID(domain), names.element(names.DISCO_INFO, "query"))
        except XMPPError:
            return None
        found = None
        for one in answer.iter(names.qualified(names.DISCO_INFO, "identity")):
            if one.get("category") == "gateway":
                found = one.get("name") or one.get("type") or "of an unknown kind"
        self._gateways[domain] = (now + REMEMBERED, found)
        return found
