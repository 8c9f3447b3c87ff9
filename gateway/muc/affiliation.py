"""Changing who belongs to the room, and as what (XEP-0045 §9.1–§9.5, §10.3–§10.8)."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from slixmpp import JID

from gateway.errors import Refused
from gateway.muc.call import Answer, Call, bare
from gateway.muc.items import affiliation_named, reason_of
from gateway.room.standing import affiliation_grantable, set_affiliation
from gateway.room.state import Occupant
from legacy_backend.terms import Affiliation


async def set_affiliations(call: Call, items: Sequence[ET.Element]) -> Answer:
    """Change some affiliations. Nothing is asked of the network before all are allowed (§9.2)."""
    actor = call.actor()
    call.require("on_set_affiliation", "affiliations")
    changes = []
    for item in items:
        wanted = affiliation_named(item.get("affiliation", ""))
        jid, target = _whom(call, item)
        affiliation_grantable(call.room, actor, target, wanted)
        changes.append((jid, target, wanted, reason_of(item), item.get("nick")))
    answer = Answer()
    with call.shown_if_broken_off(answer):
        for jid, target, wanted, reason, nick in changes:
            if target is actor and wanted is Affiliation.NONE:
                await call.muc.on_leave()
            else:
                target = await _ask(call, jid, target, wanted, reason, nick)
            if target is not None:
                answer.after += set_affiliation(
                    call.room, target, wanted, actor=actor.nick, reason=reason
                )
    return answer


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
    return target.user or (bare(target.jid) if target.jid else ""), target


def person_at(call: Call, address: str) -> Occupant | None:
    """Whom the room knows by a bare JID: a user of the gateway, or a contact.

    Raises Refused "conflict" if those are several, whose ids on the network XMPP cannot tell apart.
    """
    found = [
        person
        for person in call.room.people.values()
        if person.user == address or (person.jid and person.jid.partition("/")[0] == address)
    ]
    if len(found) > 1:
        raise Refused("conflict", f"Several people share {address}: name them by nickname.")
    return found[0] if found else None


async def _ask(
    call: Call,
    jid: str,
    target: Occupant | None,
    wanted: Affiliation,
    reason: str,
    nick: str | None,
) -> Occupant | None:
    """Have the network do it; return the occupant, if the room knows them."""
    if target is None:
        target = await call.muc.person_for(JID(jid))
    if target is None:
        raise Refused("item-not-found", f"{jid} is not known to this network.")
    handle = call.muc.handle_of(target)
    await handle.on_set_affiliation(wanted.word, reason or None, nick)
    return call.room.people.get(target.member)
