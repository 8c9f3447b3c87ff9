"""The payloads of XEP-0045 and XEP-0249 as frozen values that are read from XML and written to it.

What strangers get wrong reads as None: a malformed address, a status code that is no number.
`of` finds a payload in a stanza, `to_xml` makes the element to append to one.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import KW_ONLY, dataclass
from datetime import UTC, datetime
from typing import Self
from xml.etree import ElementTree as ET

from slixmpp import JID
from slixmpp.xmlstream.stanzabase import StanzaBase

from legacy_backend.xmpp.muc.codes import codes_of
from legacy_backend.xmpp.muc.data import Data
from legacy_backend.xmpp.muc.names import (
    ADMIN,
    DIRECT,
    MUC,
    OWNER,
    USER,
    address,
    append,
    child,
    element,
    qualified,
    text_of,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """How much a join shall replay; None sets no limit, 0 of anything asks for nothing.

    `seconds` is how far back, `since` a time (aware).
    """

    maxchars: int | None = None
    maxstanzas: int | None = None
    seconds: int | None = None
    since: datetime | None = None

    @classmethod
    def from_xml(cls, xml: ET.Element) -> Self:
        since = None
        with suppress(ValueError, OverflowError):
            since = datetime.fromisoformat(xml.get("since", "")).astimezone(UTC)
        return cls(
            maxchars=_number(xml.get("maxchars")),
            maxstanzas=_number(xml.get("maxstanzas")),
            seconds=_number(xml.get("seconds")),
            since=since,
        )

    def to_xml(self) -> ET.Element:
        # Rounded down to the second, which every service can read: rather one too many.
        since = self.since and self.since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return element(
            MUC,
            "history",
            maxchars=self.maxchars,
            maxstanzas=self.maxstanzas,
            seconds=self.seconds,
            since=since,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class GenericExt:
    """`<x xmlns='…/muc'/>`: in presence to a room, "I know what a room is, let me in"."""

    history: History | None = None
    password: str | None = None

    @classmethod
    def from_xml(cls, xml: ET.Element) -> Self:
        history = child(xml, MUC, "history")
        return cls(
            history=None if history is None else History.from_xml(history),
            password=text_of(xml, MUC, "password"),
        )

    @classmethod
    def of(cls, stanza: StanzaBase) -> Self | None:
        xml = child(stanza.xml, MUC, "x")
        return None if xml is None else cls.from_xml(xml)

    def to_xml(self) -> ET.Element:
        xml = element(MUC, "x")
        if self.history is not None:
            xml.append(self.history.to_xml())
        append(xml, MUC, "password", self.password)
        return xml


@dataclass(frozen=True, slots=True)
class Status:
    code: int

    def to_xml(self) -> ET.Element:
        return element(USER, "status", code=int(self.code))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Actor:
    """Who did it; either may be None. Not an occupant: they may have gone, or never been here."""

    jid: JID | None = None
    nick: str | None = None

    @classmethod
    def _within(cls, xml: ET.Element, namespace: str) -> Self | None:
        actor = child(xml, namespace, "actor")
        if actor is None:
            return None
        return cls(jid=address(actor.get("jid")), nick=actor.get("nick"))

    def _to_xml(self, namespace: str) -> ET.Element:
        return element(namespace, "actor", jid=self.jid, nick=self.nick)


class UserActor(_Actor):
    __slots__ = ()


class AdminActor(_Actor):
    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Continue:
    """A chat of two goes on in this room; `thread` is its."""

    thread: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Item:
    """Somebody's standing, told or asked for. What is None is not said."""

    affiliation: str | None = None
    jid: JID | None = None
    nick: str | None = None
    role: str | None = None
    reason: str | None = None

    def _to_xml(self, namespace: str) -> ET.Element:
        xml = element(
            namespace,
            "item",
            affiliation=self.affiliation,
            jid=self.jid,
            nick=self.nick,
            role=self.role,
        )
        append(xml, namespace, "reason", self.reason)
        return xml


