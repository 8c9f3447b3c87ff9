"""The master's end: what mirrors send, whether they may, and what becomes of it when one is lost.

A stanza that a mirror sends for a user comes from an address of the mirror's that holds the user's
(`wayne\\40raleigh.example@mirror.raleigh.example/TransVerse`). It is dealt with as any other: who
that is to the room, `Trust` knows; and whatever answers it goes to that address by itself.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from slixmpp.exceptions import IqError, IqTimeout

from gateway.errors import Refused
from gateway.group.live import LiveRoom
from gateway.group.rooms import SHARED
from gateway.mirror.addresses import at_mirror, original, split
from gateway.mirror.bounces import unreachable
from gateway.mirror.history import MUC, history
from gateway.mirror.names import STATE, TAG, TAGS, UNREACHABLE
from gateway.muc.errors import error_stanza, refusal
from gateway.muc.join import wanted_in
from gateway.render.xml import attribute
from gateway.room.mirrored import behind, mirrors, vacate

if TYPE_CHECKING:
    from gateway.component import Gateway

log = logging.getLogger(__name__)

MISSES = 2
"""Pings without an answer after which a mirror is taken for lost."""

PING = "{urn:xmpp:ping}ping"
ROOM = f"{{{STATE}}}room"


class Master:
    """Stands before everything else, once the configuration names mirrors."""

    def __init__(self, gateway: Gateway[Any], ping_seconds: float) -> None:
        self.gateway = gateway
        self.trust = gateway.rooms.host.trust
        self.ping_seconds = ping_seconds
        self._missed: dict[str, int] = {}
        self._heard: set[str] = set()

    def takes(self, stanza: ET.Element) -> bool:
        """Deal with what mirrors themselves ask, and bring the rest into its form.

        Raises Refused: "forbidden" for a claim to stand for somebody that nobody trusts.
        """
        sender = stanza.get("from", "")
        domain = split(sender)[1]
        claims = [child for child in stanza if child.tag in TAGS]
        for claim in claims:
            self._check(claim, sender)
        if domain not in self.trust.mirrors:
            self._bring_behind(stanza, sender, claims)
            return False
        self._heard.add(domain)
        self._missed.pop(domain, None)
        if unreachable(stanza):
            self.lost(domain, "its server says so")
            return True
        if sender == domain:
            return self._asks(stanza, domain)
        if not self.trust.mirror_of(sender):
            raise self._no(sender, domain)
        return False

    # Whose word counts

    def _check(self, claim: ET.Element, sender: str) -> None:
        """Check a tag, and name it as the protocol does."""
        mirror = claim.get("from", "")
        own_address = split(sender)[1] == mirror
        user = original(sender) if own_address else sender
        if not self.trust.serves(mirror, user) or claim.get("user", user) != user:
            raise self._no(sender, mirror)
        claim.tag = TAG

    def _no(self, sender: str, mirror: str) -> Refused:
        log.warning("%s claims to come by the mirror %s, which is not trusted", sender, mirror)
        return Refused("forbidden", "This mirror is not trusted for this address.")

    def _bring_behind(self, stanza: ET.Element, sender: str, claims: list[ET.Element]) -> None:
        """Have a stanza under a user's own address be one from their mirror, if it says so, or if
        that is how they came into the room (the protocol's examples tag joins only)."""
        if claims:
            address = at_mirror(sender, claims[0].get("from", ""))
            stanza.set("from", address)
            self._complete(stanza, address)
            return
        if stanza.tag.endswith("}iq"):
            return
        live = self._room(stanza)
        joins = stanza.tag.endswith("}presence") and stanza.find(f"{{{MUC}}}x") is not None
        if live is None or sender in live.room.seats or joins:
            return
        for mirror in self.trust.mirrors:
            if self.trust.serves(mirror, sender):
                address = at_mirror(sender, mirror)
                if address in live.room.seats:
                    stanza.set("from", address)

    def _complete(self, stanza: ET.Element, address: str) -> None:
        """Have a join say that it is one, which the protocol's examples do not."""
        live = self._room(stanza)
        here = live is not None and address in live.room.seats
        if stanza.tag.endswith("}presence") and not stanza.get("type") and not here:
            x = stanza.find(f"{{{MUC}}}x")
            if x is None:
                ET.SubElement(stanza, f"{{{MUC}}}x")

    def _room(self, stanza: ET.Element) -> LiveRoom | None:
        return self.gateway.rooms.at(SHARED, split(stanza.get("to", ""))[0])

    # What a mirror asks for itself

    def _asks(self, stanza: ET.Element, mirror: str) -> bool:
        live = self._room(stanza)
        if live is None or not stanza.tag.endswith("}iq") or stanza.get("type") != "get":
            return False
        asked = stanza.find(f"{ROOM}/{{{MUC}}}history")
        if asked is None and stanza.find(PING) is None:
            return False
        self.gateway.router.lines.spawn(lambda: self._answer(live, stanza, mirror, asked))
        return True

    async def _answer(
        self, live: LiveRoom, stanza: ET.Element, mirror: str, asked: ET.Element | None
    ) -> None:
        try:
            if not behind(live.room, mirror):
                raise Refused("not-acceptable", "Nobody behind this mirror is here.")
            room = stanza.find(ROOM)
            payload = ""
            if asked is not None and room is not None:
                payload = await history(live, asked, wanted_in(room))
        except Exception as error:  # noqa: BLE001  (all of it is told)
            no = refusal(error, stanza)
            told = error_stanza(stanza, no, origin=stanza.get("to", ""), by=live.room.jid)
        else:
            told = (
                f'<iq type="result" id="{attribute(stanza.get("id", ""))}" to="{attribute(mirror)}"'
                f' from="{attribute(stanza.get("to", ""))}">{payload}</iq>'
            )
        live.send(mirror, told.encode())

    # Losing one

    def lost(self, mirror: str, why: str) -> None:
        """Those behind a mirror are gone, for everyone else (333)."""
        for live in self.gateway.rooms:
            gone = len(behind(live.room, mirror))
            if gone:
                log.warning("the mirror %s of %s is lost: %s", mirror, live.room.jid, why)
                live.show(vacate(live.room, mirror))

    def in_use(self) -> set[str]:
        """The mirrors that have users in some room."""
        return {mirror for live in self.gateway.rooms for mirror in mirrors(live.room)}

    async def watch(self) -> None:
        """For ever: ask silent mirrors whether they are there (XEP-0199)."""
        while True:
            await asyncio.sleep(self.ping_seconds)
            heard, self._heard = self._heard, set()
            await asyncio.gather(*map(self.look_for, self.in_use() - heard))

    async def look_for(self, mirror: str) -> None:
        """Ask one, which is lost once it did not answer twice in a row."""
        if await self._is_there(mirror):
            self._missed.pop(mirror, None)
            return
        self._missed[mirror] = self._missed.get(mirror, 0) + 1
        if self._missed[mirror] >= MISSES:
            del self._missed[mirror]
            self.lost(mirror, "it does not answer")

    async def _is_there(self, mirror: str) -> bool:
        iq: Any = self.gateway.make_iq_get(ito=mirror, ifrom=str(self.gateway.boundjid.bare))
        iq.enable("ping")
        try:
            await iq.send(timeout=self.ping_seconds)
        except IqTimeout:
            return False
        except IqError as error:
            return error.condition not in UNREACHABLE
        return True
