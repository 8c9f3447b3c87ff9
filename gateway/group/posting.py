"""From a stanza that slidge's mixins built to an entry of the archive and a message to all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from slixmpp import JID, Message

from gateway.archive import Kind, NewEntry, StanzaId
from gateway.group.live import Post
from gateway.render import changes
from gateway.render.presence import occupant_id
from gateway.render.xml import attribute, bearable, clean, content, delay, serialised
from legacy_backend.terms import MessageId

if TYPE_CHECKING:
    from gateway.group.muc import LegacyMUC
    from gateway.room.state import Occupant

LATE = timedelta(seconds=10)
"""Older than this, a message tells its live readers when it was written (XEP-0203)."""

_NS = "{jabber:component:accept}"
_KINDS = {
    "{urn:xmpp:message-correct:0}replace": Kind.EDIT,
    "{urn:xmpp:reactions:0}reactions": Kind.REACTION,
    "{urn:xmpp:message-retract:1}retract": Kind.RETRACTION,
}
_PASSING = {
    "http://jabber.org/protocol/chatstates",
    "urn:xmpp:chat-markers:0",
    "urn:xmpp:hints",
    "urn:xmpp:sid:0",
}
"""Namespaces that do not make a message worth keeping."""


@dataclass(slots=True)
class Ident:
    """What a message is called, beside what its stanza says."""

    legacy_id: str | None = None
    stanza_id: str = ""
    when: datetime | None = None


def ident_of(message: Message) -> Ident:
    """The ident of a message under construction."""
    ident: Ident | None = getattr(message, "sluice_ident", None)
    if ident is None:
        ident = Ident()
        vars(message)["sluice_ident"] = ident
    return ident


class Posting:
    """How a participant says things."""

    muc: LegacyMUC[Any]
    occupant: Occupant
    is_system: bool

    def _send(
        self,
        stanza: Message,
        full_jid: JID | None = None,
        archive_only: bool = False,
        legacy_msg_id: str | None = None,
        force: bool = False,
        **_: Any,
    ) -> Message:
        """Where all of slidge's mixins end: archive and send a message.

        `archive_only` puts it into the backfill under way, at its place in time.
        """
        live = self.muc.live
        ident = ident_of(stanza)
        if full_jid is not None:
            stanza.set_to(full_jid)
            live.send(str(full_jid), serialised(stanza.xml).encode())
            return stanza
        kind = _kind(stanza)
        text = self._finished(stanza, ident, archived=kind is not None)
        if kind is None:
            if not archive_only:
                live.broadcast(text)
            return stanza
        if kind is Kind.EDIT and live.expected.told(("edit", str(legacy_msg_id)), stanza["body"]):
            return stanza
        when = ident.when or live.host.now()
        refers_to = MessageId(legacy_msg_id) if kind is not Kind.MESSAGE and legacy_msg_id else None
        entry = NewEntry(
            stanza_id=StanzaId(ident.stanza_id),
            message_id=stanza.get_id(),
            at=when,
            nick="" if self.is_system else self.occupant.nick,
            author="" if self.is_system else self.occupant.member,
            stanza=text,
            kind=kind,
            legacy_id=MessageId(ident.legacy_id) if ident.legacy_id is not None else None,
            body=clean(stanza["body"]),
            refers_to=refers_to,
            patch=self._patch(text, refers_to),
        )
        if archive_only:
            self.muc.backfilled(entry)
            return stanza
        self._post(entry)
        return stanza

    def _post(self, entry: NewEntry) -> None:
        live = self.muc.live
        if not self.is_system:
            self.appear()
        late = live.host.now() - entry.at > LATE
        tail = delay(live.room.jid, entry.at) if late else ""
        author = None if self.is_system or self.occupant.user is None else self.occupant.member
        live.post(Post(entry, tail, author))

    def appear(self) -> None:
        raise NotImplementedError

    def _finished(self, stanza: Message, ident: Ident, *, archived: bool) -> str:
        """The stanza as text, with the ids that the room gives."""
        text = serialised(stanza.xml)
        extra = occupant_id("room" if self.is_system else self.occupant.id)
        if archived:
            if not ident.stanza_id:
                ident.stanza_id = self.muc.stanza_id(None)
            extra += sid(ident.stanza_id, self.muc.room.jid)
        if text.endswith("/>"):
            return f"{text[:-2]}>{extra}</message>"
        return text.removesuffix("</message>") + extra + "</message>"

    def _original_id(self, legacy_id: str) -> str:
        """The `id` that a message of theirs went out with, which corrections refer to.

        For the words of a user of the gateway that was their client's choice: the archive fills
        it in (see `_patch`).
        """
        stanza_id = self.muc.stanza_id(legacy_id)
        return stanza_id if self.occupant.user is None else f"{PLACEHOLDER}{stanza_id}"

    def _patch(self, text: str, refers_to: MessageId | None) -> tuple[MessageId, str, str] | None:
        if refers_to is None or PLACEHOLDER not in text:
            return None
        stanza_id = self.muc.stanza_id(refers_to)
        return refers_to, f"{PLACEHOLDER}{stanza_id}", stanza_id

    def send_text(
        self, body: str, legacy_msg_id: str | None = None, **options: Any
    ) -> Message | None:
        """They said something. See slidge's documentation for the options.

        What is plain text, as most is, is written as it will go out, without the stanza object
        that slidge's mixin would build; then there is nothing to return.
        """
        unusual: object = legacy_msg_id is None  # it may be a part of a message, to be found again
        unusual = unusual or [
            name for name, value in options.items() if value and name not in _PLAIN
        ]
        if unusual or not body or "hints" in options:
            built: Message | None = super().send_text(  # type: ignore[misc]
                body, legacy_msg_id, **options
            )
            return built
        body = bearable(body)
        when: datetime = options.get("when") or self.muc.live.host.now()
        if when.tzinfo is None:
            when = when.astimezone(UTC)
        legacy_id = None if legacy_msg_id is None else MessageId(str(legacy_msg_id))
        stanza_id = self.muc.stanza_id(legacy_id)
        marks = (
            '<active xmlns="http://jabber.org/protocol/chatstates"/>'
            '<markable xmlns="urn:xmpp:chat-markers:0"/>'
        )
        entry = self._entry(f"<body>{content(body)}</body>{marks}", stanza_id, Kind.MESSAGE)
        sole = legacy_id is not None
        entry = replace(entry, at=when, legacy_id=legacy_id, body=body, sole=sole)
        if options.get("archive_only"):
            self.muc.backfilled(entry)
        else:
            self._post(entry)
        return None

    # What slidge's mixins do otherwise than the standards ask

    def retract(self, legacy_msg_id: str, thread: str | None = None, **kwargs: Any) -> None:
        """They took a message of theirs back (XEP-0424 §4)."""
        if self.muc.live.expected.told(("retract", str(legacy_msg_id))):
            return
        for target in self._parts_of(legacy_msg_id):
            inner = changes.retraction(target) + self._thread(thread)
            self._say(inner, Kind.RETRACTION, str(legacy_msg_id), **kwargs)
            kwargs.pop("change_id", None)  # only one of them can have it
        author = "" if self.is_system else self.occupant.member
        self.muc.bury(str(legacy_msg_id), "", author=author)

    def moderate(self, legacy_msg_id: str, reason: str | None = None, change_id: str = "") -> None:
        """They removed a message of somebody else's (XEP-0425 §5)."""
        if not self.muc.live.expected.told(("retract", str(legacy_msg_id))):
            self.show_moderated(legacy_msg_id, reason, change_id)

    def show_moderated(
        self, legacy_msg_id: str, reason: str | None = None, change_id: str = ""
    ) -> None:
        """Show that they removed a message, known to be news."""
        room = self.muc.room.jid
        nick, ident = ("", "") if self.is_system else (self.occupant.nick, self.occupant.id)
        system = self.muc.get_system_participant()
        for target in self._parts_of(legacy_msg_id):
            inner = changes.moderation(target, room, nick, ident, reason)
            system._say(inner, Kind.RETRACTION, str(legacy_msg_id), change_id=change_id)
            change_id = ""
        how = changes.moderated(room, nick, ident) + changes.because(reason)
        self.muc.bury(str(legacy_msg_id), how)

    def react(
        self,
        legacy_msg_id: str,
        emojis: Iterable[str] = (),
        thread: str | None = None,
        **kwargs: Any,
    ) -> None:
        """All the reactions they have on a message now (XEP-0444 §4)."""
        all_of_them = list(dict.fromkeys(emojis))
        what = ("react", self.occupant.member, str(legacy_msg_id))
        if self.muc.live.expected.told(what, " ".join(sorted(all_of_them))):
            return
        target = self.muc.stanza_id(str(legacy_msg_id))
        inner = changes.reactions(target, all_of_them) + self._thread(thread)
        self._say(inner, Kind.REACTION, str(legacy_msg_id), **kwargs)

    def _parts_of(self, legacy_id: str) -> list[str]:
        """The stanza ids of all that a message of the network's is here."""
        return [self.muc.stanza_id(str(legacy_id)), *self.muc.parts_of(str(legacy_id))]

    def _AttachmentMixin__store_multi(  # noqa: N802
        self, legacy_msg_id: str | None, messages: Sequence[Message | None]
    ) -> None:
        """COMPAT: slidge 0.4.2 keeps the ids of a message of several files in a table of its own,
        whose rows belong to its rooms."""
        if legacy_msg_id is not None:
            idents = (ident_of(message) for message in messages if message is not None)
            rest = [i.stanza_id for i in idents if i.legacy_id is None]
            self.muc.keep_parts(str(legacy_msg_id), rest)

    def _thread(self, thread: str | None) -> str:
        return f"<thread>{content(self.muc.thread_of(thread))}</thread>" if thread else ""

    def _say(
        self,
        inner: str,
        kind: Kind,
        refers_to: str,
        *,
        archive_only: bool = False,
        change_id: str = "",
        **_: Any,
    ) -> None:
        """Post a message with this content, in a stanza of its own making. `change_id` is the
        network's id for it, "" if it has none."""
        legacy_id = MessageId(change_id) if change_id else None
        entry = self._entry(inner, self.muc.stanza_id(legacy_id), kind, MessageId(refers_to))
        entry = replace(entry, legacy_id=legacy_id)
        if archive_only:
            self.muc.backfilled(entry)
        else:
            self._post(entry)

    def _entry(
        self, inner: str, stanza_id: str, kind: Kind, refers_to: MessageId | None = None
    ) -> NewEntry:
        """A message of theirs with this content (XML), said now."""
        room = attribute(self.muc.room.jid)
        nick = "" if self.is_system else self.occupant.nick
        origin = f"{room}/{attribute(nick)}" if nick else room
        return NewEntry(
            stanza_id=StanzaId(stanza_id),
            message_id=stanza_id,
            at=self.muc.live.host.now(),
            nick=nick,
            author="" if self.is_system else self.occupant.member,
            stanza=(
                f'<message from="{origin}" type="groupchat" id="{stanza_id}">{inner}'
                f"{occupant_id('room' if self.is_system else self.occupant.id)}"
                f"{sid(stanza_id, self.muc.room.jid)}</message>"
            ),
            kind=kind,
            refers_to=refers_to,
        )


_PLAIN = {"when", "archive_only"}
"""Options of `send_text` that make no difference to the stanza."""

PLACEHOLDER = "sluice-original-of-"


def sid(stanza_id: str, room_jid: str) -> str:
    """The element by which a message is found in the room's archive (XEP-0359 §3)."""
    return (
        f'<stanza-id xmlns="urn:xmpp:sid:0" id="{attribute(stanza_id)}"'
        f' by="{attribute(room_jid)}"/>'
    )


def _kind(stanza: Message) -> Kind | None:
    """What a message is, None if it is not for the archive (XEP-0313 §5.1.2)."""
    names = [child.tag for child in stanza.xml]
    for name in names:
        if name in _KINDS:
            return _KINDS[name]
    if f"{_NS}body" in names:
        return Kind.MESSAGE
    if f"{_NS}subject" in names:
        return Kind.SUBJECT
    worth = [n for n in names if not n.startswith(_NS) and n[1:].partition("}")[0] not in _PASSING]
    return Kind.OTHER if worth else None


def plain(element: ET.Element) -> str:
    """The text of a child that may be missing."""
    return element.text or ""
