"""The owners and admins of a room as fields of its configuration form (XEP-0045 §10.2).

Each field is the full list. Who is taken off it stays a member, and who is on both is an owner.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

from slixmpp import JID

from gateway.errors import Refused
from gateway.group.muc import LegacyMUC
from gateway.muc.call import Call, bare
from gateway.muc.config_fields import PREFIX
from gateway.muc.forms import Values
from gateway.muc.items import ADMIN
from gateway.muc.whom import person_at
from gateway.room.standing import affiliation_grantable
from gateway.room.state import Occupant
from legacy_backend.terms import Affiliation

MOST = 200
"""People in one of the lists, as far as a form may set them."""

VARS = {
    Affiliation.ADMIN: f"{PREFIX}roomadmins",
    Affiliation.OWNER: f"{PREFIX}roomowners",
}
_LABELS = {Affiliation.ADMIN: "Admins of the room", Affiliation.OWNER: "Owners of the room"}


def offered(muc: LegacyMUC[Any]) -> bool:
    """Whether the network has affiliations, so that the lists can be set."""
    return muc.can("on_set_affiliation")


def addresses(muc: LegacyMUC[Any]) -> Iterator[tuple[str, str, list[str]]]:
    """Each list as it is: the name of its field, its label, bare JIDs."""
    for rank, var in VARS.items():
        people = [p for p in muc.room.people.values() if p.affiliation is rank]
        yield var, _LABELS[rank], [_address(muc, person) for person in people]


def _address(muc: LegacyMUC[Any], person: Occupant) -> str:
    return muc.live.host.address_of(person)


async def wanted_ranks(call: Call, values: Values) -> list[ET.Element]:
    """The items of `muc#admin` that make the lists what a filled-in form has them be.

    Promotions come first, so that the room is never without an owner, and whoever asks is the
    last to be demoted. Raises Refused: what `affiliation_grantable` raises; "conflict" if no owner
    would be left (§10.4); "not-acceptable" for somebody who is not there.
    """
    if not offered(call.muc) or not values.keys() & set(VARS.values()):
        return []
    now = _now(call.muc)
    then = _then(now, values)
    if Affiliation.OWNER not in then.values():
        raise Refused("conflict", "A room needs an owner: make somebody else one first.")
    actor = call.actor()
    own = _address(call.muc, actor)
    changed = [(jid, rank) for jid, rank in then.items() if now.get(jid) is not rank]
    changed.sort(key=lambda change: (change[0] == own, -change[1]))
    for jid, rank in changed:
        await _check(call, actor, jid, rank)
    return [ET.Element(f"{ADMIN}item", affiliation=rank.word, jid=jid) for jid, rank in changed]


def _now(muc: LegacyMUC[Any]) -> dict[str, Affiliation]:
    return {
        _address(muc, person): person.affiliation
        for person in muc.room.people.values()
        if person.affiliation >= Affiliation.ADMIN
    }


def _then(now: dict[str, Affiliation], values: Values) -> dict[str, Affiliation]:
    """Everyone who is or will be in one of the lists, and as what."""
    then: dict[str, Affiliation] = {}
    for rank, var in VARS.items():
        if var not in values:
            listed = [jid for jid, had in now.items() if had is rank]
        else:
            listed = [bare(jid) for jid in values[var] if jid.strip()]
        if len(listed) > MOST and var in values:
            raise Refused("not-acceptable", f"{var} takes at most {MOST} people.", "modify")
        then |= dict.fromkeys(listed, rank)
    return dict.fromkeys(now, Affiliation.MEMBER) | then


async def _check(call: Call, actor: Occupant, jid: str, rank: Affiliation) -> None:
    target = person_at(call, jid) or await call.muc.person_for(JID(jid))
    if target is None:
        text = f"{VARS.get(rank, 'The form')} names {jid}, who is not known to this network."
        raise Refused("not-acceptable", text, "modify")
    affiliation_grantable(call.room, actor, target, rank)
