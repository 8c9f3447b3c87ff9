"""A group may keep what was said before from those who come later."""

from __future__ import annotations

from datetime import timedelta

from legacy_backend.events import MemberChanged, MemberJoined
from legacy_backend.terms import GroupId, Stretch
from legacy_backend.values import Draft, GroupConfig
from legacy_backend.webchat import WebChatAccount
from tests.webchat.conftest import Clock, Comes, Sink


async def sees(account: WebChatAccount, group: GroupId) -> list[str]:
    return [message.body for message in await account.history(group)]


async def stretches(of: WebChatAccount, group: GroupId) -> tuple[Stretch, ...] | None:
    (me,) = [one for one in await of.members(group) if one.id == of.member_id]
    return me.sees


async def says(account: WebChatAccount, group: GroupId, clock: Clock, *words: str) -> None:
    for body in words:
        clock.time += timedelta(seconds=1)
        await account.send(group, Draft(body=body))
    clock.time += timedelta(seconds=1)


async def test_who_comes_later_reads_what_was_said_while_they_were_there(
    romeo: WebChatAccount, juliet: WebChatAccount, clock: Clock
) -> None:
    config = GroupConfig(name="Verona", history_visible=False)
    group = (await romeo.create_group("verona", config)).id
    await says(romeo, group, clock, "One", "Two")
    first = clock.time
    await juliet.join_group(group)
    assert await sees(juliet, group) == []
    await says(romeo, group, clock, "Three")
    left = clock.time
    await juliet.leave_group(group)
    await says(romeo, group, clock, "Four")
    again = clock.time
    await juliet.join_group(group)
    await says(romeo, group, clock, "Five")
    assert await sees(juliet, group) == ["Three", "Five"]
    assert await stretches(juliet, group) == (Stretch(first, left), Stretch(again))
    assert await sees(romeo, group) == ["One", "Two", "Three", "Four", "Five"]


async def test_by_default_everybody_reads_everything(
    romeo: WebChatAccount, juliet: WebChatAccount, clock: Clock
) -> None:
    group = (await romeo.create_group("verona", GroupConfig(name="Verona"))).id
    await says(romeo, group, clock, "One")
    await juliet.join_group(group)
    assert await sees(juliet, group) == ["One"]
    assert await stretches(juliet, group) is None


async def test_users_are_told_when_it_changes(
    romeo: WebChatAccount, juliet: WebChatAccount, clock: Clock, sink: Sink
) -> None:
    group = (await romeo.create_group("verona", GroupConfig(name="Verona"))).id
    await says(romeo, group, clock, "One")
    since = clock.time
    await juliet.join_group(group)
    await sink.hears(MemberJoined, group=group)
    await romeo.set_config(group, GroupConfig(history_visible=False))
    told = await sink.hears(MemberChanged, group=group, count=2)
    assert told.member.id == juliet.member_id
    assert told.member.sees == (Stretch(since),)
    await romeo.set_config(group, GroupConfig(public_log=True))  # then it is no secret
    told = await sink.hears(MemberChanged, group=group, count=4)
    assert told.member.sees is None


async def test_the_page_keeps_to_it(browser: Comes, clock: Clock) -> None:
    ada, bao = await browser("ada"), await browser("bao")
    made = await ada.ask("POST", "/api/groups", name="Tea", history_visible=False)
    url = f"/api/groups/{made['id']}"
    await ada.ask("POST", f"{url}/messages", status=201, body="Before")
    clock.time += timedelta(seconds=1)
    await bao.ask("POST", f"{url}/join")
    assert (await bao.ask("GET", f"{url}/messages"))["messages"] == []
    assert len((await ada.ask("GET", f"{url}/messages"))["messages"]) == 1
