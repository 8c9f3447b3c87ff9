"""Searching an archive (XEP-0431): what is found, page by page, and what is not any more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.archive import Archive, Kind, Query, gin
from gateway.archive.words import parse
from gateway.errors import Refused
from tests.archive.making import NOON, fill, lid, names, new, sid
from tests.archive.test_archive_model import ROOMS
from tests.archive.test_words import SCRIPTS, holds


async def say(archive: Archive, room: int = 1, **bodies: str) -> None:
    """Append entries with these names and bodies, a minute apart."""
    for minute, (name, body) in enumerate(bodies.items()):
        await archive.append(room, new(name, minute, body=body))


async def found(archive: Archive, words: str, room: int = 1, **query: Any) -> str:
    page = await archive.page(room, Query(words=words, **query))
    return names(page.entries)


async def test_words_in_any_order(archive: Archive) -> None:
    await say(archive, a="The quick fox", b="A fox is quick", c="quickly", d="")
    await say(archive, room=2, z="The quick fox")
    assert await found(archive, "quick FOX") == "a b"
    assert await found(archive, '"quick fox"') == "a"
    assert await found(archive, "quick*") == "a b c"
    assert await found(archive, "wolf") == ""
    assert await found(archive, "fox", room=2) == "z"
    assert await found(archive, "fox", room=3) == ""


@pytest.mark.parametrize("script", SCRIPTS)
async def test_any_script(archive: Archive, script: str) -> None:
    text, words = SCRIPTS[script]
    await say(archive, a="Something else", b=text, c="他の何か")
    for word in words:
        assert await found(archive, word) == "b", word


@pytest.mark.parametrize("words", ["tea", '"green tea"', "te* gr*"])
async def test_pages_go_through_all_stretches(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    """Of which PostgreSQL's index makes many of a long room."""
    monkeypatch.setattr(gin, "PLACES", 16)
    monkeypatch.setattr(gin, "MOST_AT_A_TIME", 3)
    for i in range(90):
        await archive.append(1, new(i, i, body="" if i % 7 else f"green tea {i}"))
    all_of_them = [str(i) for i in range(0, 90, 7)]
    assert (await found(archive, words)).split() == all_of_them
    assert (await found(archive, words, limit=5, backwards=True)).split() == all_of_them[-5:]
    assert (await found(archive, words, limit=5, after=sid(14))).split() == all_of_them[3:8]
    before = await found(archive, words, limit=4, before=sid(63), backwards=True)
    assert before.split() == all_of_them[5:9]


async def test_more_words_than_anybody_says(archive: Archive) -> None:
    await say(archive, a="tea")
    assert await found(archive, "tea " + " ".join(f"word{i}" for i in range(2000))) == ""


@pytest.mark.requirement("FTS-02")
async def test_pages_are_of_what_is_found(archive: Archive) -> None:
    for i in range(40):
        body = "tea" if i % 2 else "coffee"
        await archive.append(1, new(i, i, body=f"{body} number {i}", author=str(i % 3)))
    first = await archive.page(1, Query(words="tea", limit=3, count=True))
    assert (names(first.entries), first.complete, first.count) == ("1 3 5", False, 20)
    after = await archive.page(1, Query(words="tea", limit=3, after=sid(5), count=True))
    assert (names(after.entries), after.complete, after.count) == ("7 9 11", False, 20)
    last = await archive.page(1, Query(words="tea", limit=3, backwards=True))
    assert (names(last.entries), last.complete) == ("35 37 39", False)
    assert await found(archive, "tea", limit=3, backwards=True, before=sid(3)) == "1"
    assert await found(archive, "tea", limit=3, after=sid(36)) == "37 39"


async def test_with_all_other_filters(archive: Archive) -> None:
    for i in range(40):
        body = "tea" if i % 2 else "coffee"
        entry = new(i, i, body=body, author=str(i % 3), nick="ada" if i < 20 else "bao")
        await archive.append(1, entry)
    assert await found(archive, "tea", author="0", limit=4) == "3 9 15 21"
    counted = await archive.page(1, Query(words="tea", author="0", limit=1, count=True))
    assert counted.count == len([i for i in range(40) if i % 2 and i % 3 == 0])
    assert await found(archive, "tea", nick="bao", limit=3) == "21 23 25"
    times: dict[str, Any] = {
        "start": NOON + timedelta(minutes=4),
        "end": NOON + timedelta(minutes=8),
    }
    assert await found(archive, "tea", **times) == "5 7"
    assert await found(archive, "tea", ids=(sid(1), sid(2), sid(7))) == "1 7"
    assert await found(archive, "tea", after_id=sid(3), before_id=sid(9)) == "5 7"


async def test_what_holds_no_letter_finds_nothing(archive: Archive) -> None:
    await say(archive, a="?!", b="words")
    page = await archive.page(1, Query(words="?!", count=True))
    assert (names(page.entries), page.complete, page.count) == ("", True, 0)


@pytest.mark.parametrize(
    "words",
    [
        '"', '""', "'", "*", "a*b", "NEAR(a b)", "a AND", "NOT", "OR OR", "words:a", "^a",
        "{a b}:c", "a & b | !c", "a <-> b", "'; DROP TABLE sluice_archive; --", "\\", "%_", "(((((",
        "a:*", "a " * 250, '"a ' * 160, "学" * 500, "\ue000", "a\u0300" * 100, "1/a",
    ],
)  # fmt: skip
async def test_no_search_is_an_error(archive: Archive, words: str) -> None:
    await say(archive, b="words")
    assert await found(archive, words) == ""


