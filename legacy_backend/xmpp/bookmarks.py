"""The rooms that an account has bookmarked: in its PEP node (XEP-0402) or, where its server has no
such thing, in its private XML (XEP-0048, XEP-0049)."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final
from xml.etree import ElementTree as ET

from slixmpp import JID, Message
from slixmpp.exceptions import XMPPError

from legacy_backend.xmpp.muc.data import Data, Field
from legacy_backend.xmpp.muc.names import address, append, child, element, qualified, text_of
from legacy_backend.xmpp.muc.wire import Wire

NS: Final = "urn:xmpp:bookmarks:1"
STORAGE: Final = "storage:bookmarks"
PRIVATE: Final = "jabber:iq:private"
PUBSUB: Final = "http://jabber.org/protocol/pubsub"
EVENT: Final = PUBSUB + "#event"
OPTIONS: Final = PUBSUB + "#publish-options"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bookmark:
    """`nick` and `password` "" if none is kept. `others` is what other clients keep there."""

    jid: JID
    name: str = ""
    nick: str = ""
    password: str = ""
    autojoin: bool = False
    others: tuple[ET.Element, ...] = field(default=(), compare=False)

    @classmethod
    def from_xml(cls, jid: JID | None, xml: ET.Element) -> Bookmark | None:
        """None if it is no bookmark of a room."""
        if jid is None or not jid.local or jid.resource:
            return None
        namespace = xml.tag.partition("}")[0].strip("{")
        own = {qualified(namespace, name) for name in ("nick", "password")}
        return cls(
            jid=jid,
            name=xml.get("name", ""),
            nick=text_of(xml, namespace, "nick") or "",
            password=text_of(xml, namespace, "password") or "",
            autojoin=xml.get("autojoin") in ("true", "1"),
            others=tuple(copy.deepcopy(one) for one in xml if one.tag not in own),
        )

    def to_xml(self, namespace: str) -> ET.Element:
        autojoin = "true" if self.autojoin else "false"
        xml = element(namespace, "conference", autojoin=autojoin)
        if self.name:
            xml.set("name", self.name)
        append(xml, namespace, "nick", self.nick or None)
        append(xml, namespace, "password", self.password or None)
        xml.extend(self.others)
        return xml


class BookmarkList(ABC):
    """As last read or written, wherever they are kept."""

    def __init__(self) -> None:
        self._known: dict[JID, Bookmark] = {}

    def __iter__(self) -> Iterator[Bookmark]:
        return iter(tuple(self._known.values()))

    def get(self, room: JID) -> Bookmark | None:
        return self._known.get(room)

    @abstractmethod
    async def load(self) -> None:
        """Read them all. Raises XMPPError."""

    @abstractmethod
    async def put(self, bookmark: Bookmark) -> None:
        """Keep a bookmark. Raises XMPPError."""

    @abstractmethod
    def hear(self, message: Message) -> list[Bookmark]:
        """What others have changed, by a message that may be about that."""

    async def stop_joining(self, room: JID) -> None:
        """No client shall join a room by itself any more."""
        known = self._known.get(room)
        if known is not None and known.autojoin:
            await self.put(replace(known, autojoin=False))


class Bookmarks(BookmarkList):
    """Those of one account, in either place. Filled by `load`."""

    def __init__(self, wire: Wire, own: JID) -> None:
        super().__init__()
        self._wire = wire
        self._own = JID(own.bare)
        self._has_pep = True
        self._has_node = False

    async def load(self) -> None:
        """Read them all. What is in both places is as PEP has it.

        Raises XMPPError only if the server does not answer.
        """
        found: list[Bookmark] = []
        self._has_pep = self._has_node = True
        try:
            found += await self._read_pep()
        except XMPPError as no:
            if no.condition == "remote-server-timeout":
                raise
            self._has_node = False
            self._has_pep = no.condition == "item-not-found"
        if not found:
            found = await self._read_private()
        self._known = {one.jid: one for one in found}

    async def put(self, bookmark: Bookmark) -> None:
        """Keep a bookmark, and have other clients learn of it."""
        if self._known.get(bookmark.jid) == bookmark:
            return
        self._known[bookmark.jid] = bookmark
        if self._has_pep:
            await self._publish(bookmark)
        else:
            await self._write_private()

    def hear(self, message: Message) -> list[Bookmark]:
        """What other clients have changed, by a message of our own account's; what they have
        removed has no autojoin."""
        changed: list[Bookmark] = []
        event = child(message.xml, EVENT, "event")
        items = None if event is None else child(event, EVENT, "items")
        if items is None or items.get("node") != NS or message["from"].bare != self._own.bare:
            return changed
        for item in items:
            jid = address(item.get("id"))
            conference = child(item, NS, "conference")
            if conference is not None:
                bookmark = Bookmark.from_xml(jid, conference)
                if bookmark is not None and bookmark != self._known.get(bookmark.jid):
                    self._known[bookmark.jid] = bookmark
                    changed.append(bookmark)
            elif jid is not None and (gone := self._known.pop(jid, None)) is not None:
                changed.append(replace(gone, autojoin=False))
        return changed

    # the two places

    async def _read_pep(self) -> list[Bookmark]:
        ask = element(PUBSUB, "pubsub")
        ask.append(element(PUBSUB, "items", node=NS))
        answer = await self._wire.ask(self._own, ask)
        found = []
        for item in answer.iter(qualified(PUBSUB, "item")):
            conference = child(item, NS, "conference")
            if conference is not None:
                found.append(Bookmark.from_xml(address(item.get("id")), conference))
        return [one for one in found if one is not None]

    async def _read_private(self) -> list[Bookmark]:
        ask = element(PRIVATE, "query")
        ask.append(element(STORAGE, "storage"))
        try:
            answer = await self._wire.ask(self._own, ask)
        except XMPPError as no:
            if no.condition == "remote-server-timeout":
                raise
            return []
        found = (
            Bookmark.from_xml(address(one.get("jid")), one)
            for one in answer.iter(qualified(STORAGE, "conference"))
        )
        return [one for one in found if one is not None]

    async def _publish(self, bookmark: Bookmark) -> None:
        item = element(PUBSUB, "item", id=bookmark.jid)
        item.append(bookmark.to_xml(NS))
        try:
            await self._wire.ask(self._own, _publication(item, _private_node()), type="set")
        except XMPPError as no:
            if self._has_node or no.condition == "conflict":
                # Somebody has set the node up otherwise: it is theirs to say.
                await self._wire.ask(self._own, _publication(item, None), type="set")
                return
            # COMPAT: ejabberd 23.01 has no nodes for more than a few items unless it is set up for
            # that (max_items_node). Those that it makes unasked keep a single one.
            if no.condition not in ("resource-constraint", "not-acceptable", "bad-request"):
                raise
            self._has_pep = False
            await self._write_private()

    async def _write_private(self) -> None:
        storage = element(STORAGE, "storage")
        for one in self:
            conference = one.to_xml(STORAGE)
            conference.set("jid", str(one.jid))
            storage.append(conference)
        query = element(PRIVATE, "query")
        query.append(storage)
        await self._wire.ask(self._own, query, type="set")


def _publication(item: ET.Element, form: Data | None) -> ET.Element:
    publish = element(PUBSUB, "publish", node=NS)
    publish.append(item)
    xml = element(PUBSUB, "pubsub")
    xml.append(publish)
    if form is not None:
        options = element(PUBSUB, "publish-options")
        options.append(form.to_xml())
        xml.append(options)
    return xml


def _private_node() -> Data:
    """How the node has to be set up (XEP-0402 §3)."""
    return Data(
        "submit",
        (
            Field("FORM_TYPE", (OPTIONS,), "hidden"),
            Field("pubsub#persist_items", ("true",)),
            Field("pubsub#max_items", ("max",)),
            Field("pubsub#send_last_published_item", ("never",)),
            Field("pubsub#access_model", ("whitelist",)),
        ),
    )
