"""What a group is about just now (XEP-0045 §8.1)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from slidge.contact import LegacyContact

from gateway.archive import Kind, NewEntry, StanzaId
from gateway.group.handle import Handle
from gateway.group.live import Post
from gateway.group.participant import LegacyParticipant
from gateway.group.posting import sid
from gateway.render.message import subject as subject_stanza
from gateway.render.presence import occupant_id
from gateway.render.xml import bearable
from gateway.room.state import Subject


class RoomSubject(Handle):
    """The part of a room handle that deals in it."""

    _updating_info: bool

    @property
    def subject(self) -> str:
        return self.room.subject.text

    @subject.setter
    def subject(self, text: str | None) -> None:
        self.set_subject(text or "", by=self.room.subject.by, at=self.room.subject.at)

    @property
    def subject_date(self) -> datetime | None:
        return self.room.subject.at

    @subject_date.setter
    def subject_date(self, when: datetime | None) -> None:
        if when is not None and when.tzinfo is None:
            when = when.replace(tzinfo=UTC)
        self.room.subject = replace(self.room.subject, at=when)
        self.live.keeping.changed()

    @property
    def subject_setter(self) -> str | None:
        return self.room.subject.by or None

    @subject_setter.setter
    def subject_setter(self, setter: Any) -> None:
        if isinstance(setter, LegacyContact):
            setter = setter.name
        elif isinstance(setter, LegacyParticipant):
            setter = setter.nickname
        self.room.subject = replace(self.room.subject, by=setter or "")
        self.live.keeping.changed()

    def set_subject(
        self, text: str, *, by: str = "", at: datetime | None = None, again: bool = False
    ) -> None:
        """Say what the group is about now; `by` is a nickname.

        Shown and archived if it is new, or said `again` by a user who waits to see it.
        """
        text = bearable(text)
        if text == self.room.subject.text and not again:
            if (by or at) and (by, at) != (self.room.subject.by, self.room.subject.at):
                self.room.subject = Subject(text, by, at, self.room.subject.lang)
                self.live.keeping.changed()
            return
        now = self.live.host.now()
        self.room.subject = Subject(text, by, at or now, self.live.new_subject[1])
        self.live.keeping.changed()
        if not self._updating_info:
            self._announce_subject(at or now)

    def _announce_subject(self, at: datetime) -> None:
        stanza_id = self.stanza_id(None)
        id, lang = self.live.new_subject
        message_id, self.live.new_subject = id or stanza_id, ("", lang)
        setter = self.room.nicks.get(self.room.subject.by)
        known = occupant_id(setter.id) if setter is not None else ""
        stanza = subject_stanza(
            self.room.jid,
            self.room.subject,
            message_id=message_id,
            extra=known + sid(stanza_id, self.room.jid),
        )
        entry = NewEntry(
            stanza_id=StanzaId(stanza_id),
            message_id=message_id,
            at=at,
            nick=self.room.subject.by,
            author="",
            stanza=stanza,
            kind=Kind.SUBJECT,
            body=self.room.subject.text,
        )
        self.live.post(Post(entry))

    @contextmanager
    def answering_subject(self, message_id: str, lang: str) -> Iterator[None]:
        """While the user's change of subject is with the network: id and language are kept."""
        self.live.new_subject = (message_id, lang)
        try:
            yield
        finally:
            self.live.new_subject = ("", "")