@dataclass(frozen=True, slots=True, kw_only=True)
class UserItem(_Item):
    actor: UserActor | None = None
    continue_: Continue | None = None

    @classmethod
    def from_xml(cls, xml: ET.Element) -> Self:
        return cls(
            affiliation=xml.get("affiliation"),
            jid=address(xml.get("jid")),
            nick=xml.get("nick"),
            role=xml.get("role"),
            reason=text_of(xml, USER, "reason"),
            actor=UserActor._within(xml, USER),
            continue_=_continue_within(xml),
        )

    def to_xml(self) -> ET.Element:
        xml = self._to_xml(USER)
        if self.actor is not None:
            xml.append(self.actor._to_xml(USER))
        _append_continue(xml, self.continue_)
        return xml


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminItem(_Item):
    actor: AdminActor | None = None

    @classmethod
    def from_xml(cls, xml: ET.Element) -> Self:
        return cls(
            affiliation=xml.get("affiliation"),
            jid=address(xml.get("jid")),
            nick=xml.get("nick"),
            role=xml.get("role"),
            reason=text_of(xml, ADMIN, "reason"),
            actor=AdminActor._within(xml, ADMIN),
        )

    def to_xml(self) -> ET.Element:
        xml = self._to_xml(ADMIN)
        if self.actor is not None:
            xml.append(self.actor._to_xml(ADMIN))
        return xml


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite:
    """On its way to the room `to` says who is invited, from the room `from_` who invites."""

    from_: JID | None = None
    to: JID | None = None
    reason: str | None = None
    continue_: Continue | None = None

    @classmethod
    def from_xml(cls, xml: ET.Element) -> Self:
        return cls(
            from_=address(xml.get("from")),
            to=address(xml.get("to")),
            reason=text_of(xml, USER, "reason"),
            continue_=_continue_within(xml),
        )

    def to_xml(self) -> ET.Element:
        xml = element(USER, "invite", to=self.to)
        xml.attrib.update({"from": str(self.from_)} if self.from_ else {})
        append(xml, USER, "reason", self.reason)
        _append_continue(xml, self.continue_)
        return xml


@dataclass(frozen=True, slots=True, kw_only=True)
class Decline:
    """As Invite: `to` is the inviter, `from_` who says no."""

    from_: JID | None = None
    to: JID | None = None
    reason: str | None = None

    @classmethod
    def from_xml(cls, xml: ET.Element) -> Self:
        return cls(
            from_=address(xml.get("from")),
            to=address(xml.get("to")),
            reason=text_of(xml, USER, "reason"),
        )

    def to_xml(self) -> ET.Element:
        xml = element(USER, "decline", to=self.to)
        xml.attrib.update({"from": str(self.from_)} if self.from_ else {})
        append(xml, USER, "reason", self.reason)
        return xml


@dataclass(frozen=True, slots=True, kw_only=True)
class DestroyNotification:
    """The room is no more; `jid` is the one that takes its place, if any."""

    jid: JID | None = None
    reason: str | None = None

    @classmethod
    def from_xml(cls, xml: ET.Element) -> Self:
        return cls(jid=address(xml.get("jid")), reason=text_of(xml, USER, "reason"))

    def to_xml(self) -> ET.Element:
        xml = element(USER, "destroy", jid=self.jid)
        append(xml, USER, "reason", self.reason)
        return xml


