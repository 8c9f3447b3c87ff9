"""The part of a room that says things: words, and changes of words that were said before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from xml.etree import ElementTree as ET

from slixmpp import Message
from slixmpp.exceptions import XMPPError

from legacy_backend.xmpp.muc import about, names
from legacy_backend.xmpp.muc.about import About, Reactions, Replace, Reply, Retract
from legacy_backend.xmpp.muc.occupant import Member
from legacy_backend.xmpp.muc.signals import Signal
from legacy_backend.xmpp.muc.states import MessageSource, RoomState
from legacy_backend.xmpp.muc.tracking import MessageTracker, Tracking
from legacy_backend.xmpp.muc.view import View
from legacy_backend.xmpp.muc.wire import Wire
from legacy_backend.xmpp.muc.xso import UserExt

TOOK_BACK = "/me took back an earlier message, but your client cannot show that."


class Saying:
    """What goes out as a message is followed: see `send_message_tracked`."""

    on_message: Signal
    _wire: Wire
    _view: View
    _tracking: Tracking

    def send_message(self, msg: Message) -> str:
        """Say something; returns its id. Type and addresses are set, everything else is left.

        Raises ConnectionError while we are suspended, and when it is over.
        """
        room = self._view.jid
        if self._view.state is RoomState.DISCONNECTED:
            raise ConnectionError(f"not in {room}")
        msg["type"] = "groupchat"
        self._wire.address(msg, room)
        if UserExt.of(msg) is None:
            # So that others on the way can tell that this is about a room (XEP-0045 §7.5).
            msg.xml.append(UserExt().to_xml())
        self._wire.send(msg)
        return str(msg["id"])

    def send_message_tracked(self, msg: Message) -> tuple[str, MessageTracker]:
        """As `send_message`, and tells what becomes of it.

        `on_message` tells of it now, and not of its reflection.
        """
        id = self.send_message(msg)
        tracker = self._tracking.follow(id, msg.xml.findtext("{jabber:client}body") or "")
        said = About.of(msg.xml, self._view.jid)
        me = self._view.me
        self.on_message(msg, me, MessageSource.STREAM, about=said, tracker=tracker)
        return id, tracker

    def correct(self, id: str, msg: Message) -> tuple[str, MessageTracker]:
        """Put other words in the place of an own message, by the `id` that it was sent with, at
        first if it was corrected before (XEP-0308)."""
        msg.xml.append(Replace(id).to_xml())
        return self.send_message_tracked(msg)

    def reply(
        self, id: str, msg: Message, *, to: Member | None = None, body: str = ""
    ) -> tuple[str, MessageTracker]:
        """Answer a message, by the id that the room gave it (XEP-0461).

        `to` is its author. With `body`, what they said, it is quoted for clients that do not know
        answers.
        """
        author = None if to is None else to.conversation_jid
        msg.xml.append(Reply(id, author).to_xml())
        if body:
            quote = about.quoted("" if to is None else to.nick or "", body)
            msg["body"] = quote + str(msg["body"])
            msg.xml.append(about.fallback(about.REPLY, end=len(quote)))
        return self.send_message_tracked(msg)

    def retract(self, id: str) -> tuple[str, MessageTracker]:
        """Take an own message back, by the id that the room gave it (XEP-0424)."""
        msg = self._wire.message(self._view.jid, Retract(id=id).to_xml())
        msg["body"] = TOOK_BACK
        msg.xml.append(about.fallback(about.RETRACT))
        msg.xml.append(_store())
        return self.send_message_tracked(msg)

    def react(self, id: str, emojis: Iterable[str]) -> tuple[str, MessageTracker]:
        """Have exactly these reactions on a message, by the id that the room gave it (XEP-0444)."""
        payload = Reactions(id, tuple(dict.fromkeys(emojis))).to_xml()
        return self.send_message_tracked(self._wire.message(self._view.jid, payload, _store()))

    async def moderate(self, id: str, *, reason: str | None = None) -> None:
        """Have the room remove a message, by the id that it gave it (XEP-0425).

        Rooms that know the former protocol only are asked in that one.
        """
        room = self._view.jid
        try:
            await self._wire.ask(room, about.moderation(id, reason), type="set")
        except XMPPError as no:
            if no.condition not in ("feature-not-implemented", "service-unavailable"):
                raise
            await self._wire.ask(room, about.moderation_0(id, reason), type="set")

    async def set_topic(self, new_topic: Mapping[str | None, str]) -> None:
        """Ask for another subject: language → text. An empty text clears it."""
        message = self._wire.message(self._view.jid, type="groupchat")
        for language, text in new_topic.items():
            subject = names.element(names.CLIENT, "subject", text)
            if language is not None:
                subject.set(names.XML_LANG, language)
            message.xml.append(subject)
        self._wire.send(message)


def _store() -> ET.Element:
    """What has no body is archived only if it asks for that (XEP-0334)."""
    return names.element(about.HINTS, "store")
