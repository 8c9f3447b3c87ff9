"""What is said in a mirrored room, now and before: archived here, then shown to our users, once."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from copy import deepcopy
from datetime import datetime
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from gateway.archive import Kind, NewEntry
from gateway.group.live import Post
from gateway.mirror import past
from gateway.mirror.bounces import unreachable
from gateway.mirror.copy import Copy, Phase, is_subject, retitled
from gateway.mirror.history import MUC
from gateway.mirror.names import ACCEPTED, STATE
from gateway.mirror.numbers import number_in
from gateway.mirror.past import BODY, SUBJECT, entry_of
from gateway.mirror.rewriting import of_the_stream, other_rooms, readdress
from gateway.mirror.said import Said
from gateway.mirror.told import time_or_none
from gateway.render.xml import attribute, delay, serialised
from legacy_backend.terms import MessageId

if TYPE_CHECKING:
    from gateway.mirror.mirror import Mirror

DELAY = "{urn:xmpp:delay}delay"
STANZA_ID = "{urn:xmpp:sid:0}stanza-id"
SILENT = (Kind.SUBJECT, Kind.MARKER)
"""What is kept of the past and not told again."""

Known = tuple[MessageId, datetime]


class Words:
    """Takes the messages of rooms."""

    def __init__(self, mirror: Mirror) -> None:
        self.mirror = mirror
        self._tasks: set[asyncio.Task[None]] = set()

    def come(self, copy: Copy, stanza: ET.Element) -> None:
        """A message, in its turn: what was said before it comes first."""
        if _is_state(stanza):
            self.retell(copy, stanza)
        elif copy.mending or copy.phase in (Phase.SYNCING, Phase.RETURNING):
            copy.waits(stanza)
        elif copy.phase is Phase.LIVE:
            self._pass_on(copy, stanza)

    def retell(self, copy: Copy, stanza: ET.Element) -> None:
        """The subject as it is, told together with how things stand: shown if it is news."""
        if is_subject(copy, stanza):
            return
        at = self._local(copy, stanza)
        retitled(copy, stanza, at or self.mirror.now())
        if copy.phase is not Phase.SYNCING:
            self._broadcast(copy, stanza, at)

    def _broadcast(self, copy: Copy, stanza: ET.Element, at: datetime | None) -> None:
        tail = delay(copy.room.jid, at) if at is not None else ""
        text = serialised(stanza).removesuffix("</message>")
        copy.live.broadcast(f"{text}{tail}</message>")

    def _pass_on(self, copy: Copy, stanza: ET.Element) -> None:
        """Archive a message and show it to our users, unless they have seen it."""
        key = stanza.get("from", "").partition("/")[2], stanza.get("id", "")
        own_ids = [sid for sid in stanza.iterfind(STANZA_ID) if sid.get("by", "") == copy.master]
        stanza_id = own_ids[0].get("id", "") if own_ids else ""
        said = copy.said.get(key)
        if stanza.find(ACCEPTED) is not None:
            self._accepted(copy, said, own_ids, stanza_id)
            return
        if stanza_id and not copy.notes(stanza_id):
            copy.unsays(key)
            return
        at = self._local(copy, stanza)
        talk = stanza.find(BODY) is not None
        if not talk and stanza.find(SUBJECT) is not None:
            retitled(copy, stanza, at or self.mirror.now())
        if not stanza_id:
            self._broadcast(copy, stanza, at)
            return
        entry = entry_of(stanza, stanza_id, at or self.mirror.now())
        if said is not None and said.shown:
            copy.live.host.archive.append(copy.live.id, entry)
        else:
            tail = delay(copy.room.jid, at) if at is not None else ""
            copy.live.post_now(Post(entry, tail), late=at is not None)
        copy.unsays(key)
        if entry.kind is Kind.RETRACTION:
            self._beside(past.bury(copy.live, stanza))

    def _local(self, copy: Copy, stanza: ET.Element) -> datetime | None:
        """Have a message be one of the room as our users know it; when it was said, if that is not
        now."""
        late = stanza.find(DELAY)
        at = time_or_none(late.get("stamp", "")) if late is not None else None
        if late is not None and at is not None:
            stanza.remove(late)
        stanza.attrib.pop("to", None)
        readdress(stanza, copy.master, copy.room.jid)
        other_rooms(stanza, self.mirror.local)
        return at

    def _accepted(
        self, copy: Copy, said: Said | None, ids: list[ET.Element], stanza_id: str
    ) -> None:
        """The master has a message of ours, which our users have seen: note its ids."""
        known = copy.has_seen(stanza_id)
        if said is not None and (said.shown or known):
            copy.unsays(said.key)
        if known or not stanza_id:
            return
        if said is None or not said.shown:  # what it says has been lost on its way
            copy.torn = True
            self.mirror.returning.mend(copy)
            return
        copy.notes(stanza_id)
        message = said.element()
        for one in ids:
            readdress(one, copy.master, copy.room.jid)
            message.append(one)
        entry = entry_of(message, stanza_id, said.at)
        copy.live.host.archive.append(copy.live.id, entry)

    # What was said before

    async def fill(self, copy: Copy) -> None:
        """Have what a room that is new here needs to know of its past: what was said since ours
        were there last, or the newest of that, which goes into the archive alone."""
        copy.live.missing()
        since: Known | None = None
        answer = await self.ask_what_follows(copy) if copy.last else None
        if answer is None or answer.get("type") == "error" or not _complete(answer):
            most = copy.live.host.limits.history_max
            answer = await self._ask(copy, f'maxstanzas="{most}"')
            since = self._oldest(copy, answer)
        for message in self._told(copy, answer):
            entry = self._entry(copy, message)
            if entry is not None and copy.notes(entry.stanza_id):
                copy.live.host.archive.append(copy.live.id, entry)
        if answer is not None and answer.get("type") != "error":
            self._note_end(copy, answer)
            await past.caught_up(copy.live, since)

    async def catch_up(self, copy: Copy) -> bool:
        """Have what was said since the last message that is here, and show it. False if the master
        does not tell."""
        more = True
        while more:
            since = copy.last
            answer = await self.ask_what_follows(copy)
            if answer is None or unreachable(answer):
                return False
            if answer.get("type") == "error":  # it has forgotten that message
                return await self._begin_anew(copy)
            more = self.recount(copy, answer) and copy.last != since
        await past.caught_up(copy.live, None)
        return True

    async def _begin_anew(self, copy: Copy) -> bool:
        """Have the newest messages; what was said before them is a gap."""
        answer = await self._ask(copy, f'maxstanzas="{copy.live.host.limits.history_max}"')
        if answer is None or answer.get("type") == "error":
            return False
        since = self._oldest(copy, answer)
        self.recount(copy, answer)
        await past.caught_up(copy.live, since)
        return True

    def go_on(self, copy: Copy) -> None:
        """What was said before is here: go on with what came meanwhile."""
        early, copy.early = copy.early, []
        for message in early:
            self._pass_on(copy, message)
        if past.next_gap(copy.live) is not None:
            self._beside(self._fill_gaps(copy))

    def recount(self, copy: Copy, answer: ET.Element) -> bool:
        """Show what an answer tells of the past, as far as it is news; whether there is more."""
        for message in self._told(copy, answer):
            entry = self._entry(copy, message)
            if entry is not None and entry.kind in SILENT:
                if copy.notes(entry.stanza_id):
                    copy.live.host.archive.append(copy.live.id, entry)
            else:
                self._pass_on(copy, message)
        self._note_end(copy, answer)
        return not _complete(answer)

    def _note_end(self, copy: Copy, answer: ET.Element) -> None:
        history = answer.find(f"{{{MUC}}}history")
        if history is None:
            return
        copy.last = history.get("last") or copy.last
        told, heard = number_in(history.get("n")), copy.count.heard
        if told is not None and heard is not None and heard < told:
            copy.count.heard, copy.torn = told, True

    async def _fill_gaps(self, copy: Copy) -> None:
        """Read what was said while nobody of ours was there, page by page."""
        while copy.phase is Phase.LIVE and (gap := past.next_gap(copy.live)) is not None:
            assert gap.after is not None
            await copy.live.host.gaps.idle()
            answer = await self._ask(copy, f'after="{attribute(gap.after[0])}"')
            if answer is None or answer.get("type") == "error":
                return
            told = [self._entry(copy, message) for message in self._told(copy, answer)]
            entries = [entry for entry in told if entry is not None]
            await past.filled(copy.live, gap, entries, complete=_complete(answer))

    def _told(self, copy: Copy, answer: ET.Element | None) -> list[ET.Element]:
        """The messages of the room that an answer has."""
        history = answer.find(f"{{{MUC}}}history") if answer is not None else None
        found = history.findall("{*}message") if history is not None else []
        for message in found:
            of_the_stream(message)
        return [m for m in found if m.get("from", "").partition("/")[0] == copy.master]

    def _oldest(self, copy: Copy, answer: ET.Element | None) -> Known | None:
        """The first message that an answer has."""
        for message in self._told(copy, answer):
            sid = message.find(STANZA_ID)
            late = message.find(DELAY)
            at = time_or_none(late.get("stamp", "")) if late is not None else None
            if sid is not None and at is not None:
                return MessageId(sid.get("id", "")), at
        return None

    def _entry(self, copy: Copy, message: ET.Element) -> NewEntry | None:
        """A message of the past as the archive here has it; it stays as it is."""
        found = deepcopy(message)
        ids = [sid for sid in found.iterfind(STANZA_ID) if sid.get("by", "") == copy.master]
        at = self._local(copy, found)
        return entry_of(found, ids[0].get("id", ""), at or self.mirror.now()) if ids else None

    async def ask_what_follows(self, copy: Copy) -> ET.Element | None:
        """The answer to what was said after the last message that is here; None for no answer."""
        return await self._ask(copy, f'after="{attribute(copy.last)}" n="{copy.count.sent}"')

    async def _ask(self, copy: Copy, limit: str) -> ET.Element | None:
        question = (
            f'<room xmlns="{STATE}" id="{attribute(copy.master)}">'
            f'<history xmlns="{MUC}" {limit}/></room>'
        )
        return await self.mirror.asking.ask_again(
            copy.master, question, self.mirror.terms.answer_seconds
        )

    def _beside(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _is_state(message: ET.Element) -> bool:
    """Whether a message says what the subject is, without being one of those that are archived."""
    titled = message.find(SUBJECT) is not None and message.find(BODY) is None
    return titled and message.find(STANZA_ID) is None


def _complete(answer: ET.Element) -> bool:
    history = answer.find(f"{{{MUC}}}history")
    return history is None or history.get("complete") != "false"
