"""Answers to the forms that those who run a room are sent (XEP-0045 §8.6, §9.9), and the form by
which a visitor asks for a voice (§7.13)."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from gateway.errors import Refused
from gateway.group.applicants import applicant, decided
from gateway.muc.call import Call
from gateway.muc.forms import Values, first, form_values, is_on
from gateway.muc.voice import voice
from gateway.render.approval import REGISTER_FORM, VOICE_FORM
from legacy_backend.terms import Affiliation


async def submitted(call: Call, form: ET.Element) -> None:
    """Deal with a form in a message to the room."""
    values = form_values(form)
    match values.get("FORM_TYPE"):
        case [kind] if kind == VOICE_FORM:
            await voice(call, values)
        case [kind] if kind == REGISTER_FORM:
            await _membership(call, values)
        case _:
            raise Refused("bad-request", "The room knows no such form.")


async def _membership(call: Call, values: Values) -> None:
    """Let somebody in who asked to be a member, or not."""
    if call.seated().occupant.affiliation < Affiliation.ADMIN:
        raise Refused("forbidden", "Only admins may make members.")
    if not first(values, "muc#register_allow"):
        raise Refused("bad-request", "This is not the form that was sent to you.")
    nick = first(values, "muc#register_roomnick")
    member = applicant(call.live, nick)
    if member is None:
        raise Refused("item-not-found", f"Nobody called {nick} waits to be a member.")
    call.require("on_register_answer", "requests to be a member")
    await call.muc.on_register_answer(member, is_on(values, "muc#register_allow"))
    decided(call.live, nick)
