"""Changing roles: kicks, voices, moderators (XEP-0045 §8.2–§8.5, §9.6–§9.8)."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from gateway.errors import Refused
from gateway.muc.call import Answer, Call
from gateway.muc.items import reason_of, role_named
from gateway.muc.kick import kick_out
from gateway.room.kick import kickable
from gateway.room.standing import role_grantable, set_role
from gateway.room.state import Delivery, Occupant
from legacy_backend.terms import Role


async def set_roles(call: Call, items: Sequence[ET.Element]) -> Answer:
    """Change the roles of some nicknames; the network is asked once all are allowed (§8.5)."""
    actor = call.actor()
    changes = [_allowed(call, actor, item) for item in items]
    answer = Answer()
    with call.shown_if_broken_off(answer):
        for target, role, reason in changes:
            if role is Role.NONE:
                before, after = await kick_out(call, actor, target, reason)
                answer.before += before
                answer.after += after
            else:
                answer.after += await _grant(call, actor, target, role, reason)
    return answer


def _allowed(call: Call, actor: Occupant, item: ET.Element) -> tuple[Occupant, Role, str]:
    nick, role = item.get("nick"), role_named(item.get("role", ""))
    if not nick:
        raise Refused("bad-request", "A role is changed by nickname.")
    if role is Role.NONE:
        return kickable(call.room, actor, nick), role, reason_of(item)
    return role_grantable(call.room, actor, nick, role), role, reason_of(item)


async def _grant(
    call: Call, actor: Occupant, target: Occupant, role: Role, reason: str
) -> list[Delivery]:
    call.require("on_set_role", "roles")
    call.live.changing.about(target.member)
    await call.muc.handle_of(target).on_set_role(role.word, reason or None)
    return set_role(call.room, target, role, actor=actor.nick, reason=reason)
