"""Who may say something, to all or to one (XEP-0045 §7.4, §7.5)."""

from __future__ import annotations

from gateway.errors import Refused
from gateway.room.state import Occupant, Room
from legacy_backend.terms import Role


def may_speak(room: Room, speaker: Occupant) -> None:
    """Check that somebody has a voice.

    Raises Refused "forbidden" for visitors (§7.4).
    """
    if room.role(speaker) < Role.PARTICIPANT:
        raise Refused("forbidden", "You have no voice in this room; you may request one.")


def may_whisper(room: Room, speaker: Occupant, nick: str) -> Occupant:
    """The occupant called `nick`, if `speaker` may write to them alone.

    Raises Refused: "item-not-found" if nobody here has that nickname (§7.5), "forbidden" if the
    room's setting excludes the speaker (muc#roomconfig_allowpm).
    """
    target = room.occupant(nick)
    if target is None:
        raise Refused("item-not-found", f"Nobody here is called {nick}.")
    allowed = {
        "anyone": Role.VISITOR,
        "participants": Role.PARTICIPANT,
        "moderators": Role.MODERATOR,
    }.get(room.config.private_messages)
    if allowed is None:
        raise Refused("forbidden", "There are no private messages in this room.")
    if room.role(speaker) < allowed:
        raise Refused("forbidden", "You may not write private messages in this room.")
    return target
