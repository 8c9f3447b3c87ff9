"""The form that an owner is offered (XEP-0045 §10.2)."""

from __future__ import annotations

from typing import Any

from gateway.group.muc import LegacyMUC
from gateway.muc.config_fields import FIELDS, LOCAL, PREFIX, Field
from gateway.render.xml import attribute, content

FORM_TYPE = "http://jabber.org/protocol/muc#roomconfig"


def shown_fields(muc: LegacyMUC[Any]) -> list[Field]:
    """The fields that the network has, or that are the room's own."""
    settings = muc.SHOWN_FIELDS | muc.CONFIG_FIELDS | LOCAL
    if not muc.HAS_DESCRIPTION:
        settings -= {"description"}
    return [field for field in FIELDS if field.setting in settings]


def settable(muc: LegacyMUC[Any], field: Field) -> bool:
    """Whether the owner can change a field; the others only show how things are."""
    changes = muc.can("on_set_config") or muc.can("on_set_room_config")
    return field.setting in LOCAL or (changes and field.setting in muc.CONFIG_FIELDS)


def config_form(muc: LegacyMUC[Any]) -> str:
    """The form with the present values. What cannot be changed says so."""
    fields = "".join(_field(muc, field) for field in shown_fields(muc))
    return (
        '<x xmlns="jabber:x:data" type="form">'
        f"<title>{content(f'Configuration of {muc.DISCO_NAME}')}</title>"
        f'<field var="FORM_TYPE" type="hidden"><value>{FORM_TYPE}</value></field>'
        f"{fields}{_fixed('persistentroom', 'The room stays when everybody has left')}</x>"
    )


def _field(muc: LegacyMUC[Any], field: Field) -> str:
    value = field.written(getattr(muc.room.config, field.setting))
    fixed = "" if settable(muc, field) else " (fixed)"
    options = list(field.options)
    if options and value not in (option for option, _ in options):
        options.insert(0, (value, value))
    choices = "".join(
        f'<option label="{attribute(label)}"><value>{content(option)}</value></option>'
        for option, label in options
    )
    return (
        f'<field var="{field.var}" type="{field.type}" label="{attribute(field.label + fixed)}">'
        f"<value>{content(value)}</value>{choices}</field>"
    )


def _fixed(name: str, label: str) -> str:
    return (
        f'<field var="{PREFIX}{name}" type="boolean" label="{attribute(label)} (fixed)">'
        "<value>1</value></field>"
    )
