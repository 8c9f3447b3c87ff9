"""Changing how a room is set up (XEP-0045 §10.2)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

from gateway.errors import Refused
from gateway.muc.affiliation import set_affiliations
from gateway.muc.call import Answer, Call
from gateway.muc.config_fields import LOCAL, PREFIX
from gateway.muc.config_form import FORM_TYPE, settable, shown_fields
from gateway.muc.config_people import wanted_ranks
from gateway.muc.forms import Values, first, form_values, is_on
from gateway.room.config import configure as shown_configured


async def configure(call: Call, form: ET.Element) -> Answer:
    """Have the network make the changes that a form asks for.

    Fields that are not in the form stay as they are, and so do those with their present value;
    another value for a fixed one is refused by its name (XEP-0004 §3, FIELD-22). Nothing is asked
    of the network before all of it is allowed. A new room is open from then on (§10.1).
    """
    values = form_values(form)
    form_type = values.pop("FORM_TYPE", [FORM_TYPE])
    if form_type != [FORM_TYPE]:
        raise Refused("bad-request", "This is not the room's configuration form.")
    changes = _changes(call, values)
    ranks = await wanted_ranks(call, values)
    local = {name: changes.pop(name) for name in list(changes) if name in LOCAL}
    if changes:
        await call.muc.on_set_room_config(changes)
    answer = Answer()
    call.room.locked = False
    with call.shown_if_broken_off(answer):
        new = replace(call.room.config, **changes, **local)
        answer.after += shown_configured(call.room, new)
        if ranks:
            answer.after += (await set_affiliations(call, ranks)).after
    return answer


def _changes(call: Call, values: Values) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for field in shown_fields(call.muc):
        if field.var not in values:
            continue
        wanted = field.read(values[field.var])
        if wanted == getattr(call.room.config, field.setting):
            continue
        if not settable(call.muc, field.setting):
            raise Refused("not-acceptable", f"{field.var} cannot be changed here.", "modify")
        changes[field.setting] = wanted
    _password_switch(call, values, changes)
    if first(values, f"{PREFIX}persistentroom") in ("0", "false"):
        raise Refused("not-acceptable", f"{PREFIX}persistentroom cannot be changed.", "modify")
    return changes


def _password_switch(call: Call, values: Values, changes: dict[str, Any]) -> None:
    """The older way to take a password away: a switch beside it (FIELD-15)."""
    switch = f"{PREFIX}passwordprotectedroom"
    if first(values, switch) not in ("0", "1", "true", "false"):
        return
    on = is_on(values, switch)
    password = changes.get("password", call.room.config.password)
    if on and not password:
        raise Refused("not-acceptable", f"{PREFIX}roomsecret may not be empty then.", "modify")
    if not on and password and settable(call.muc, "password"):
        changes["password"] = ""
