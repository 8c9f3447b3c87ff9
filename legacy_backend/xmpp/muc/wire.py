"""Where the client meets slixmpp: one handler for all rooms of a stream, whoever is in them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from functools import partial
from typing import Protocol, cast
from xml.etree import ElementTree as ET

from slixmpp import JID, ComponentXMPP, Iq, Message, Presence
from slixmpp.basexmpp import BaseXMPP
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher.base import MatcherBase
from slixmpp.xmlstream.stanzabase import StanzaBase

from legacy_backend.xmpp.muc.names import CLIENT, qualified

log = logging.getLogger(__name__)

IQ_TIMEOUT = 30.0
"""Seconds after which a question that nobody answered fails."""


class Wire(Protocol):
    """What rooms need of a stream, for one own address."""

    @property
    def online(self) -> bool:
        """Whether what is sent goes out now."""

    def message(self, to: JID, *payload: ET.Element, type: str = "normal") -> Message: ...
    def presence(self, to: JID, *payload: ET.Element, type: str | None = None) -> Presence: ...
    def send(self, stanza: StanzaBase) -> None: ...
    def address(self, stanza: Message, to: JID) -> None:
        """Put the addresses on a message of somebody else's making, and an id if it has none."""

    async def ask(
        self, to: JID, payload: ET.Element, *, type: str = "get", within: float = IQ_TIMEOUT
    ) -> ET.Element:
        """The answer's stanza. Raises XMPPError if it is an error or does not come in time."""


class Listener(Protocol):
    """What a stream tells the client of one own address."""

    def stream_up(self) -> None: ...
    def stream_down(self) -> None: ...
    def presence(self, stanza: Presence) -> None: ...
    def message(self, stanza: Message) -> None: ...


class StreamWire:
    """The wire of one own address: of a component any of its own, of an account the account's."""

    def __init__(self, stream: BaseXMPP, own: JID | None) -> None:
        self._stream = stream
        self._own = own
        self._board = Switchboard.of(stream)

    def open(self, listener: Listener) -> None:
        self._board.listeners[self._own] = listener

    def close(self) -> None:
        self._board.listeners.pop(self._own, None)

    @property
    def online(self) -> bool:
        return self._board.online

    def message(self, to: JID, *payload: ET.Element, type: str = "normal") -> Message:
        message = Message(self._stream)  # type: ignore[no-untyped-call]
        message["type"] = type
        message.xml.extend(payload)
        self.address(message, to)
        return message

    def presence(self, to: JID, *payload: ET.Element, type: str | None = None) -> Presence:
        presence = Presence(self._stream)
        if type is not None:
            presence["type"] = type
        presence["to"] = to
        presence["id"] = self._stream.new_id()
        if self._own is not None:
            presence["from"] = self._own
        presence.xml.extend(payload)
        return presence

    def send(self, stanza: StanzaBase) -> None:
        # A component's stream has a namespace of its own for stanzas, which what was made without
        # a stream does not know. The same in jabber:client is no stanza there.
        stanza.stream, stanza.namespace = self._stream, self._stream.default_ns
        for element in (stanza.xml, *stanza.xml):
            namespace, _, name = element.tag.rpartition("}")
            if namespace == "{" + CLIENT:
                element.tag = qualified(self._stream.default_ns, name)
        self._stream.send(stanza)

    def address(self, stanza: Message, to: JID) -> None:
        stanza["to"] = to
        if self._own is not None:
            stanza["from"] = self._own
        if not stanza["id"]:
            stanza["id"] = self._stream.new_id()

    async def ask(
        self, to: JID, payload: ET.Element, *, type: str = "get", within: float = IQ_TIMEOUT
    ) -> ET.Element:
        iq = Iq(self._stream)  # type: ignore[no-untyped-call]
        iq["type"] = type
        iq["to"] = to
        if self._own is not None:
            iq["from"] = self._own
        iq.xml.append(payload)
        answer = await iq.send(timeout=within)  # type: ignore[no-untyped-call]
        return cast(ET.Element, answer.xml)


class Switchboard:
    """Gives each stanza of a stream to the listener whose address it is for."""

    listeners: dict[JID | None, Listener]
    """By own full address; None is whoever the stream itself belongs to."""

    @staticmethod
    def of(stream: BaseXMPP) -> Switchboard:
        """The one of a stream, which keeps it."""
        found = vars(stream).get("_muc_switchboard")
        if not isinstance(found, Switchboard):
            found = Switchboard(stream)
            vars(stream)["_muc_switchboard"] = found
        return found

    def __init__(self, stream: BaseXMPP) -> None:
        self.listeners = {}
        self.online = stream.session_bind_event.is_set() and stream.is_connected()
        self._is_component = isinstance(stream, ComponentXMPP)
        stream.register_handler(Callback("MUC client", _PresencesAndMessages(None), self._take))
        stream.add_event_handler("session_start", self._session_start)
        stream.add_event_handler("session_resumed", self._session_resumed)
        stream.add_event_handler("session_end", self._session_end)
        stream.add_event_handler("disconnected", self._disconnected)

    def _session_start(self, _: object) -> None:
        self.online = True
        for listener in tuple(self.listeners.values()):
            _guarded(listener.stream_up)

    def _session_resumed(self, _: object) -> None:
        # Nothing was lost, so nobody is told (XEP-0198 §5).
        self.online = True

    def _disconnected(self, _: object) -> None:
        self.online = False

    def _session_end(self, _: object) -> None:
        self.online = False
        for listener in tuple(self.listeners.values()):
            _guarded(listener.stream_down)

    def _take(self, stanza: StanzaBase) -> None:
        for listener in self._addressed(stanza):
            if isinstance(stanza, Presence):
                _guarded(partial(listener.presence, stanza))
            elif isinstance(stanza, Message):
                _guarded(partial(listener.message, stanza))

    def _addressed(self, stanza: StanzaBase) -> Iterator[Listener]:
        if not self._is_component:
            yield from tuple(self.listeners.values())
            return
        to = stanza["to"]
        if to in self.listeners:
            yield self.listeners[to]
        elif not to.resource:
            # An invitation, for instance: to each of this address's.
            for own, listener in tuple(self.listeners.items()):
                if own is not None and own.bare == to.bare:
                    yield listener


class _PresencesAndMessages(MatcherBase):
    def match(self, xml: StanzaBase) -> bool:
        return isinstance(xml, Presence | Message)


def _guarded(call: Callable[[], None]) -> None:
    """What fails here is a bug of ours. slixmpp would answer the sender with an error for it."""
    try:
        call()
    except Exception:
        log.exception("a stanza could not be dealt with")
