"""Those who have asked to be members of a room and got no answer yet (XEP-0045 §9.9)."""

from __future__ import annotations

from gateway.group.live import LiveRoom
from gateway.render.approval import membership_request
from gateway.render.xml import Splice
from gateway.room.nick import carried
from gateway.room.state import Seat
from legacy_backend.terms import Affiliation, MemberId

AT_ONCE = 20
"""The most whom an admin is asked about on coming in."""


def applies(live: LiveRoom, member: MemberId, name: str, address: str) -> None:
    """Note who asks, under a nickname that is theirs alone, and ask the admins who are here."""
    waiting = _waiting(live)
    for nick in [n for n, (asking, _) in waiting.items() if asking == member]:
        del waiting[nick]
    nick = carried(name) or carried(member) or "someone"
    if nick in live.room.nicks or nick in waiting:
        nick = f"{nick} ({carried(member) or len(waiting)})"
    waiting[nick] = [member, address]
    live.keeping.changed()
    for seat in tuple(live.room.seats.values()):
        if seat.occupant.affiliation >= Affiliation.ADMIN:
            _ask(live, seat, nick, address)


def remind(live: LiveRoom, seat: Seat) -> None:
    """Ask an admin who has come in about those who still wait."""
    waiting = _waiting(live)
    if not waiting or seat.occupant.affiliation < Affiliation.ADMIN:
        return
    for nick, (member, _) in list(waiting.items()):
        known = live.room.people.get(MemberId(member))
        if known is not None and known.affiliation is not Affiliation.NONE:
            del waiting[nick]  # decided elsewhere
    for nick, (_, address) in list(waiting.items())[-AT_ONCE:]:
        _ask(live, seat, nick, address)


def applicant(live: LiveRoom, nick: str) -> MemberId | None:
    """Who asks under that nickname."""
    found = _waiting(live).get(nick)
    return MemberId(found[0]) if found is not None else None


def decided(live: LiveRoom, nick: str) -> None:
    """They have their answer."""
    _waiting(live).pop(nick, None)
    live.keeping.changed()


def _waiting(live: LiveRoom) -> dict[str, list[str]]:
    """Nickname → member id and address: plain values, since they are kept."""
    found: dict[str, list[str]] = live.keeping.extra.setdefault("applicants", {})
    return found


def _ask(live: LiveRoom, seat: Seat, nick: str, address: str) -> None:
    form = Splice.of(membership_request(live.room.jid, nick, address))
    live.send(seat.jid, form.to(seat.jid))
