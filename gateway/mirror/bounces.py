"""Errors, read."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from gateway.mirror.names import UNREACHABLE


def conditions(stanza: ET.Element) -> set[str]:
    """The conditions of an error stanza; none of any other."""
    error = stanza.find("{*}error") if stanza.get("type") == "error" else None
    return {child.tag.partition("}")[2] for child in error} if error is not None else set()


def unreachable(stanza: ET.Element) -> bool:
    """Whether it is an error by which a server says that the link to another one is down."""
    return bool(conditions(stanza) & UNREACHABLE)
