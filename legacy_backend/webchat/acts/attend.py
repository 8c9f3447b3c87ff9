"""Reading, typing, and asking for a voice."""

from __future__ import annotations

from typing import get_args

from legacy_backend.events import ChatStateChanged, ReadUpTo, VoiceRequested
from legacy_backend.terms import GroupId, LegacyError, MemberId, MessageId, Role
from legacy_backend.values import ChatState
from legacy_backend.webchat.acts import rules
from legacy_backend.webchat.store import messages, places
from legacy_backend.webchat.work import Work


def mark_read(work: Work, actor: MemberId, group: GroupId, id: MessageId) -> None:
    """Move the actor's read mark on to a message. It never moves back."""
    _, place = rules.inside(work.conn, actor, group)
    said = messages.find(work.conn, group, id)
    if said is None:
        raise LegacyError("item-not-found", "This message is not there.")
    if said.seq <= place.read_seq:
        return
    places.read_up_to(work.conn, group, actor, said.seq)
    work.tell(ReadUpTo(group=group, id=id, by=actor))


def chat_state(work: Work, actor: MemberId, group: GroupId, state: ChatState) -> None:
    if state not in get_args(ChatState):
        raise LegacyError("not-acceptable", f"One of these: {', '.join(get_args(ChatState))}.")
    rules.speaking(work.conn, actor, group)
    work.tell(ChatStateChanged(group=group, by=actor, state=state))


def request_voice(work: Work, actor: MemberId, group: GroupId) -> None:
    """Ask the moderators for a voice.

    Raises LegacyError: "not-allowed" if the actor has one.
    """
    row, place = rules.inside(work.conn, actor, group)
    if rules.role_of(place, row.config) > Role.VISITOR:
        raise LegacyError("not-allowed", "You have a voice already.")
    work.tell(VoiceRequested(group=group, by=actor))
