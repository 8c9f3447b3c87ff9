"""Nicknames: what XMPP can carry, one to each person, and changing them (XEP-0045 §7.6, §17.1)."""

from __future__ import annotations

import itertools
import re
import unicodedata
from dataclasses import replace

from slixmpp import JID, InvalidJID

from gateway.errors import Refused
from gateway.room.spelled import spelled
from gateway.room.state import Appearance, Delivery, Occupant, Room
from legacy_backend.terms import Affiliation

LONGEST = 1023
"""Bytes of UTF-8 in a resourcepart (RFC 7622 §3.4)."""

_PLAIN = re.compile("[!-~]+(?: [!-~]+)*")
"""What every profile leaves as it is: words of ASCII."""


def carried(name: str) -> str:
    """`name` as a resourcepart: normalised, without what XMPP forbids, and with what not every
    server takes written out; "" if nothing is left.

    Two names that differ only in what is normalised away come out the same.
    """
    if len(name) <= LONGEST and _PLAIN.fullmatch(name):
        return name  # most are, and a room may have ten thousand
    text = unicodedata.normalize("NFC", name)
    text = "".join(" " if char.isspace() else char for char in text if _allowed(char))
    text = " ".join(spelled(text).split())
    while len(text.encode()) > LONGEST:
        text = text[:-1]
    if not any(_visible(char) for char in text):
        return ""
    try:
        prepared = str(JID(f"a@b/{text}").resource)
    except InvalidJID:
        prepared = _only_what_passes(text)
    return " ".join(prepared.split())


def _allowed(char: str) -> bool:
    return char.isspace() or unicodedata.category(char) not in ("Cc", "Cs", "Cn", "Co")


def _visible(char: str) -> bool:
    return unicodedata.category(char)[0] not in "ZC"


def _only_what_passes(text: str) -> str:
    """Drop one by one the characters that the resource profile refuses, and then the mix of
    writing directions that it refuses as a whole."""
    passing = " ".join("".join(char for char in text if _passes(char)).split())
    if _passes(passing):
        return str(JID(f"a@b/{passing}").resource)
    plain = "".join(char for char in passing if unicodedata.bidirectional(char) not in ("R", "AL"))
    return str(JID(f"a@b/{plain}").resource) if plain.strip() and _passes(plain) else ""


def _passes(text: str) -> bool:
    try:
        JID(f"a@b/{text}")
    except InvalidJID:
        return False
    return True


def free_nick(room: Room, wish: str, person: Occupant | None, fallback: str) -> str:
    """A nickname near `wish` that nobody but `person` has: "Bao", "Bao (id)", "Bao (id) 2".

    `fallback` names them if nothing of `wish` can be carried, and tells namesakes apart. Asked in
    the same order for the same people it answers the same.
    """
    nick = carried(wish)
    if nick and room.nicks.get(nick) in (None, person):
        return nick
    spare = carried(fallback) or "someone"
    nick = nick or spare
    for number in itertools.count():
        candidate = nick if number == 0 else _told_apart(nick, spare, number)
        holder = room.nicks.get(candidate)
        if holder is None or holder is person:
            return candidate
    raise AssertionError("one of endlessly many names is free")


def _told_apart(nick: str, spare: str, number: int) -> str:
    """`nick` with what tells namesakes apart, the longer parts cut so that it can be carried."""
    count = f" {number}" if number > 1 else ""
    tail = f" ({_cut(spare, LONGEST // 4)}){count}"
    return carried(_cut(nick, LONGEST - len(tail.encode())).strip() + tail) or f"someone{count}"


def _cut(text: str, most: int) -> str:
    """`text`, to so many bytes of UTF-8."""
    return text.encode()[:most].decode(errors="ignore")


def takeable(room: Room, person: Occupant | None, nick: str) -> str:
    """`nick` as the room would carry it, if `person` may be called so.

    Raises Refused: "jid-malformed" if nothing of it can be carried (§17.1), "conflict" if it is
    another's, present or reserved (§7.2.8, §7.6).
    """
    wanted = carried(nick)
    if not wanted:
        raise Refused("jid-malformed", "XMPP cannot carry this nickname.")
    holder = room.nicks.get(wanted)
    if holder is not None and holder is not person:
        raise Refused("conflict", f"{wanted} is somebody else's nickname here.")
    return wanted


def rename(
    room: Room, person: Occupant, nick: str, *, codes: tuple[int, ...] = ()
) -> list[Delivery]:
    """Call `person` otherwise; return the leaving of the old name and the coming of the new.

    Shows nothing if they are called so already, so that it may be asked for twice. `codes` are
    for themselves alone: 210 where it is not the name that they asked for (§7.6).
    """
    if person.nick == nick:
        return []
    was_here = person.here
    old = room.face(person)
    if room.nicks.get(person.nick) is person:
        del room.nicks[person.nick]
    person.nick = nick
    if person.affiliation is not Affiliation.OUTCAST:
        room.nicks[nick] = person
    room.version += 1
    if not was_here:
        return []
    new = Appearance(room.face(person))
    own = tuple(person.seats.values())
    return [
        *room.to_all(Appearance(old, available=False, codes=(303,), new_nick=nick)),
        *([Delivery(own, replace(new, codes=codes))] if own else []),
        *room.to_all(new, but=own),
    ]
