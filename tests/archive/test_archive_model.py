"""Whatever is done to an archive, it answers as a plain list would."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.archive import Archive, Entry, NewEntry, Query
from gateway.archive.whole import whole_of
from gateway.database import Database, micros
from gateway.errors import NotInArchive
from legacy_backend.terms import Stretch
from tests.archive.making import NOON, names, new
from tests.archive.model import Answer, Model, names_of

ROOMS = itertools.count(1)

BOUNDS = ("after_id", "before_id", "after", "before")

some = st.integers(0, 25)
minutes = st.integers(-5, 15)
times = st.none() | minutes.map(lambda m: NOON + timedelta(minutes=m))
bounds = st.none() | st.integers(0, 20)
"""Which entry of those that are there by then; 20 for one that never is."""


@st.composite
def entries(draw: st.DrawFn) -> NewEntry:
    name = draw(some)
    legacy_id = draw(st.none() | some.map(lambda n: f"l-{n}"))
    author = draw(st.sampled_from("12"))
    nick = draw(st.sampled_from(["ada", "bao"]))
    body = draw(st.sampled_from(["", "tea", "green tea", "tea green", "teatime", "茶の時間"]))
    return new(name, draw(minutes), legacy_id=legacy_id, author=author, nick=nick, body=body)


sights = st.none() | st.lists(st.builds(Stretch, times, times), max_size=2).map(tuple)
"""What different users may see."""

queries = st.builds(
    Query,
    within=sights,
    start=times,
    end=times,
    author=st.none() | st.sampled_from("123"),
    nick=st.none() | st.sampled_from(["ada", "bao"]),
    words=st.just("") | st.sampled_from(["tea", '"green tea"', "te*", "茶", "milk"]),
    limit=st.integers(0, 6),
    backwards=st.booleans(),
    count=st.booleans(),
)
steps = st.one_of(
    st.tuples(st.just("append"), st.lists(entries(), min_size=1, max_size=6)),
    st.tuples(st.just("insert"), st.lists(entries(), max_size=5), bounds, bounds),
    st.tuples(st.just("expire"), minutes),
    st.tuples(
        st.just("page"),
        queries,
        st.fixed_dictionaries(dict.fromkeys(BOUNDS, bounds)),
        st.just([]) | st.lists(st.integers(0, 20), max_size=3),
    ),
    st.tuples(st.just("history"), st.integers(0, 5), times, sights),
)


async def take(archive: Archive, room: int, model: Model, step: tuple[Any, ...]) -> None:
    """Do one thing to both, and compare what they say."""
    match step:
        case "append", new_ones:
            futures = [archive.append(room, entry) for entry in new_ones]
            expected = [model.append(entry) for entry in new_ones]
            assert [(await future).new for future in futures] == expected
        case "insert", new_ones, low, high:
            after, before = model.id(low), model.id(high)
            try:
                count = model.insert(new_ones, after, before)
            except (NotInArchive, ValueError) as no:
                with pytest.raises(type(no)):
                    await archive.insert(room, new_ones, after=after, before=before)
            else:
                given = await archive.insert(room, new_ones, after=after, before=before)
                assert given == count
        case "expire", minute:
            older = NOON + timedelta(minutes=minute)
            assert await archive.expire(older, room) == model.expire(older)
        case "history", limit, since, within:
            found: list[Entry] = await archive.history(
                room, limit=limit, since=since, within=within
            )
            assert names(found) == model.history(limit, since, within)
        case "page", query, bounded, wanted:
            ids = tuple(id for id in map(model.id, wanted) if id is not None)
            given_ids = {name: model.id(number) for name, number in bounded.items()}
            query = replace(query, ids=ids, **given_ids)
            try:
                answer = model.page(query)
            except NotInArchive:
                with pytest.raises(NotInArchive):
                    await archive.page(room, query)
            else:
                assert Answer.of(await archive.page(room, query)) == answer


@pytest.mark.usefixtures("cramped")
@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(doings=st.lists(steps, max_size=25))
async def test_the_archive_is_a_list(
    archive: Archive, db: Database, doings: list[tuple[Any, ...]]
) -> None:
    room, model = next(ROOMS), Model()
    for step in doings:
        await take(archive, room, model, step)
    all_of_it = [entry async for entry in archive.export(room)]
    assert names(all_of_it) == names_of(model.entries)
    assert await archive.count(room) == len(model.entries)
    times = [entry.at for entry in all_of_it]
    assert times == [entry.at for entry in model.entries]
    known = await db.read(lambda conn: whole_of(conn, room))
    assert all(micros(at) <= known.latest for at in times)
    late = [earlier - later for earlier, later in itertools.combinations(times, 2)]
    assert all(by <= timedelta(microseconds=known.disorder) for by in late)
