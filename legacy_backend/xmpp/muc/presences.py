"""What a presence from a room changes, and which signals tell of it (XEP-0045 §7, §8, §9)."""

from __future__ import annotations

from collections.abc import Iterator

from slixmpp import Presence

from legacy_backend.xmpp.muc import names
from legacy_backend.xmpp.muc.codes import StatusCode
from legacy_backend.xmpp.muc.occupant import Occupant
from legacy_backend.xmpp.muc.states import LeaveMode, RoomState, leave_mode
from legacy_backend.xmpp.muc.view import Happening, View, happening
from legacy_backend.xmpp.muc.xso import UserExt


def take(view: View, presence: Presence) -> Iterator[Happening]:
    """Bring `view` up to date. Errors are not for here; the room's own presence says nothing.

    To be run to its end: the changes are made on the way, each before it is told.
    """
    kind = presence.xml.get("type")
    nick = presence["from"].resource
    if not nick or kind not in (None, "unavailable"):
        return
    yield from view.end_history()
    ext = UserExt.of(presence) or UserExt()
    # Once we are in, our nickname says who we are. Before, whoever has it need not be us.
    is_self = nick == view.nick if view.active else StatusCode.SELF in ext.status_codes
    known = view.occupants.get(nick)
    if kind is None:
        if is_self and not view.active:
            yield from _enter(view, presence, ext)
        elif known is None:
            yield from _join(view, Occupant.from_presence(presence, ext, is_self))
        else:
            yield from _change(known, presence, ext)
    elif StatusCode.NICKNAME_CHANGE in ext.status_codes and ext.item.nick:
        if known is not None:
            yield from _rename(view, known, ext.item.nick, ext)
    elif is_self:
        # While we join, this can only be about an earlier visit.
        if view.active:
            yield from _exit(view, known, ext)
    elif known is not None:
        yield from _leave(view, known, ext)


def _enter(view: View, presence: Presence, ext: UserExt) -> Iterator[Happening]:
    me = Occupant.from_presence(presence, ext, is_self=True)
    yield from _give_way(view, me.nick)
    view.me, view.nick, view.occupants[me.nick] = me, me.nick, me
    view.state, view.joined, view.active = RoomState.HISTORY, True, True
    yield happening("on_muc_enter", presence, me, muc_status_codes=ext.status_codes)
    yield happening("on_enter")


def _join(view: View, seen: Occupant) -> Iterator[Happening]:
    view.occupants[seen.nick] = seen
    yield happening("on_join", seen)


def _change(known: Occupant, presence: Presence, ext: UserExt) -> Iterator[Happening]:
    seen = Occupant.from_presence(presence, ext, known.is_self)
    looked = known.looks
    stood = known.affiliation, known.role
    known.update(seen)
    why = {
        "actor": ext.item.actor,
        "reason": ext.item.reason,
        "status_codes": ext.status_codes,
    }
    if stood[0] != known.affiliation:
        yield happening("on_muc_affiliation_changed", known, **why)
    if stood[1] != known.role:
        yield happening("on_muc_role_changed", known, **why)
    if looked != known.looks:
        yield happening("on_presence_changed", known, None, presence)


def _rename(view: View, known: Occupant, new: str, ext: UserExt) -> Iterator[Happening]:
    address = names.address(f"{view.jid}/{new}")
    if address is None or address.resource == known.nick:
        return
    if address.resource in view.occupants and not known.is_self:
        # Two places of one person have become one.
        yield from _leave(view, known, ext)
        return
    yield from _give_way(view, address.resource)
    old = known.nick
    del view.occupants[old]
    known.conversation_jid = address
    view.occupants[known.nick] = known
    if known.is_self:
        view.nick = known.nick
    yield happening("on_nick_changed", known, old, known.nick, muc_status_codes=ext.status_codes)


def _give_way(view: View, nick: str) -> Iterator[Happening]:
    """Whoever has a nickname that turns out to be ours is another place of our own."""
    other = view.occupants.pop(nick, None)
    if other is not None:
        yield happening("on_leave", other, **_parting(LeaveMode.NORMAL, UserExt()))


def _leave(view: View, known: Occupant, ext: UserExt) -> Iterator[Happening]:
    del view.occupants[known.nick]
    mode = leave_mode(ext.status_codes)
    yield from _fall(known, mode, ext)
    yield happening("on_leave", known, **_parting(mode, ext))


def _exit(view: View, known: Occupant | None, ext: UserExt) -> Iterator[Happening]:
    """We are out. Our own object stays, so that handlers can look at it."""
    mode = leave_mode(ext.status_codes)
    if known is not None:
        del view.occupants[known.nick]
        yield from _fall(known, mode, ext)
    view.state, view.joined, view.active = RoomState.DISCONNECTED, False, False
    yield happening("on_exit", **_parting(mode, ext), muc_destroy=ext.destroy)


def _fall(known: Occupant, mode: LeaveMode, ext: UserExt) -> Iterator[Happening]:
    """The change of standing that a departure carries: a ban, a kick."""
    why = {
        "actor": ext.item.actor,
        "reason": ext.item.reason,
        "status_codes": ext.status_codes,
    }
    if ext.item.affiliation and known.affiliation != ext.item.affiliation:
        known.affiliation = ext.item.affiliation
        yield happening("on_muc_affiliation_changed", known, **why)
    if mode is LeaveMode.KICKED and known.role != ext.item.role:
        known.role = ext.item.role
        yield happening("on_muc_role_changed", known, **why)


def _parting(mode: LeaveMode, ext: UserExt) -> dict[str, object]:
    reason = ext.item.reason
    return {
        "muc_leave_mode": mode,
        "muc_actor": ext.item.actor,
        "muc_reason": ext.destroy.reason if ext.destroy and not reason else reason,
        "muc_status_codes": ext.status_codes,
    }
