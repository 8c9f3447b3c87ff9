"""Saying something in a group, and what may be done about it afterwards."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace

from legacy_backend.events import MessageEdited, MessagePosted, MessageRetracted, Reacted
from legacy_backend.terms import Affiliation, GroupId, LegacyError, MemberId, MessageId
from legacy_backend.values import Draft, Message
from legacy_backend.webchat import text
from legacy_backend.webchat.acts import rules
from legacy_backend.webchat.acts.drafts import cleaned, with_quote
from legacy_backend.webchat.store import groups, messages, places
from legacy_backend.webchat.store.messages import Said
from legacy_backend.webchat.work import Work

MOST_EMOJIS = 20
LONGEST_EMOJI = 32


def post(work: Work, actor: MemberId, group: GroupId, draft: Draft) -> Message:
    """Say something. Whoever speaks has read what was there."""
    row, place = rules.speaking(work.conn, actor, group)
    draft = with_quote(work.conn, group, cleaned(work.settings, draft))
    seq = row.last_seq + 1
    groups.set_last_seq(work.conn, group, seq)
    places.read_up_to(work.conn, group, actor, seq)
    message = messages.add(work.conn, group, seq, actor, place.nick, work.now, draft)
    work.tell(MessagePosted(group=group, message=message), seq=seq)
    return message


def _standing_message(work: Work, group: GroupId, id: MessageId) -> Said:
    said = messages.find(work.conn, group, id)
    if said is None or said.retracted is not None:
        raise LegacyError("item-not-found", "This message is not there, or no more.")
    return said


def _own_message(work: Work, actor: MemberId, group: GroupId, id: MessageId) -> Said:
    said = _standing_message(work, group, id)
    if said.message.author != actor:
        raise LegacyError("forbidden", "This is somebody else's message.")
    return said


def edit(work: Work, actor: MemberId, group: GroupId, id: MessageId, draft: Draft) -> str:
    """Put other words in the place of an own message; what it answers stays."""
    rules.speaking(work.conn, actor, group)
    said = _own_message(work, actor, group, id)
    draft = cleaned(work.settings, draft)
    messages.edit(work.conn, group, id, draft.body, draft.attachments, work.now)
    message = replace(said.message, body=draft.body, attachments=draft.attachments)
    edit_id = secrets.token_urlsafe(12)
    work.tell(MessageEdited(group=group, message=message, edit_id=edit_id, edited_at=work.now))
    return edit_id


def retract(work: Work, actor: MemberId, group: GroupId, id: MessageId) -> None:
    """Take an own message back; the muted may too."""
    rules.inside(work.conn, actor, group)
    _own_message(work, actor, group, id)
    messages.retract(work.conn, group, id, work.now)
    gone = MessageRetracted(group=group, id=id, by=actor, by_author=True, at=work.now)
    work.tell(gone)


def moderate(work: Work, actor: MemberId, group: GroupId, id: MessageId, reason: str) -> None:
    """Remove anybody's message.

    Raises LegacyError: "not-allowed" if its author ranks higher.
    """
    _, own = rules.moderating(work.conn, actor, group)
    said = _standing_message(work, group, id)
    author = said.message.author
    there = None if author is None else places.find(work.conn, group, author)
    standing = Affiliation.NONE if there is None else there.affiliation
    if standing > own.affiliation:
        raise LegacyError("not-allowed", "The author of this message ranks above you.")
    messages.retract(work.conn, group, id, work.now)
    work.tell(
        MessageRetracted(
            group=group,
            id=id,
            by=actor,
            by_author=author == actor,
            reason=text.reason(reason),
            at=work.now,
        )
    )


def remove(work: Work, actor: MemberId, group: GroupId, id: MessageId, reason: str) -> None:
    """Retract an own message, or moderate another."""
    rules.inside(work.conn, actor, group)
    if _standing_message(work, group, id).message.author == actor:
        retract(work, actor, group, id)
    else:
        moderate(work, actor, group, id, reason)


def react(
    work: Work, actor: MemberId, group: GroupId, id: MessageId, emojis: Sequence[str]
) -> None:
    """Have exactly these reactions on a message, in this order, each once."""
    rules.speaking(work.conn, actor, group)
    _standing_message(work, group, id)
    if len(emojis) > MOST_EMOJIS:
        raise LegacyError("not-acceptable", f"At most {MOST_EMOJIS} reactions to a message.")
    wanted = tuple(dict.fromkeys(text.line(one, LONGEST_EMOJI, "A reaction") for one in emojis))
    before = messages.reactions_on(work.conn, group, [id]).get(id, {}).get(actor, ())
    if wanted == before:
        return
    messages.react(work.conn, group, id, actor, wanted)
    work.tell(Reacted(group=group, id=id, by=actor, emojis=wanted, at=work.now))
