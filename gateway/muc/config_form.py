"""The form that an owner is offered (XEP-0045 §10.2)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gateway.group.muc import LegacyMUC
from gateway.muc.config_fields import FIELDS, LOCAL, PREFIX, Field
from gateway.muc.config_people import addresses, offered
from gateway.render.xml import attribute, content

FORM_TYPE = "http://jabber.org/protocol/muc#roomconfig"


def shown_fields(muc: LegacyMUC[Any]) -> list[Field]:
    """The fields that the network has, or that are the room's own."""
    settings = muc.SHOWN_FIELDS | muc.CONFIG_FIELDS | LOCAL
    if not muc.HAS_DESCRIPTION:
        settings -= {"description"}
    return [field for field in FIELDS if field.setting in settings]


def settable(muc: LegacyMUC[Any], setting: str) -> bool:
    """Whether the owner can change a setting; the others only show how things are."""
    changes = muc.can("on_set_config") or muc.can("on_set_room_config")
    return setting in LOCAL or (changes and setting in muc.CONFIG_FIELDS)


def config_form(muc: LegacyMUC[Any]) -> str:
    """The form with the present values. What cannot be changed says so."""
    parts = [
        f"<title>{content(f'Configuration of {muc.DISCO_NAME}')}</title>",
        f'<field var="FORM_TYPE" type="hidden"><value>{FORM_TYPE}</value></field>',
    ]
    for field in shown_fields(muc):
        if field.setting == "password":
            parts.append(_password_switch(muc))
        parts.append(_field(muc, field))
    parts.append(_fixed_flag("persistentroom", "The room stays when everybody has left"))
    if offered(muc):
        for var, label, people in addresses(muc):
            parts.append(_written(var, "jid-multi", label, people))
    return f'<x xmlns="jabber:x:data" type="form">{"".join(parts)}</x>'


def _field(muc: LegacyMUC[Any], field: Field) -> str:
    values = field.written(getattr(muc.room.config, field.setting))
    label = field.label if settable(muc, field.setting) else f"{field.label} (fixed)"
    options = list(field.options)
    known = {option for option, _ in options}
    if options:
        options = [(value, value) for value in values if value not in known] + options
    choices = "".join(
        f'<option label="{attribute(words)}"><value>{content(option)}</value></option>'
        for option, words in options
    )
    return _written(field.var, field.type, label, values, choices)


def _password_switch(muc: LegacyMUC[Any]) -> str:
    label = "Protected by a password"
    if not settable(muc, "password"):
        label += " (fixed)"
    value = "1" if muc.room.config.password else "0"
    return _written(f"{PREFIX}passwordprotectedroom", "boolean", label, [value])


def _fixed_flag(name: str, label: str) -> str:
    return _written(f"{PREFIX}{name}", "boolean", f"{label} (fixed)", ["1"])


def _written(var: str, kind: str, label: str, values: Iterable[str], choices: str = "") -> str:
    inner = "".join(f"<value>{content(value)}</value>" for value in values)
    return f'<field var="{var}" type="{kind}" label="{attribute(label)}">{inner}{choices}</field>'
