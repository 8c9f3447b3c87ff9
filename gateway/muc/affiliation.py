"""Changing who belongs to the room, and as what (XEP-0045 §9.1–§9.5, §10.3–§10.8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from gateway.errors import Refused
from gateway.muc.call import Answer, Call, bare
from gateway.muc.items import affiliation_named, reason_of
from gateway.muc.quit import quit_group
from gateway.muc.whom import anybody_at, person_at
from gateway.room.nick import free_nick, rename, takeable
from gateway.room.standing import affiliation_grantable, set_affiliation
from gateway.room.state import Delivery, Occupant
from legacy_backend.terms import Affiliation


async def set_affiliations(call: Call, items: Sequence[ET.Element]) -> Answer:
    """Change some affiliations. Nothing is asked of the network before all are allowed (§9.2)."""
    actor = call.actor()
    changes = [_allowed(call, actor, item) for item in items]
    answer = Answer()
    with call.shown_if_broken_off(answer):
        for change in changes:
            if change.target is actor and change.wanted is Affiliation.NONE:
                answer.after += await quit_group(call, actor)
            else:
                answer.after += await _change(call, actor, change)
    return answer


@dataclass(frozen=True, slots=True)
class _Change:
    """What one item asks for. `target` None is somebody whom the room does not know; `nick` is the
    nickname that is to be theirs, "" none of their own, None the one they have (§9.5)."""

    jid: str
    target: Occupant | None
    wanted: Affiliation
    reason: str
    nick: str | None


def _allowed(call: Call, actor: Occupant, item: ET.Element) -> _Change:
    """Read an item, and check that the actor may have that done.

    Raises Refused, besides what `affiliation_grantable` does: "conflict" if the nickname is
    another's, "not-acceptable" if the network lets nobody name others.
    """
    wanted = affiliation_named(item.get("affiliation", ""))
    jid, target = _whom(call, item)
    affiliation_grantable(call.room, actor, target, wanted)
    if target is not actor or wanted is not Affiliation.NONE:
        call.require("on_set_affiliation", "affiliations")
    nick = item.get("nick")
    if target is not None and nick == target.nick:
        nick = None
    if nick:
        nick = takeable(call.room, target, nick)
    if nick is not None and not call.muc.heeds_nicknames:
        raise Refused("not-acceptable", "In this network people name themselves.", "modify")
    return _Change(jid, target, wanted, reason_of(item), nick)


def _whom(call: Call, item: ET.Element) -> tuple[str, Occupant | None]:
    """The person an item is about: by JID, always taken bare (§10.3), or by nickname."""
    jid, nick = item.get("jid"), item.get("nick")
    if jid:
        address = bare(jid)
        return address, person_at(call, address)
    if not nick:
        raise Refused("bad-request", "An affiliation is changed by address.")
    target = call.room.nicks.get(nick)
    if target is None:
        raise Refused("item-not-found", f"Nobody in this room is called {nick}.")
    return target.address, target


async def _change(call: Call, actor: Occupant, change: _Change) -> list[Delivery]:
    """Have the network do it; return what that shows."""
    target = change.target or await anybody_at(call, change.jid)
    call.live.changing.about(target.member)
    handle, renames = call.muc.handle_of(target), call.muc.can("on_rename")
    shown: list[Delivery] = []
    if not (renames and change.nick is not None and target.affiliation is change.wanted):
        await handle.on_set_affiliation(change.wanted.word, change.reason or None, change.nick)
        if call.room.people.get(target.member) is target:
            shown += set_affiliation(
                call.room, target, change.wanted, actor=actor.nick, reason=change.reason
            )
    if renames and change.nick is not None:
        got = await handle.on_rename(change.nick)
        if call.room.people.get(target.member) is target:
            shown += rename(call.room, target, free_nick(call.room, got, target, target.member))
    return shown
