"""Forms that somebody has filled in (XEP-0004 §3)."""

from __future__ import annotations

from xml.etree import ElementTree as ET

DATA = "{jabber:x:data}"
FORM = f"{DATA}x"

Values = dict[str, list[str]]
"""What was filled in, by the names of the fields."""


def form_values(form: ET.Element | None) -> Values:
    """The values of a form; none for None."""
    if form is None:
        return {}
    return {
        field.get("var", ""): [value.text or "" for value in field.iterfind(f"{DATA}value")]
        for field in form.iterfind(f"{DATA}field")
    }


def first(values: Values, name: str) -> str:
    """The first value of a field, "" if it has none."""
    return next(iter(values.get(name, ())), "")


def is_on(values: Values, name: str, *, default: bool = False) -> bool:
    """Whether a switch is on; `default` is for one that is not in the form."""
    return first(values, name) in ("1", "true") if name in values else default