@dataclass(frozen=True, slots=True, kw_only=True)
class UserExt:
    """`<x xmlns='…/muc#user'/>`: what a room says about a presence or a message."""

    status_codes: frozenset[int] = frozenset()
    destroy: DestroyNotification | None = None
    decline: Decline | None = None
    invites: tuple[Invite, ...] = ()
    items: tuple[UserItem, ...] = ()
    password: str | None = None

    @property
    def item(self) -> UserItem:
        """The first item, an empty one if there is none."""
        return self.items[0] if self.items else UserItem()

    @classmethod
    def from_xml(cls, xml: ET.Element) -> Self:
        destroy, decline = child(xml, USER, "destroy"), child(xml, USER, "decline")
        return cls(
            status_codes=codes_of(one.get("code") for one in xml.iterfind(_STATUS)),
            destroy=None if destroy is None else DestroyNotification.from_xml(destroy),
            decline=None if decline is None else Decline.from_xml(decline),
            invites=tuple(map(Invite.from_xml, xml.iterfind(qualified(USER, "invite")))),
            items=tuple(map(UserItem.from_xml, xml.iterfind(qualified(USER, "item")))),
            password=text_of(xml, USER, "password"),
        )

    @classmethod
    def of(cls, stanza: StanzaBase) -> Self | None:
        xml = child(stanza.xml, USER, "x")
        return None if xml is None else cls.from_xml(xml)

    def to_xml(self) -> ET.Element:
        xml = element(USER, "x")
        xml.extend(item.to_xml() for item in self.items)
        xml.extend(Status(code).to_xml() for code in sorted(self.status_codes))
        xml.extend(invite.to_xml() for invite in self.invites)
        if self.decline is not None:
            xml.append(self.decline.to_xml())
        if self.destroy is not None:
            xml.append(self.destroy.to_xml())
        append(xml, USER, "password", self.password)
        return xml


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminQuery:
    items: tuple[AdminItem, ...] = ()

    @classmethod
    def from_xml(cls, xml: ET.Element) -> Self:
        return cls(items=tuple(map(AdminItem.from_xml, xml.iterfind(qualified(ADMIN, "item")))))

    def to_xml(self) -> ET.Element:
        xml = element(ADMIN, "query")
        xml.extend(item.to_xml() for item in self.items)
        return xml


@dataclass(frozen=True, slots=True, kw_only=True)
class DestroyRequest:
    """`jid` is the room to go to instead, `password` what that one asks for."""

    jid: JID | None = None
    password: str | None = None
    reason: str | None = None

    @classmethod
    def from_xml(cls, xml: ET.Element) -> Self:
        return cls(
            jid=address(xml.get("jid")),
            password=text_of(xml, OWNER, "password"),
            reason=text_of(xml, OWNER, "reason"),
        )

    def to_xml(self) -> ET.Element:
        xml = element(OWNER, "destroy", jid=self.jid)
        append(xml, OWNER, "password", self.password)
        append(xml, OWNER, "reason", self.reason)
        return xml


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerQuery:
    """A form, a destruction, or neither: then the form is asked for.

    Raises ValueError if it is both.
    """

    form: Data | None = None
    destroy: DestroyRequest | None = None

    def __post_init__(self) -> None:
        if self.form is not None and self.destroy is not None:
            raise ValueError("a room is configured or destroyed, not both")

    @classmethod
    def from_xml(cls, xml: ET.Element) -> Self:
        destroy = child(xml, OWNER, "destroy")
        if destroy is not None:
            return cls(destroy=DestroyRequest.from_xml(destroy))
        return cls(form=Data.within(xml))

    def to_xml(self) -> ET.Element:
        xml = element(OWNER, "query")
        if self.form is not None:
            xml.append(self.form.to_xml())
        if self.destroy is not None:
            xml.append(self.destroy.to_xml())
        return xml


@dataclass(frozen=True, slots=True)
class DirectInvite:
    """`continue_` and `thread`: a chat of two goes on in the room."""

    jid: JID
    _: KW_ONLY
    reason: str | None = None
    password: str | None = None
    continue_: bool = False
    thread: str | None = None

    @classmethod
    def of(cls, stanza: StanzaBase) -> Self | None:
        """None as well if the room's address is missing or malformed."""
        xml = child(stanza.xml, DIRECT, "x")
        room = None if xml is None else address(xml.get("jid"))
        if xml is None or room is None:
            return None
        return cls(
            room,
            reason=xml.get("reason"),
            password=xml.get("password"),
            continue_=xml.get("continue") in ("true", "1"),
            thread=xml.get("thread"),
        )

    def to_xml(self) -> ET.Element:
        xml = element(
            DIRECT,
            "x",
            jid=self.jid,
            reason=self.reason,
            password=self.password,
            thread=self.thread,
        )
        xml.attrib.update({"continue": "true"} if self.continue_ else {})
        return xml


_STATUS = qualified(USER, "status")


def _continue_within(xml: ET.Element) -> Continue | None:
    found = child(xml, USER, "continue")
    return None if found is None else Continue(thread=found.get("thread"))


def _append_continue(xml: ET.Element, value: Continue | None) -> None:
    if value is not None:
        xml.append(element(USER, "continue", thread=value.thread))


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() else None
