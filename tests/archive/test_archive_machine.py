"""Rooms of a network that is not always heard, whatever is done to their archive and in whatever
order: it answers as a plain list would, on either database, through restarts.

MODEL_EXAMPLES says how many lives of an archive are gone through: `make model`.
"""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from gateway.archive import Archive, Gap, Gaps, Kind, NewEntry, Query, StanzaId
from gateway.archive.gap import Known, State
from gateway.database import Database
from gateway.errors import NotInArchive
from legacy_backend.terms import Stretch
from tests.archive.making import NOON, lid, names, new, sid
from tests.archive.model import Answer, Model, Sight

EXAMPLES = int(os.environ.get("MODEL_EXAMPLES") or 10)
STEPS = 40

T = TypeVar("T")

NUMBERS = itertools.count(1000)
"""Rooms of all examples, which share a database."""

which = st.integers(0, 1)
"""One of two rooms."""
authors = st.sampled_from(["1", "2", "3", "4"])
bodies = st.sampled_from(["", "tea", "green tea", "teatime", "茶の時間"])
sayings = st.lists(st.tuples(authors, bodies), min_size=2, max_size=8)
one_of_them = st.integers(0, 60)
soon = st.sampled_from([True, True, True, False])
"""Whether somebody listens again at once."""
minutes = st.integers(-1, 40)

SIGHTS: dict[str, Sight] = {
    "ada, who sees everything": None,
    "bao, who came late": (Stretch(NOON + timedelta(minutes=6), None),),
    "cyd, who was away": (
        Stretch(None, NOON + timedelta(minutes=4)),
        Stretch(NOON + timedelta(minutes=9), NOON + timedelta(minutes=25)),
    ),
    "dov, who sees nothing": (),
}
users = st.sampled_from(sorted(SIGHTS))


@dataclass
class Side:
    """A group of the network, and what the gateway is to have of it."""

    room: int
    said: list[NewEntry] = field(default_factory=list)
    """Everything that the network has, oldest first."""
    places: dict[str, float] = field(default_factory=dict)
    """Where in it each is, by its id; and between which what it does not keep."""
    kept: Model = field(default_factory=Model)
    own: dict[str, StanzaId] = field(default_factory=dict)
    """What users did through the gateway, which the network has given an id that nobody was told:
    what it is called here."""
    stored: set[str] = field(default_factory=set)
    """What was ever in the archive, by the network's ids."""
    listening: bool = False
    whole: bool = False
    """Whether nobody listens in vain for what is said now: there is no gap without an end."""
    opened: bool = False
    """Whether that one is written down."""
    heard: Known | None = None
    """The first message that was heard since it began."""

    def says(self, entries: Sequence[NewEntry]) -> None:
        for entry in entries:
            self.places[str(entry.legacy_id)] = len(self.said)
            self.said.append(entry)

    def messages(self, *, missed: bool) -> list[NewEntry]:
        """Those that the archive has, or all of them."""
        said = [entry for entry in self.said if entry.kind is Kind.MESSAGE]
        return [entry for entry in said if missed or self.kept.knows(entry)]

    def lie_in(self, gap: Gap) -> list[NewEntry]:
        """What the network said in a gap."""
        after = -1 if gap.after is None else self.places[gap.after[0]]
        before = len(self.said) if gap.before is None else self.places[gap.before[0]]
        return [e for n, e in enumerate(self.said) if after < n < before]


