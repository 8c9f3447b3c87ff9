"""What was missed is put where it belongs (MAM-21)."""

from __future__ import annotations

import pytest

from gateway.archive import Archive, Query, StanzaId
from gateway.errors import NotInArchive
from tests.archive.making import everything, fill, lid, names, new, sid


async def put(
    archive: Archive, what: str, after: str | None = None, before: str | None = None
) -> int:
    return await archive.insert(
        1,
        [new(name) for name in what],
        after=None if after is None else sid(after),
        before=None if before is None else sid(before),
    )


async def test_each_place(archive: Archive) -> None:
    await fill(archive, 1, "abcd")
    assert await put(archive, "12") == 2
    assert await everything(archive, 1) == "1 2 a b c d"
    assert await put(archive, "34", after="b") == 2
    assert await everything(archive, 1) == "1 2 a b 3 4 c d"
    assert await put(archive, "56", before="b") == 2
    assert await everything(archive, 1) == "1 2 a 5 6 b 3 4 c d"
    assert await put(archive, "78", after="d") == 2
    assert await put(archive, "9", before="1") == 1
    assert await everything(archive, 1) == "9 1 2 a 5 6 b 3 4 c d 7 8"
    await fill(archive, 1, "e")
    assert await everything(archive, 1) == "9 1 2 a 5 6 b 3 4 c d 7 8 e"
    assert await archive.count(1) == 14


async def test_between_two_directly_after_the_first(archive: Archive) -> None:
    await fill(archive, 1, "abc")
    await put(archive, "1", after="a", before="c")
    assert await everything(archive, 1) == "a 1 b c"


async def test_into_an_empty_room(archive: Archive) -> None:
    assert await put(archive, "ab") == 2
    await fill(archive, 1, "c")
    assert await everything(archive, 1) == "a b c"


async def test_what_is_there_is_skipped(archive: Archive) -> None:
    await fill(archive, 1, "abc")
    assert await put(archive, "1b2c1", after="a") == 2
    assert await everything(archive, 1) == "a 1 2 b c"
    assert await put(archive, "abc") == 0
    by_legacy_id = [new("other", legacy_id=lid("b"))]
    assert await archive.insert(1, by_legacy_id, after=None, before=None) == 0
    assert await archive.count(1) == 5
    stored = await fill(archive, 1, "1")
    assert not stored[0].new


@pytest.mark.parametrize(("after", "before"), [("z", None), (None, "z"), ("a", "z"), ("z", "a")])
async def test_unknown_neighbours(archive: Archive, after: str | None, before: str | None) -> None:
    await fill(archive, 1, "a")
    with pytest.raises(NotInArchive):
        await put(archive, "1", after, before)


async def test_neighbours_in_the_wrong_order(archive: Archive) -> None:
    await fill(archive, 1, "ab")
    with pytest.raises(ValueError, match="does not come before"):
        await put(archive, "1", after="b", before="a")


async def test_patches_see_what_is_put_before_them(archive: Archive) -> None:
    await fill(archive, 1, "a")
    patched = new("2", stanza="@@", patch=(lid("1"), "@@", "none"))
    await archive.insert(1, [new("1"), patched], after=None, before=sid("a"))
    found = await archive.find(1, stanza_id=sid("2"))
    assert found is not None
    assert found.stanza == "m-1"


async def test_one_place_is_filled_again_and_again(archive: Archive) -> None:
    """Each time half of the room is taken, so entries have to be moved every twenty times."""
    await fill(archive, 1, ["first", "last"])
    for i in range(150):
        await archive.insert(1, [new(i)], after=sid("first"), before=None)
    expected = ["first", *map(str, reversed(range(150))), "last"]
    assert await everything(archive, 1) == " ".join(expected)


@pytest.mark.usefixtures("cramped")
async def test_without_room_entries_are_moved(archive: Archive) -> None:
    await fill(archive, 1, range(200))
    expected = list(map(str, range(200)))
    for place in (0, 50, 199, 50, 0):
        many = [f"{place}-{i}-{len(expected)}" for i in range(70)]
        at = expected.index(str(place))
        await archive.insert(1, [new(n) for n in many], after=sid(place), before=None)
        expected[at + 1 : at + 1] = many
        assert await everything(archive, 1) == " ".join(expected)
    await fill(archive, 1, ["end"])
    assert (await everything(archive, 1)).endswith(" end")


@pytest.mark.usefixtures("cramped")
async def test_an_export_is_not_confused_by_moves(archive: Archive) -> None:
    """What is there when an export begins is in it once, whatever is put in between."""
    await fill(archive, 1, range(1200))
    seen = []
    async for entry in archive.export(1):
        seen.append(entry)
        if len(seen) in (100, 700):
            for i in range(30):
                name = f"x{len(seen)}-{i}"
                await archive.insert(1, [new(name)], after=sid(len(seen)), before=None)
    old = [entry for entry in seen if not entry.stanza_id.startswith("s-x")]
    assert names(old) == " ".join(map(str, range(1200)))
    assert len({entry.stanza_id for entry in seen}) == len(seen)


async def test_pages_run_through_a_filled_gap(archive: Archive) -> None:
    await fill(archive, 1, "ab")
    await put(archive, "123", after="a", before="b")
    after: StanzaId | None = None
    seen = ""
    while True:
        page = await archive.page(1, Query(limit=1, after=after))
        seen += names(page.entries)
        if page.complete:
            break
        after = page.entries[0].stanza_id
    assert seen == "a123b"
