"""Errors, read."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from gateway.mirror.names import UNREACHABLE


def conditions(stanza: ET.Element) -> set[str]:
    """The conditions of an error stanza; none of any other."""
    error = _error(stanza)
    return {child.tag.partition("}")[2] for child in error} if error is not None else set()


def unreachable(stanza: ET.Element) -> bool:
    """Whether it is an error by which a server says that the link to another one is down. A room
    that says so itself is there, and means its network."""
    return bool(conditions(stanza) & UNREACHABLE) and not _of_the_room(stanza)


def _of_the_room(stanza: ET.Element) -> bool:
    error = _error(stanza)
    by = error.get("by", "") if error is not None else ""
    return "@" in by and by == stanza.get("from", "").partition("/")[0]


def _error(stanza: ET.Element) -> ET.Element | None:
    return stanza.find("{*}error") if stanza.get("type") == "error" else None