class Rooms(RuleBasedStateMachine):
    def __init__(self, url: str) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.url = url
        self.sides = [Side(next(NUMBERS)), Side(next(NUMBERS))]
        self.clock = itertools.count()
        self.edits = itertools.count()
        self.turns = itertools.count()
        self._open()

    def _open(self) -> None:
        self.db = Database(self.url, durable=False)
        self.run(self.db.open())
        self.archive, self.gaps = Archive(self.db), Gaps(self.db)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def teardown(self) -> None:
        self.run(self.db.close())
        self.runner.close()

    # The network

    @initialize(sayings=sayings)
    def one_room_is_new_and_the_other_has_a_past(self, sayings: Sequence[tuple[str, str]]) -> None:
        self.says(1, sayings)
        for side in self.sides:
            side.listening = True
        self.run(self._fill(self.sides[0], 1, last=True))

    @rule(n=which, sayings=sayings)
    def says(self, n: int, sayings: Sequence[tuple[str, str]]) -> None:
        """Something is said; it is heard if somebody listens."""
        side = self.sides[n]
        news = []
        for author, body in sayings:
            number = next(self.clock)
            news.append(new(number, number / 2, author=author, nick=f"nick {author}", body=body))
        side.says(news)
        if side.listening:
            self.run(self._post(side, news))

    @precondition(lambda self: self._any(_listens))
    @rule(n=which, one=one_of_them)
    def tells_again(self, n: int, one: int) -> None:
        """What was heard is told once more."""
        side = self._one(n, _listens)
        known = side.messages(missed=False)
        if known:
            self.run(self._post(side, [known[one % len(known)]]))

    @precondition(lambda self: not all(map(_listens, self.sides)))
    @rule()
    def is_heard(self) -> None:
        for side in self.sides:
            side.listening = True

    @precondition(lambda self: self._any(_listens))
    @rule(n=which, unheard=sayings, back=soon)
    def is_not_heard(self, n: int, unheard: Sequence[tuple[str, str]], back: bool) -> None:
        side = self._one(n, _listens)
        self.run(self._lose_sight(side))
        self.says(self.sides.index(side), unheard)
        side.listening = back

    @precondition(lambda self: self._any(_listens))
    @rule(
        n=which,
        unheard=sayings,
        heard=st.just([]) | sayings,
        erased=st.booleans(),
        limit=st.integers(1, 12),
    )
    def is_missed_and_read(
        self,
        n: int,
        unheard: Sequence[tuple[str, str]],
        heard: Sequence[tuple[str, str]],
        erased: bool,
        limit: int,
    ) -> None:
        """As several of these in a row; where the gap begins may be `erased` before it is read."""
        side = self._one(n, _listens)
        n = self.sides.index(side)
        self.is_not_heard(n, unheard, True)
        if erased:
            self._erase_end(side)
        self.says(n, heard)
        self.run(self._fill(side, limit, last=True))

    @precondition(lambda self: self._any(_listens))
    @rule(n=which, unheard=sayings, heard=sayings, erased=st.booleans())
    def is_heard_between_restarts(
        self,
        n: int,
        unheard: Sequence[tuple[str, str]],
        heard: Sequence[tuple[str, str]],
        erased: bool,
    ) -> None:
        """Something is in the middle of one gap: what was heard until the process ended again."""
        side = self._one(n, _listens)
        n = self.sides.index(side)
        self.restarts(unheard, True)
        self.says(n, heard)
        self.restarts(unheard, True)
        if erased:
            self._erase_end(side)
        self.run(self._fill(side, len(unheard) * 2 + len(heard), last=True))

    @precondition(lambda self: self._any(_listens))
    @rule(n=which, limit=st.integers(1, 12), last=st.booleans())
    def is_read(self, n: int, limit: int, last: bool) -> None:
        """A page of a gap is read: of the one without an end, or of another."""
        self.run(self._fill(self._one(n, _listens), limit, last))

    @precondition(lambda self: self._any(_went_on))
    @rule(n=which)
    def cannot_be_read(self, n: int) -> None:
        """The network does not give a page; what is said goes on behind the gap."""
        side = self._one(n, _went_on)
        assert side.heard is not None
        self.run(self._put_off(side, side.heard))

    @precondition(lambda self: self._any(_listens))
    @rule(
        n=which,
        one=one_of_them,
        author=st.none() | authors,
        body=bodies,
        by_id=st.booleans(),
        missed=st.booleans(),
    )
    def corrects(
        self, n: int, one: int, author: str | None, body: str, by_id: bool, missed: bool
    ) -> None:
        """Somebody changes their words, or says to change another's; `missed` ones perhaps. What
        has no id bears the time of what it changes."""
        side = self._one(n, _listens)
        there = side.messages(missed=missed)
        if there:
            original = there[one % len(there)]
            author = author or original.author
            name = f"e{next(self.edits)}"
            side.places[lid(name)] = len(side.said) - 0.5
            edit = replace(
                new(name, author=author, body=body),
                at=side.said[-1].at if by_id else original.at,
                kind=Kind.EDIT,
                refers_to=original.legacy_id,
                legacy_id=lid(name) if by_id else None,
                stanza="<message id='?'/>",
                patch=(original.legacy_id, "?", "unknown"),
            )
            self.run(self._append(side, [edit]))

    @precondition(lambda self: self._any(_said_some))
    @rule(n=which, one=one_of_them, author=authors, own=st.booleans(), missed=st.booleans())
    def reacts(self, n: int, one: int, author: str, own: bool, missed: bool) -> None:
        """Somebody reacts to something, which the network keeps, too; with their `own` client of
        the gateway perhaps, which then has to tell."""
        side = self._one(n, _said_some)
        there = side.messages(missed=missed or not side.listening)
        if not there:
            return
        name = f"r{next(self.edits)}"
        reaction = replace(
            new(name, author=author),
            at=side.said[-1].at + timedelta(seconds=0.1),
            kind=Kind.REACTION,
            refers_to=there[one % len(there)].legacy_id,
            stanza=f"<message><reactions><reaction>{name}</reaction></reactions></message>",
        )
        side.says([reaction])
        if side.listening and own:
            mine = replace(reaction, stanza_id=sid(f"{name}-own"), legacy_id=None)
            side.own[lid(name)] = mine.stanza_id
            self.run(self._append(side, [mine]))
            side.stored.add(lid(name))
        elif side.listening:
            self.run(self._append(side, [reaction]))

    @precondition(lambda self: self._any(_has_some))
    @rule(n=which, one=one_of_them)
    def retracts(self, n: int, one: int) -> None:
        side = self._one(n, _has_some)
        chosen = side.kept.entries[one % len(side.kept.entries)]
        if chosen.kind is not Kind.REACTION:  # what is taken back is what was said
            self.run(self._bury(side, chosen))

    # Who runs the gateway

    @rule(unheard=sayings, back=soon)
    def restarts(self, unheard: Sequence[tuple[str, str]], back: bool) -> None:
        self.run(self.db.close())
        self._open()
        for n, side in enumerate(self.sides):
            side.listening = side.whole = side.opened = False
            side.heard = None
            self.says(n, unheard)
            side.listening = back

    @precondition(lambda self: self._any(_has_some))
    @rule(n=which, author=st.none() | authors)
    def erases(self, n: int, author: str | None) -> None:
        """All that somebody said; None is somebody whose words bound a gap."""
        side = self._one(n, _has_some)
        if author is None:
            self._erase_end(side)
        else:
            self._erase(side, author)

    @precondition(lambda self: self._any(_has_some))
    @rule(n=which, one=st.integers(0, 4))
    def expires(self, n: int, one: int) -> None:
        """What was said before one of the first messages."""
        side = self._one(n, _has_some)
        older = side.kept.entries[min(one, len(side.kept.entries) - 1)].at
        assert self.run(self.archive.expire(older, side.room)) == side.kept.expire(older)

    # Those who read

    @rule(
        n=which,
        user=users,
        limit=st.integers(0, 6),
        backwards=st.booleans(),
        author=st.none() | authors,
        words=st.sampled_from(["", "", "tea", '"green tea"', "te*", "茶", "milk"]),
        bounds=st.fixed_dictionaries(
            {}, optional=dict.fromkeys(("after_id", "before_id", "after", "before"), one_of_them)
        ),
        start=st.none() | minutes,
        end=st.none() | minutes,
        wanted=st.just([]) | st.lists(one_of_them, max_size=3),
    )
    def reads(
        self,
        n: int,
        user: str,
        limit: int,
        backwards: bool,
        author: str | None,
        words: str,
        bounds: dict[str, int],
        start: int | None,
        end: int | None,
        wanted: list[int],
    ) -> None:
        side = self.sides[n]
        query = Query(
            within=SIGHTS[user],
            limit=limit,
            backwards=backwards,
            author=author,
            words=words,
            start=None if start is None else NOON + timedelta(minutes=start),
            end=None if end is None else NOON + timedelta(minutes=end),
            ids=tuple(self._id(side, one) for one in wanted),
            count=True,
            **{name: self._id(side, one) for name, one in bounds.items()},
        )
        try:
            expected = side.kept.page(query)
        except NotInArchive:
            with pytest.raises(NotInArchive):
                self.run(self.archive.page(side.room, query))
        else:
            assert Answer.of(self.run(self.archive.page(side.room, query))) == expected

    @rule(n=which, user=users)
    def searches(self, n: int, user: str) -> None:
        side = self.sides[n]
        for words in ("tea", '"green tea"', "te*", "茶", "milk"):
            query = Query(within=SIGHTS[user], words=words, limit=200, count=True)
            found = self.run(self.archive.page(side.room, query))
            assert Answer.of(found) == side.kept.page(query)

    @rule(n=which, user=users, limit=st.integers(0, 6), since=st.none() | minutes)
    def joins(self, n: int, user: str, limit: int, since: int | None) -> None:
        side, within = self.sides[n], SIGHTS[user]
        after = None if since is None else NOON + timedelta(minutes=since)
        found = self.run(self.archive.history(side.room, limit=limit, since=after, within=within))
        assert names(found) == side.kept.history(limit, after, within)

    @rule(n=which, one=one_of_them)
    def looks_up(self, n: int, one: int) -> None:
        side = self.sides[n]
        id = self._id(side, one)
        found = self.run(self.archive.find(side.room, stanza_id=id))
        kept = [entry for entry in side.kept.entries if entry.stanza_id == id]
        assert [e.stanza for e in (found,) if e] == [entry.stanza for entry in kept]
        if kept and kept[0].legacy_id:
            same = self.run(self.archive.find(side.room, legacy_id=kept[0].legacy_id))
            assert same == found

    # What is always so

    @invariant()
    def everything_is_as_it_was_kept(self) -> None:
        """Of one room after each step: what is wrong stays wrong."""
        for side in [self.sides[next(self.turns) % 2]]:
            there = self.run(self._everything(side))
            kept = [(e.stanza_id, e.stanza, e.at, e.author) for e in side.kept.entries]
            assert [(e.stanza_id, e.stanza, e.at, e.author) for e in there] == kept
            assert self.run(self.archive.count(side.room)) == len(kept)
            edges = self.run(self.archive.edges(side.room))
            assert [e.stanza_id for e in edges or ()] == ([kept[0][0], kept[-1][0]] if kept else [])
            at = side.kept.entries[next(self.turns) % len(kept)].at if kept else NOON
            for asked in ({"words": "te*"}, {"words": "green"}, {"start": at}, {"end": at}):
                query = Query(limit=200, count=True, **asked)
                found = self.run(self.archive.page(side.room, query))
                assert Answer.of(found) == side.kept.page(query)
            in_network = {entry.legacy_id for entry in side.said}
            order = [side.places[e.legacy_id] for e in there if e.legacy_id in in_network]
            assert order == sorted(order), "the order is not the network's"
            places = {e.legacy_id: n for n, e in enumerate(side.kept.entries) if e.legacy_id}
            for n, entry in enumerate(side.kept.entries):
                assert places.get(entry.refers_to, -1) < n, f"{entry.stanza_id} is too early"

    @invariant()
    def what_is_missing_is_in_a_gap(self) -> None:
        every = self.run(self.gaps.all())
        for side in self.sides:
            gaps = [it for it in every if it.room == side.room]
            missing = {entry.legacy_id for gap in gaps for entry in side.lie_in(gap)}
            for entry in side.said:
                if entry.legacy_id not in side.stored and (side.opened or side.whole):
                    assert entry.legacy_id in missing, f"{entry.legacy_id} is lost"

    # Whom it may be about

    def _any(self, is_so: Callable[[Side], bool]) -> bool:
        return any(map(is_so, self.sides))

    def _one(self, n: int, is_so: Callable[[Side], bool]) -> Side:
        fit = list(filter(is_so, self.sides))
        return fit[n % len(fit)]

    # How the gateway goes about it

    async def _post(self, side: Side, entries: Sequence[NewEntry]) -> None:
        """As `LiveRoom.post`: what was missed is written down before anything else is archived."""
        news = await self._append(side, entries)
        if news and not side.whole:
            side.heard = side.heard or (news[0].legacy_id, news[0].at)

    async def _append(self, side: Side, entries: Sequence[NewEntry]) -> list[NewEntry]:
        """Archive them; those that were not there."""
        if not side.whole:
            await self._missing(side)
        futures = [self.archive.append(side.room, entry) for entry in entries]
        expected = [side.kept.append(entry) for entry in entries]
        assert [(await future).new for future in futures] == expected
        side.stored.update(entry.legacy_id for entry in entries)
        return [entry for entry, new in zip(entries, expected, strict=True) if new]

    async def _missing(self, side: Side) -> Gap:
        if not side.opened:
            side.opened, side.heard = True, None
        return await self.gaps.open(side.room)

    async def _lose_sight(self, side: Side) -> None:
        side.listening = False
        if not side.whole and side.opened and side.heard is not None:
            await self.gaps.open(side.room, side.heard)
            side.heard = None
        if side.whole:
            side.whole = side.opened = False
        await self._missing(side)

    async def _fill(self, side: Side, limit: int, last: bool) -> None:
        """As a backend's room does it: onwards from the gap's beginning, or else backwards."""
        ended = [g for g in await self.gaps.all() if g.room == side.room and g.before is not None]
        if not side.whole and (last or not ended):
            gap = await self._missing(side)
        elif ended:
            gap = ended[0]
        else:
            return
        page = side.lie_in(gap)
        page = page[:limit] if gap.after is not None else page[max(0, len(page) - limit) :]
        woven = await self.gaps.weave(gap, page, keep_tail=gap.before is None)
        tail = [self.archive.append(side.room, entry) for entry in woven.tail]
        done = [await future for future in tail]
        side.stored.update(entry.legacy_id for entry in page)
        added = await self._take_over(side, page)
        assert added == woven.placed + sum(one.new for one in done)
        left: Gap | None = None
        if len(page) == limit and gap.after is not None:
            left = replace(gap, after=(page[-1].legacy_id, page[-1].at))
        elif len(page) == limit:
            left = replace(gap, before=(page[0].legacy_id, page[0].at))
        if gap.before is None and (left is None or left.before is not None):
            side.whole, side.opened, side.heard = True, False, None
        await (self.gaps.close(gap) if left is None else self.gaps.save(left))

    async def _put_off(self, side: Side, heard: Known) -> None:
        gap = await self._missing(side)
        await self.gaps.save(replace(gap, before=heard, state=State.FURTHER, attempts=1))
        side.whole, side.opened, side.heard = True, False, None

    async def _take_over(self, side: Side, page: Sequence[NewEntry]) -> int:
        """Have the list as the archive is, which has to be what it was and what is new of a page,
        between what was there; where, the order of the network says. How many those were."""
        named = {side.own.get(entry.legacy_id or ""): entry.legacy_id for entry in page}
        side.kept.entries = [
            replace(entry, legacy_id=named[entry.stanza_id]) if entry.stanza_id in named else entry
            for entry in side.kept.entries
        ]
        there = {entry.stanza_id: entry for entry in page} | {
            entry.stanza_id: entry for entry in side.kept.entries
        }
        before = [entry.stanza_id for entry in side.kept.entries]
        found = [entry.stanza_id for entry in await self._everything(side)]
        assert [id for id in found if id in set(before)] == before
        news = {entry.stanza_id for entry in page if not side.kept.knows(entry)}
        assert set(found) == set(before) | news
        side.kept.entries = [there[id] for id in found]
        side.kept.superseded(entry.legacy_id for entry in page if entry.stanza_id in news)
        return len(found) - len(before)

    def _erase_end(self, side: Side) -> None:
        """Erase all that somebody said by whose words a gap is known, the newest one."""
        ends = {end[0] for gap in self._gaps_of(side) for end in (gap.after, gap.before) if end}
        for entry in reversed(side.kept.entries):
            if entry.legacy_id in ends:
                self._erase(side, entry.author)
                return

    def _erase(self, side: Side, author: str) -> None:
        assert self.run(self.archive.erase(side.room, author)) == side.kept.erase(author)

    def _gaps_of(self, side: Side) -> list[Gap]:
        return [gap for gap in self.run(self.gaps.all()) if gap.room == side.room]

    async def _bury(self, side: Side, chosen: NewEntry) -> None:
        gone = f"<message><retracted of='{chosen.stanza_id}'/></message>"
        if chosen.legacy_id is None or chosen.kind is Kind.EDIT:
            ids = [chosen.stanza_id]
        else:
            versions = await self.archive.versions(side.room, chosen.legacy_id)
            ids = [entry.stanza_id for entry in versions]
            assert sorted(ids) == sorted(
                e.stanza_id
                for e in side.kept.entries
                if e.legacy_id == chosen.legacy_id
                or (e.kind is Kind.EDIT and e.refers_to == chosen.legacy_id)
            )
        for id in ids:
            assert await self.archive.tombstone(side.room, id, gone)
            assert side.kept.tombstone(id, gone)

    async def _everything(self, side: Side) -> list[Any]:
        return [entry async for entry in self.archive.export(side.room)]

    def _id(self, side: Side, one: int) -> StanzaId:
        """The id of one of those that are there; now and then of none."""
        entries = side.kept.entries
        return entries[one % len(entries)].stanza_id if entries and one < 58 else sid("none")


def _listens(side: Side) -> bool:
    return side.listening


def _said_some(side: Side) -> bool:
    return bool(side.said)


def _has_some(side: Side) -> bool:
    return bool(side.kept.entries)


def _went_on(side: Side) -> bool:
    """Whether something was heard behind a gap that has no end yet."""
    return side.listening and not side.whole and side.opened and side.heard is not None


@pytest.mark.slow
@pytest.mark.timeout(300 + 6 * EXAMPLES)
@pytest.mark.usefixtures("cramped")
def test_an_archive_is_its_list_through_all_its_life(url: str) -> None:
    run_state_machine_as_test(
        lambda: Rooms(url),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
