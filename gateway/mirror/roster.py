"""Who is in a room, as its master tells a mirror in one go."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree as ET

from gateway.mirror.names import MOST_BYTES, STATE
from gateway.mirror.told import Told, looks_of, role_or_none
from gateway.render.presence import looks
from gateway.render.xml import attribute
from gateway.room.state import Face, Occupant, Room

ROSTER = f"{{{STATE}}}roster"


def rosters(room: Room, *, but: Occupant | None, with_jid: bool) -> list[str]:
    """The occupants as elements that a stanza can hold, usually one; all but the last say that
    there is more. Who is hidden from the others is not on it."""
    parts: list[list[str]] = [[]]
    size = 0
    for person in room.occupants():
        if person is but or room.role(person) not in room.config.shown_roles:
            continue
        item = _item(room.face(person), with_jid)
        size += len(item.encode())
        if size > MOST_BYTES and parts[-1]:
            parts.append([])
            size = len(item.encode())
        parts[-1].append(item)
    more = [' complete="false"'] * (len(parts) - 1) + [""]
    return [
        f'<roster xmlns="{STATE}"{complete}>{"".join(part)}</roster>'
        for complete, part in zip(more, parts, strict=True)
    ]


def _item(face: Face, with_jid: bool) -> str:
    jid = f' jid="{attribute(face.jid.partition("/")[0])}"' if with_jid and face.jid else ""
    shown = looks(face)
    inner = f'<presence xmlns="jabber:client">{shown}</presence>' if shown else ""
    nick = attribute(face.nick)
    return (
        f'<item affiliation="{face.affiliation}" role="{face.role}"{jid} name="{nick}"'
        f' nick="{nick}" occupant-id="{attribute(face.id)}">{inner}</item>'
    )


def complete(roster: ET.Element) -> bool:
    """Whether no other part follows."""
    return roster.get("complete") != "false"


def read_roster(roster: ET.Element) -> Iterator[Told]:
    """The occupants that an element tells of; items without a nickname are left out."""
    for item in roster.iterfind(f"{{{STATE}}}item"):
        nick = item.get("nick") or item.get("name") or ""
        if not nick:
            continue
        presence = item.find("{*}presence")
        yield Told(
            nick=nick,
            affiliation=item.get("affiliation", ""),
            role=role_or_none(item.get("role", "")),
            jid=item.get("jid"),
            occupant_id=item.get("occupant-id", ""),
            looks=looks_of(presence if presence is not None else ET.Element("presence")),
        )