async def test_an_author_is_not_found_as_a_word(archive: Archive) -> None:
    await archive.append(1, new("a", author="cyd", body="words"))
    assert await found(archive, "cyd") == ""
    assert await found(archive, "words", author="cyd") == "a"
    assert await found(archive, "words", author="ada") == ""


async def test_many_are_not_counted_beside_a_page(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.archive.count.SOON", 5)
    monkeypatch.setattr("gateway.archive.count.SOON_WITH_WORDS", 5)
    for i in range(10):
        await archive.append(1, new(i, i, body="tea", author=str(i % 2)))

    async def count(**query: Any) -> int | None:
        return (await archive.page(1, Query(limit=2, **query))).count

    assert await count(words="tea", count=True) is None
    assert await count(words="tea", author="1", count=True) == 5
    assert await count(words="tea", count_all=True) == 10
    assert await count(after_id=sid(0), count=True) is None
    assert await count(after_id=sid(0), count_all=True) == 9
    assert await count(start=NOON + timedelta(minutes=5), count=True) == 5
    assert await count(count=True) == 10


async def test_a_search_that_takes_too_long_is_ended(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.archive.archive.LABOUR_SECONDS", 0.05)
    monkeypatch.setattr("gateway.archive.page.choose", endless)
    with pytest.raises(Refused) as caught:
        await found(archive, "tea")
    assert caught.value.condition == "resource-constraint"
    monkeypatch.undo()
    await say(archive, a="tea")
    assert await found(archive, "tea") == "a"


def endless(conn: sa.Connection, *_: object) -> None:
    conn.exec_driver_sql(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    )


# What is not there any more


async def test_only_the_last_version_is_found(archive: Archive) -> None:
    await say(archive, a="Tee at five")
    correct: dict[str, Any] = {"kind": Kind.EDIT, "refers_to": lid("a")}
    await archive.append(1, new("b", 1, body="Tea at five", **correct))
    assert await found(archive, "five") == "b"
    assert await found(archive, "tee") == ""
    await archive.append(1, new("c", 2, body="Tea at six", **correct))
    assert await found(archive, "tea") == "c"
    assert await found(archive, "five") == ""
    await archive.append(1, new("d", 3, body="Gin", **correct, author="another"))
    assert await found(archive, "tea") == "c"


async def test_a_correction_in_the_batch_of_the_original(archive: Archive) -> None:
    one = archive.append(1, new("a", 1, body="Tee"))
    two = archive.append(1, new("b", 1, body="Tea", kind=Kind.EDIT, refers_to=lid("a")))
    await one
    await two
    assert await found(archive, "t*") == "b"


async def test_an_original_that_comes_after_its_correction(archive: Archive) -> None:
    await archive.append(1, new("b", 1, body="Tea", kind=Kind.EDIT, refers_to=lid("a")))
    await archive.insert(1, [new("a", body="Tee")], after=None, before=None)
    assert await found(archive, "t*") == "b"


async def test_what_was_taken_back_is_not_found(archive: Archive) -> None:
    await say(archive, a="secret tea", b="tea")
    assert await archive.tombstone(1, sid("a"), "<message/>")
    assert await found(archive, "tea") == "b"
    assert await archive.tombstone(1, sid("a"), "<message/>")
    assert await found(archive, "secret") == ""


async def test_what_expires_or_is_forgotten_is_not_found(archive: Archive) -> None:
    await say(archive, a="tea", b="tea", c="tea")
    await say(archive, room=2, z="tea")
    await archive.expire(NOON + timedelta(minutes=1), 1)
    assert await found(archive, "tea") == "b c"
    await archive.forget(1)
    assert await found(archive, "tea") == ""
    await say(archive, d="tea")
    assert await found(archive, "tea") == "d"
    assert await found(archive, "tea", room=2) == "z"


@pytest.mark.usefixtures("cramped")
async def test_entries_that_move_are_found_where_they_are(archive: Archive) -> None:
    await fill(archive, 1, "ab")
    between = [new(i, body=f"tea number{i}") for i in range(30)]
    for entry in between:
        await archive.insert(1, [entry], after=sid("a"), before=None)
    assert await found(archive, "tea") == " ".join(str(i) for i in reversed(range(30)))
    assert await found(archive, "tea", after=sid(3)) == "2 1 0"
    for i in range(30):
        assert await found(archive, f"number{i}") == str(i)


async def test_what_is_known_already_is_not_indexed_again(archive: Archive) -> None:
    await say(archive, a="tea")
    await say(archive, a="coffee", b="tea")
    assert await found(archive, "tea") == "a b"
    assert await found(archive, "coffee") == ""


# Whatever is said and whatever is looked for

said = st.text(alphabet="ab cé学校ー한국ที*\"'", max_size=12)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(bodies=st.lists(said, max_size=8), looked_for=st.lists(said, max_size=6))
async def test_either_database_finds_what_the_tokens_say(
    archive: Archive, bodies: list[str], looked_for: list[str]
) -> None:
    room = next(ROOMS)
    for i, body in enumerate(bodies):
        await archive.append(room, new(i, i, body=body))
    for words in filter(None, looked_for):
        wanted = [str(i) for i, body in enumerate(bodies) if holds(body, parse(words))]
        assert await found(archive, words, room) == " ".join(wanted)
