"""What a master tells of an occupant, read from its presence."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import cast
from xml.etree import ElementTree as ET

from slixmpp.plugins.xep_0082 import parse as parse_time

from gateway.mirror.names import OWN
from gateway.room.state import Destroyed, Hat, Show
from legacy_backend.terms import Affiliation, Role, Stretch

USER = "{http://jabber.org/protocol/muc#user}"
MOST_CHARS = 1000
"""Of a status; the rest is cut off."""


@dataclass(frozen=True, slots=True)
class Looks:
    """How somebody looks."""

    show: Show = ""
    status: str = ""
    idle_since: datetime | None = None
    hats: tuple[Hat, ...] = ()
    photo: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """One occupant. `jid` is None if it was not told; `codes` are without 110."""

    nick: str
    affiliation: str = ""
    role: Role | None = None
    jid: str | None = None
    occupant_id: str = ""
    looks: Looks = field(default_factory=Looks)
    available: bool = True
    codes: tuple[int, ...] = ()
    actor: str = ""
    reason: str = ""
    new_nick: str = ""
    destroyed: Destroyed | None = None
    sees: tuple[Stretch, ...] | None = None
    """What of the past somebody may read who comes in; None if that is not told."""

    @property
    def rank(self) -> Affiliation:
        """The affiliation; none for a word that is none."""
        name = self.affiliation.upper()
        return Affiliation[name] if name in Affiliation.__members__ else Affiliation.NONE


def read_presence(presence: ET.Element) -> Told | None:
    """What a presence from an occupant's address tells; None if that is nothing of an occupant."""
    x = presence.find(f"{USER}x")
    nick = presence.get("from", "").partition("/")[2]
    if x is None or not nick or presence.get("type", "") not in ("", "unavailable"):
        return None
    item = x.find(f"{USER}item")
    item = item if item is not None else ET.Element("item")
    actor = item.find(f"{USER}actor")
    occupant_id = presence.find("{urn:xmpp:occupant-id:0}occupant-id")
    codes = (status.get("code", "") for status in x.iterfind(f"{USER}status"))
    destroy = x.find(f"{USER}destroy")
    return Told(
        nick=nick,
        affiliation=item.get("affiliation", ""),
        role=role_or_none(item.get("role", "")),
        jid=item.get("jid"),
        occupant_id=occupant_id.get("id", "") if occupant_id is not None else "",
        looks=looks_of(presence),
        available=presence.get("type") is None,
        codes=tuple(int(c) for c in codes if c.isdecimal() and len(c) == 3 and c != "110"),
        actor=actor.get("nick", "") if actor is not None else "",
        reason=item.findtext(f"{USER}reason") or "",
        new_nick=item.get("nick", ""),
        destroyed=_destroyed(destroy) if destroy is not None else None,
        sees=_stretches(presence.find(f"{{{OWN}}}sees")),
    )


def _stretches(sees: ET.Element | None) -> tuple[Stretch, ...] | None:
    if sees is None:
        return None
    return tuple(
        Stretch(time_or_none(one.get("start", "")), time_or_none(one.get("end", "")))
        for one in sees.iterfind(f"{{{OWN}}}stretch")
    )


def _destroyed(destroy: ET.Element) -> Destroyed:
    return Destroyed(destroy.get("jid", ""), destroy.findtext(f"{USER}reason") or "")


def role_or_none(word: str) -> Role | None:
    """The role of a name; None for what is no role."""
    return Role[word.upper()] if word.upper() in Role.__members__ else None


def looks_of(presence: ET.Element) -> Looks:
    """How a presence shows somebody; what cannot be read is taken as not said."""
    show = presence.findtext("{*}show") or ""
    idle = presence.find("{urn:xmpp:idle:1}idle")
    photo = presence.find("{vcard-temp:x:update}x/{vcard-temp:x:update}photo")
    return Looks(
        show=cast(Show, show if show in ("away", "xa", "dnd", "chat") else ""),
        status=(presence.findtext("{*}status") or "")[:MOST_CHARS],
        idle_since=time_or_none(idle.get("since", "")) if idle is not None else None,
        hats=tuple(
            Hat(hat.get("uri", ""), hat.get("title", ""), hat.get("hue", ""))
            for hat in presence.iterfind("{urn:xmpp:hats:0}hats/{urn:xmpp:hats:0}hat")
        ),
        photo=photo.text or "" if photo is not None else None,
    )


def time_or_none(text: str) -> datetime | None:
    """A time as XEP-0082 has it; None for what is none."""
    try:
        when = parse_time(text)
    except (ValueError, TypeError):
        return None
    return when if when.tzinfo is not None else None
