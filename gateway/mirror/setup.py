"""How a room is set up, as its master tells its mirrors: the form of XEP-0045 §10.2, filled in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

from gateway.errors import Refused
from gateway.mirror.names import STATE
from gateway.muc.config_fields import FIELDS
from gateway.render.xml import attribute, content
from gateway.room.state import RoomConfig

CONFIG = f"{{{STATE}}}config"
FORM_TYPE = "http://jabber.org/protocol/muc#roomconfig"
UNTOLD = {"password", "forward_mentions"}
"""Settings that only the master has a use for."""


def config(told: RoomConfig) -> str:
    """All settings as an element; a form of type `result`, since nobody is to fill it in."""
    fields = [
        f'<field var="{field.var}" type="{field.type}">'
        + "".join(
            f"<value>{content(v)}</value>" for v in field.written(_value(told, field.setting))
        )
        + "</field>"
        for field in FIELDS
        if field.setting not in UNTOLD
    ]
    return (
        f'<config xmlns="{STATE}"><x xmlns="jabber:x:data" type="result">'
        f'<field var="FORM_TYPE" type="hidden"><value>{attribute(FORM_TYPE)}</value></field>'
        f"{''.join(fields)}</x></config>"
    )


def _value(told: RoomConfig, setting: str) -> Any:
    return getattr(told, setting)


def read_config(element: ET.Element) -> RoomConfig:
    """The settings that such an element tells, those it lacks as they are by default.

    Raises Refused "not-acceptable" for values that no setting has.
    """
    given = {
        field.get("var", ""): [value.text or "" for value in field.iterfind("{*}value")]
        for field in element.iterfind("{jabber:x:data}x/{jabber:x:data}field")
    }
    read = {
        field.setting: field.read(given[field.var])
        for field in FIELDS
        if field.var in given and field.setting not in UNTOLD
    }
    try:
        return replace(RoomConfig(members_only=False), **read)
    except TypeError as error:
        raise Refused("not-acceptable", f"{error}.") from None
