"""Asking for a voice, and granting it (XEP-0045 §7.13, §8.6)."""

from __future__ import annotations

from gateway.errors import Refused
from gateway.muc.call import Call
from gateway.muc.forms import Values, first, is_on
from gateway.room.kick import moderates
from gateway.room.standing import role_grantable, set_role
from gateway.room.state import Occupant
from legacy_backend.terms import Role


async def voice(call: Call, values: Values) -> None:
    """Deal with a form about a voice: a visitor's request, or a moderator's answer to one."""
    me = call.seated().occupant
    if "muc#request_allow" in values:
        await _answer(call, me, values)
        return
    if call.room.role(me) >= Role.PARTICIPANT:
        return  # they have what they ask for
    call.require("on_voice_request", "voice requests")
    await call.muc.on_voice_request()


async def _answer(call: Call, me: Occupant, values: Values) -> None:
    if not moderates(call.room, me):
        raise Refused("forbidden", "Only moderators may give somebody a voice.")
    if not is_on(values, "muc#request_allow"):
        return
    nick = first(values, "muc#roomnick")
    target = role_grantable(call.room, me, nick, Role.PARTICIPANT)
    call.require("on_set_role", "roles")
    await call.muc.handle_of(target).on_set_role("participant", None)
    call.live.show(set_role(call.room, target, Role.PARTICIPANT, actor=me.nick))
