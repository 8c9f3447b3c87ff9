"""The master's end: what mirrors send, whether they may, and what becomes of it when one is lost.

A stanza that a mirror sends for a user comes from an address of the mirror's that holds the user's
(`wayne\\40raleigh.example@mirror.raleigh.example/TransVerse`). It is dealt with as any other: who
that is to the room, `Trust` knows; and whatever answers it goes to that address by itself.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from slixmpp.exceptions import IqError, IqTimeout

from gateway.errors import Refused
from gateway.group.live import LiveRoom
from gateway.group.rooms import SHARED
from gateway.mirror.addresses import at_mirror, original, split
from gateway.mirror.bounces import unreachable
from gateway.mirror.crossed import Crossed
from gateway.mirror.history import MUC, history
from gateway.mirror.names import MISSED, OWN, STATE, STATE_OF, TAG, TAGS, UNREACHABLE
from gateway.mirror.numbers import number_in
from gateway.muc.errors import error_stanza, refusal
from gateway.muc.join import wanted_in
from gateway.render.xml import attribute
from gateway.room.mirrored import behind, mirrors, spared, vacate
from gateway.room.seating import rise

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
        self.refused = 0
        """Stanzas that claimed to come by a mirror, and were not believed."""
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
        for claim in claims:
            live, number = self._room(stanza), number_in(claim.get("n"))
            if live is not None and number is not None:
                self._asks_if(live, domain, live.mirrors.count(domain).misses(number))
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
        self.refused += 1
        log.warning("%s claims to come by the mirror %s, which is not trusted", sender, mirror)
        return Refused("forbidden", "This mirror is not trusted for this address.")

    def _bring_behind(self, stanza: ET.Element, sender: str, claims: list[ET.Element]) -> None:
        """Have a stanza under a user's own address be one from their mirror, if it says so, or if
        that is how they came into the room (the protocol's examples tag joins only)."""
        for claim in claims:
            del claim[:]  # what is in it is for mirrors to say, and any client can write it
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

    # Whether all of it comes

    def _asks_if(self, live: LiveRoom, mirror: str, missing: bool) -> None:
        """Tell a mirror, if something is missing that it sent: it asks how things stand then."""
        if not missing:
            return
        log.info("something that %s sent to %s is missing", mirror, live.room.jid)
        name = MISSED[1:].partition("}")[2]
        asks = (
            f'<iq type="set" id="{secrets.token_hex(8)}" from="{attribute(live.room.jid)}"'
            f' to="{attribute(mirror)}"><{name} xmlns="{OWN}"/></iq>'
        )
        self.gateway.rooms.host.outbox.write(asks.encode())

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
        state = stanza.find(STATE_OF)
        if state is not None:
            self._tell_state(live, stanza, state, mirror)
            return True
        asked = stanza.find(f"{ROOM}/{{{MUC}}}history")
        if asked is None and stanza.find(PING) is None:
            return False
        sent = number_in(asked.get("n")) if asked is not None else None
        if sent is not None:
            self._asks_if(live, mirror, live.mirrors.count(mirror).lacks(sent))
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
                payload = await history(live, mirror, asked, wanted_in(room))
        except Exception as error:  # noqa: BLE001  (all of it is told)
            no = refusal(error, stanza)
            told = error_stanza(stanza, no, origin=stanza.get("to", ""), by=live.room.jid)
        else:
            told = (
                f'<iq type="result" id="{attribute(stanza.get("id", ""))}" to="{attribute(mirror)}"'
                f' from="{attribute(stanza.get("to", ""))}">{payload}</iq>'
            )
        live.send(mirror, told.encode())

    def _tell_state(
        self, live: LiveRoom, stanza: ET.Element, asked: ET.Element, mirror: str
    ) -> None:
        """Take those for gone whom the mirror does not name, and tell it how things stand."""
        named = {here.get("jid", "") for here in asked.iterfind(f"{{{OWN}}}here")}
        for seat in behind(live.room, mirror):
            if seat.jid not in named:
                live.show(spared(rise(live.room, seat, codes=(333,)), mirror))
        count = live.mirrors.count(mirror)
        count.heard = number_in(asked.get("n"))
        if behind(live.room, mirror):
            live.mirrors.answer(mirror, stanza.get("id", ""), sorted(named))
            return
        no = Refused("not-acceptable", "Nobody behind this mirror is here.")
        told = error_stanza(stanza, no, origin=live.room.jid, by=live.room.jid, echo=False)
        live.send(mirror, told.encode())

    # Losing one

    def lost(self, mirror: str, why: str) -> None:
        """Those behind a mirror are gone, for everyone else (333)."""
        now = self.gateway.rooms.host.now()
        for live in self.gateway.rooms:
            gone = len(behind(live.room, mirror))
            if gone:
                log.warning("the mirror %s of %s is lost: %s", mirror, live.room.jid, why)
                live.crossed.setdefault(mirror, Crossed(now)).lost = now
                live.mirrors.forget(mirror)
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
