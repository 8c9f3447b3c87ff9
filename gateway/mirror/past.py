"""What was said in a mirrored room, as its archive here has it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from xml.etree import ElementTree as ET

from gateway.archive import Gap, Kind, NewEntry, Page, Query, StanzaId
from gateway.archive.gap import State
from gateway.group.live import LiveRoom
from gateway.group.tombstone import tombstone
from gateway.mirror.copy import author
from gateway.render.xml import COMPONENT_NS, attribute, serialised
from gateway.room.state import Occupant
from gateway.room.visible import visible
from legacy_backend.terms import MessageId, Stretch

BODY = f"{{{COMPONENT_NS}}}body"
SUBJECT = f"{{{COMPONENT_NS}}}subject"
OCCUPANT = "{urn:xmpp:occupant-id:0}occupant-id"
REPLACE = "{urn:xmpp:message-correct:0}replace"
RETRACT = "{urn:xmpp:message-retract:1}retract"
DISPLAYED = "{urn:xmpp:chat-markers:0}displayed"
REACTIONS = "{urn:xmpp:reactions:0}reactions"

MOST_CORRECTIONS = 1000
"""Messages of somebody that are looked through for corrections of one that is taken back."""


def entry_of(message: ET.Element, stanza_id: str, at: datetime) -> NewEntry:
    """A message of a room's, which has neither `to` nor a delay any more. By its stanza id it is
    known to the master, too."""
    occupant = message.find(OCCUPANT)
    return NewEntry(
        stanza_id=StanzaId(stanza_id),
        message_id=message.get("id", ""),
        at=at,
        nick=message.get("from", "").partition("/")[2],
        author=author(occupant.get("id", "") if occupant is not None else ""),
        stanza=serialised(message),
        kind=_kind(message),
        legacy_id=MessageId(stanza_id),
        body=message.findtext(BODY) or "",
    )


def _kind(message: ET.Element) -> Kind:
    for name, kind in (
        (DISPLAYED, Kind.MARKER),
        (REPLACE, Kind.EDIT),
        (RETRACT, Kind.RETRACTION),
        (REACTIONS, Kind.REACTION),
        (BODY, Kind.MESSAGE),
        (SUBJECT, Kind.SUBJECT),
    ):
        if message.find(name) is not None:
            return kind
    return Kind.OTHER


async def bury(live: LiveRoom, message: ET.Element) -> None:
    """Have what a message takes back be gone from the archive, with its corrections, if it does
    take something back (XEP-0424)."""
    retract = message.find(RETRACT)
    gone = StanzaId(retract.get("id", "")) if retract is not None else StanzaId("")
    await live.settled()
    found = await live.host.archive.find(live.id, stanza_id=gone) if gone else None
    if found is None:
        return
    query = Query(after=gone, author=found.author, limit=MOST_CORRECTIONS)
    page = await live.host.archive.page(live.id, query)
    corrects = f'<replace xmlns="urn:xmpp:message-correct:0" id="{attribute(found.message_id)}"'
    for entry in (found, *(e for e in page.entries if corrects in e.stanza)):
        tombstone(live, MessageId(entry.stanza_id), "")


async def caught_up(live: LiveRoom, since: tuple[MessageId, datetime] | None) -> None:
    """All that is said from now on comes by itself, and what was said before is here: all of it,
    or what was said `since` a message. Before that is a gap then."""
    if live.history_known:
        return
    gap = await live.missing()
    live.regained_sight()
    if since is None:
        await live.host.gaps.close(gap)
        return
    state = State.WANTED if gap.after is not None else State.FURTHER
    ended = live.gaps[gap.id] = replace(gap, before=since, state=state)
    await live.host.gaps.save(ended)


def next_gap(live: LiveRoom) -> Gap | None:
    """The gap to be filled next, if there is one."""
    wanted = (gap for gap in live.gaps.values() if gap.state is State.WANTED)
    return next((gap for gap in wanted if gap.after is not None), None)


async def filled(live: LiveRoom, gap: Gap, entries: list[NewEntry], *, complete: bool) -> None:
    """Put what follows the beginning of a gap to its place. It is closed when that reaches its
    end."""
    end = gap.before[0] if gap.before is not None else None
    ids = [entry.legacy_id for entry in entries]
    met = complete or end in ids or not entries
    inside = entries[: ids.index(MessageId(end))] if end is not None and end in ids else entries
    if inside:
        await live.host.gaps.weave(gap, inside)
    if met:
        live.gaps.pop(gap.id, None)
        await live.host.gaps.close(gap)
    else:
        known = MessageId(entries[-1].legacy_id or ""), entries[-1].at
        left = live.gaps[gap.id] = replace(gap, after=known)
        await live.host.gaps.save(left)


class Reader:
    """Somebody of ours who reads the archive here, in the place of a network's handle."""

    STABLE_ARCHIVE = True

    def __init__(self, live: LiveRoom, me: Occupant) -> None:
        self.live = live
        self._me = me

    @property
    def room(self) -> object:
        return self.live.room

    def me(self) -> Occupant:
        return self._me

    def visible(self) -> tuple[Stretch, ...] | None:
        """When what they may read was said."""
        return visible(self.live.room, self._me)

    async def ensure_history(self) -> bool:
        return self.live.whole

    async def read(self, query: Query) -> tuple[Page, bool]:
        """A page of what they may see, and whether nothing in it is missing."""
        live = self.live
        await live.settled()
        query = replace(query, within=self.visible())
        page = await live.host.archive.page(live.id, query)
        holes = await live.host.gaps.within(live.id, query, page)
        return replace(page, complete=page.complete and not holes), not holes
