"""One stanza to a room, and what a handler needs to deal with it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree as ET

from slixmpp import JID
from slixmpp.exceptions import XMPPError

from gateway.archive import Stored
from gateway.errors import Refused
from gateway.group.live import LiveRoom
from gateway.group.muc import LegacyMUC
from gateway.mirror.names import AGAIN, SHOWN, TAG
from gateway.room.seating import seat_of
from gateway.room.state import Delivery, Occupant, Room, Seat
from legacy_backend.terms import UserId

NS = "{jabber:component:accept}"


@dataclass(slots=True)
class Call:
    """A stanza whose sender is a user, and whose room they may know of.

    `sender` is their full JID; `nick` the resource that was addressed, "" for the room itself.
    """

    stanza: ET.Element
    muc: LegacyMUC[Any]
    sender: str
    nick: str
    stored: asyncio.Future[Stored] | None = None
    """A message that is on its way to the archive: what comes after need not wait for that."""

    @property
    def live(self) -> LiveRoom:
        return self.muc.live

    @property
    def room(self) -> Room:
        return self.muc.live.room

    @property
    def user(self) -> UserId:
        return self.live.host.trust.user(self.sender)

    @property
    def mirror(self) -> str:
        """By which mirror the stanza comes, "" if by none."""
        return self.live.host.trust.mirror_of(self.sender)

    @property
    def id(self) -> str:
        return self.stanza.get("id", "")

    @property
    def type(self) -> str:
        return self.stanza.get("type", "")

    @property
    def shown_by(self) -> str:
        """The mirror that has shown the message to its users already, "" if none has."""
        tag = self.stanza.find(TAG)
        return self.mirror if tag is not None and tag.find(SHOWN) is not None else ""

    @property
    def said_again(self) -> bool:
        """Whether the message comes by a mirror that has sent it before, and heard nothing."""
        tag = self.stanza.find(TAG)
        return bool(self.mirror) and tag is not None and tag.find(AGAIN) is not None

    def child(self, name: str) -> ET.Element | None:
        """The first child with a qualified name; `{}name` is in the stream's own namespace."""
        return self.stanza.find(name.replace("{}", NS))

    def text(self, name: str) -> str:
        """The text of such a child, "" if there is none."""
        return self.stanza.findtext(name.replace("{}", NS)) or ""

    async def acquaint(self) -> None:
        """Have the room know its people, as far as the network tells the sender."""
        with suppress(XMPPError):  # it may tell members only
            await self.muc.ensure_people()

    async def thread(self) -> str | None:
        """The network's id of the thread that the stanza belongs to, None if it does to none."""
        return await self.muc.legacy_thread(self.text("{}thread"))

    def seated(self) -> Seat:
        """The sender's seat.

        Raises Refused "not-acceptable" if they have none (XEP-0045 §7.4).
        """
        return seat_of(self.room, self.sender)

    def actor(self) -> Occupant:
        """Who the sender is to the room, seated or not.

        Raises Refused "forbidden" for those whom it does not know.
        """
        seat = self.room.seats.get(self.sender)
        person = seat.occupant if seat is not None else self.room.person_of(self.user)
        if person is None:
            raise Refused("forbidden", "You are not a member of this room.")
        return person

    @contextmanager
    def shown_if_broken_off(self, answer: Answer) -> Iterator[None]:
        """Do several things; what was done of them is shown even if the next is refused."""
        try:
            yield
        except BaseException:
            self.live.show(answer.before + answer.after)
            raise

    def require(self, callback: str, what: str) -> None:
        """Check that the network has a callback at all.

        Raises Refused "feature-not-implemented", saying `what` it lacks.
        """
        if not self.muc.can(callback):
            raise Refused("feature-not-implemented", f"This network has no {what}.")


@dataclass(slots=True)
class Answer:
    """What comes of an IQ: what is shown before the result, its payload, what is shown after."""

    payload: ET.Element | str = ""
    before: list[Delivery] = field(default_factory=list)
    after: list[Delivery] = field(default_factory=list)


def bare(jid: str) -> str:
    """The bare form of a JID that a client wrote.

    Raises Refused "jid-malformed" if it is none.
    """
    try:
        return str(JID(jid.partition("/")[0]).bare)
    except ValueError:
        raise Refused("jid-malformed", f"{jid} is not an address.") from None
