"""Paging through a group's history is exact, whatever the clock says."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from legacy_backend.terms import LegacyError, MessageId, UserId
from legacy_backend.values import Draft, GroupConfig
from legacy_backend.webchat import WebChatAccount, WebChatBackend
from legacy_backend.webchat.acts import accounts, create, reading, talk
from legacy_backend.webchat.database import make_engine
from legacy_backend.webchat.schema import metadata
from legacy_backend.webchat.settings import Settings
from legacy_backend.webchat.times import now
from legacy_backend.webchat.work import Work
from tests.webchat.conftest import Clock


async def test_pages_are_exact_under_equal_times(romeo: WebChatAccount) -> None:
    group = (await romeo.create_group("g", GroupConfig())).id
    for number in range(10):
        await romeo.send(group, Draft(body=str(number)))
    said = list(await romeo.history(group))
    assert len({one.at for one in said}) == 1
    assert [one.body for one in said] == list("0123456789")

    def spoken(page: object) -> str:
        assert isinstance(page, list)
        return "".join(one.body for one in page)

    third, eighth = (said[2].id, said[2].at), (said[7].id, said[7].at)
    assert spoken(await romeo.history(group, limit=3)) == "789"
    assert spoken(await romeo.history(group, after=third, limit=3)) == "345"
    assert spoken(await romeo.history(group, before=eighth, limit=3)) == "456"
    assert spoken(await romeo.history(group, after=third, before=eighth, limit=3)) == "345"
    assert spoken(await romeo.history(group, after=third, before=eighth)) == "3456"
    assert spoken(await romeo.history(group, after=(said[9].id, said[9].at))) == ""
    assert spoken(await romeo.history(group, limit=0)) == ""
    await romeo.retract(group, said[2].id)
    await romeo.edit(group, said[3].id, Draft(body="x"))
    assert spoken(await romeo.history(group, after=third, limit=2)) == "x4"
    assert spoken(await romeo.history(group, before=eighth, limit=6)) == "01x456"


async def test_an_unknown_id_pages_by_its_time(romeo: WebChatAccount, clock: Clock) -> None:
    group = (await romeo.create_group("g", GroupConfig())).id
    for number in range(4):
        await romeo.send(group, Draft(body=str(number)))
        clock.time += timedelta(seconds=1)
    since = (MessageId("from a former life"), clock.time - timedelta(seconds=3))
    assert [one.body for one in await romeo.history(group, after=since)] == ["2", "3"]


async def test_history_is_for_those_inside(chat: WebChatBackend, romeo: WebChatAccount) -> None:
    group = (await romeo.create_group("g", GroupConfig())).id
    tybalt = await chat.login(UserId("tybalt@example.org"), {})
    with pytest.raises(LegacyError, match="forbidden"):
        await tybalt.history(group)


@settings(deadline=None, max_examples=50)
@given(
    total=st.integers(0, 12),
    gone=st.sets(st.integers(0, 11)),
    after=st.integers(0, 11) | st.none(),
    before=st.integers(0, 11) | st.none(),
    limit=st.integers(0, 14),
)
def test_history_is_a_slice_of_what_was_said(
    total: int, gone: set[int], after: int | None, before: int | None, limit: int
) -> None:
    engine = make_engine("sqlite://")
    metadata.create_all(engine)
    with engine.begin() as conn:
        work = Work(conn, now(), Settings.of({}), lambda _: False)
        me = accounts.come_as_guest(work, "ada").id
        group = create.create(work, me, "g", GroupConfig()).id
        said = [talk.post(work, me, group, Draft(body=str(n))) for n in range(total)]
        for number in gone:
            if number < total:
                talk.retract(work, me, group, said[number].id)
        left = after if after is not None and after < total else None
        right = before if before is not None and before < total else None
        found = reading.history(
            conn,
            me,
            group,
            None if left is None else (said[left].id, said[left].at),
            None if right is None else (said[right].id, said[right].at),
            limit,
        )
        within = [
            n
            for n in range(total)
            if n not in gone and (left is None or n > left) and (right is None or n < right)
        ]
        wanted = within[:limit] if left is not None else within[len(within) - limit :]
        if left is None and limit > len(within):
            wanted = within
        assert [one.message.body for one in found] == [str(n) for n in wanted]
    engine.dispose()
