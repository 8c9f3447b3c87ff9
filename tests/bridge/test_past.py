"""A network that keeps changes beside messages, and forgets: what the archive makes of its past."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.archive import Kind, Query
from gateway.archive.gap import State
from gateway.bridge.speech import edit_of
from gateway.group.live import Post
from legacy_backend import GroupId, MemberId, Message, MessageId, Stretch, UserId
from legacy_backend.events import (
    LoginStateChanged,
    MessageEdited,
    MessagePosted,
    MessageRetracted,
    Reacted,
)
from legacy_backend.past import Known, Past, Said
from legacy_backend.values import LoginState
from tests.fake_network import FakeAccount
from tests.stage import Stage

G1 = GroupId("g1")
ADA = UserId("ada@example.org")
CYD, DOV, EVE = MemberId("CYD"), MemberId("DOV"), MemberId("EVE")
DAY = datetime(2026, 1, 1, tzinfo=UTC)


def at(number: int) -> datetime:
    return DAY + timedelta(minutes=number)


def words(number: int, body: str = "", author: MemberId = CYD) -> Message:
    return Message(
        id=MessageId(f"s{number}"),
        author=author,
        author_name=author.lower(),
        at=at(number),
        body=body or f"{number}",
    )


def edit(number: int, of: Message, body: str) -> MessageEdited:
    now = Message(id=of.id, author=of.author, author_name="cyd", at=of.at, body=body)
    return MessageEdited(group=G1, message=now, edit_id=f"s{number}", edited_at=at(number))


def retraction(number: int, of: str, by: MemberId | None, *, by_author: bool) -> MessageRetracted:
    return MessageRetracted(
        group=G1,
        id=MessageId(of),
        by=by,
        by_author=by_author,
        by_name="dov",
        reason="" if by_author else "Spam",
        at=at(number),
        change_id=f"s{number}",
    )


def reaction(number: int, of: str, by: MemberId = DOV) -> Reacted:
    return Reacted(
        group=G1,
        id=MessageId(of),
        by=by,
        by_name="dov",
        emojis=("👋",),
        at=at(number),
        change_id=f"s{number}",
    )


def id_of(said: Said) -> MessageId:
    match said:
        case Message():
            return said.id
        case MessageEdited():
            return MessageId(said.edit_id)
        case _:
            return MessageId(said.change_id)


class Log:
    """All that was ever said and done in a group, in its order; numbered by minutes."""

    def __init__(self, said: Sequence[Said], *, forgotten: int = 0) -> None:
        self.said = list(said)
        self.lost = Stretch(at(0), at(forgotten)) if forgotten else None

    async def history(
        self,
        *,
        after: Known | None = None,
        before: Known | None = None,
        limit: int = 100,
    ) -> Past:
        ids = [id_of(said) for said in self.said]
        start = 0 if after is None or after[0] not in ids else ids.index(after[0]) + 1
        end = ids.index(before[0]) if before is not None and before[0] in ids else len(ids)
        between = range(start, end)
        page = between[:limit] if after is not None else between[-limit:]
        ends = [(ids[place], at(int(ids[place][1:]))) for place in (*page[:1], *page[-1:])]
        lost = self.lost is not None and (after is None or after[0] not in ids)
        return Past(
            said=self.said[page.start : page.stop],
            first=ends[0] if ends else None,
            last=ends[-1] if ends else None,
            complete=len(page) == len(between),
            lost=(self.lost,) if lost and self.lost is not None else (),
        )


@pytest.fixture
def remembers(monkeypatch: pytest.MonkeyPatch, stage: Stage) -> Any:
    """Sets what the network's past is; pages are of three."""
    monkeypatch.setattr(stage.gateway.rooms.host.limits, "backfill_page", 3)

    def install(log: Log) -> None:
        async def history(_: Any, group: GroupId, **how: Any) -> Past:
            return await log.history(**how)

        monkeypatch.setattr(FakeAccount, "history", history)

    return install


async def archived(stage: Stage) -> list[Any]:
    await stage.settled()
    live = stage.gateway.rooms.of("", G1)
    await live.settled()
    return (await live.host.archive.page(live.id, Query(limit=100))).entries


def stanzas(entries: list[Any], kind: Kind) -> list[str]:
    return [entry.stanza for entry in entries if entry.kind is kind]


async def test_changes_are_archived_in_their_places_and_once(stage: Stage, remembers: Any) -> None:
    said = [
        words(1, "Helo"),
        words(2),
        words(3, "Buy", EVE),
        edit(4, words(1), "Hello"),
        reaction(5, "s2"),
        words(6),
        retraction(7, "s2", CYD, by_author=True),
        retraction(8, "s3", DOV, by_author=False),
        words(9),
    ]
    remembers(Log(said))
    stage.group("ada", "CYD")
    ada = stage.person("ada")
    await ada.joins()
    entries = await archived(stage)
    assert [entry.legacy_id for entry in entries] == [id_of(one) for one in said]
    assert [entry.at for entry in entries] == [at(n) for n in range(1, 10)]
    assert [entry.kind.name for entry in entries] == [
        "MESSAGE", "MESSAGE", "MESSAGE", "EDIT", "REACTION",
        "MESSAGE", "RETRACTION", "RETRACTION", "MESSAGE",
    ]  # fmt: skip
    by_id = {entry.legacy_id: entry for entry in entries}
    (correction,) = stanzas(entries, Kind.EDIT)
    assert f'message-correct:0" id="{by_id["s1"].message_id}"' in correction
    assert "<body>Hello</body>" in correction
    (reacted,) = stanzas(entries, Kind.REACTION)
    assert f'id="{by_id["s2"].stanza_id}"' in reacted
    assert by_id["s5"].nick == "dov"
    # What was taken back is gone, in whatever order the pages came.
    for id in ("s2", "s3"):
        assert "<body>" not in by_id[id].stanza
        assert "<retracted " in by_id[id].stanza
    assert "message-moderate:1" in by_id["s8"].stanza
    assert "<reason>Spam</reason>" in by_id["s8"].stanza
    assert by_id["s8"].nick == ""
    assert await stage.gateway.rooms.host.gaps.all() == []


async def test_nobody_takes_back_what_somebody_else_said(stage: Stage, remembers: Any) -> None:
    remembers(Log([words(1), retraction(2, "s1", EVE, by_author=True)]))
    stage.group("ada", "CYD", "EVE")
    ada = stage.person("ada")
    await ada.joins()
    (first, _) = await archived(stage)
    assert "<body>1</body>" in first.stanza
    # Nor does anybody who says so now.
    await ada.has_heard()
    lie = retraction(3, "s1", EVE, by_author=True)
    await stage.network.tells(lie)
    await ada.receives("<message from='{room}/EVE'/>")
    await stage.network.tells(MessagePosted(group=G1, message=words(4)))
    await ada.receives("<message><body>4</body></message>")
    assert "<body>1</body>" in (await archived(stage))[0].stanza
    await stage.network.tells(retraction(5, "s1", CYD, by_author=True))
    await ada.receives("<message from='{room}/CYD'/>")
    assert "<retracted " in (await archived(stage))[0].stanza


async def test_what_was_heard_is_not_read_again(stage: Stage, remembers: Any) -> None:
    said: list[Said] = [words(1), words(2)]
    remembers(Log(said))
    (ada,) = await stage.seated("ada", "CYD", "DOV")
    live: list[Any] = [reaction(3, "s1"), retraction(4, "s2", CYD, by_author=True)]
    for event in live:
        await stage.network.tells(event)
        await ada.receives("<message/>")
    said += [*live, words(5)]
    remembers(Log(said))
    for now in (LoginState.TRANSIENT_DISCONNECT, LoginState.CONNECTED):
        await stage.network.tells(LoginStateChanged(to=ADA, state=now))
    await ada.receives("<message><body>5</body></message>")
    entries = await archived(stage)
    assert [entry.legacy_id for entry in entries] == ["s1", "s2", "s3", "s4", "s5"]
    await ada.hears_nothing()


async def test_what_users_did_through_the_gateway_is_not_read_again(
    stage: Stage, remembers: Any
) -> None:
    """The network has ids for it that it has told to nobody."""
    stage.network.obeys("send", "retract", "react", "edit")
    said: list[Said] = [words(1)]
    remembers(Log(said))
    (ada,) = await stage.seated("ada", "CYD")
    ada.sends("<message to='{room}' type='groupchat' id='m1'><body>Helo</body></message>")
    await ada.receives("<message id='m1'/>")
    one, mine = (await archived(stage))[-2:]
    assert mine.legacy_id is not None
    thumb = "<reaction>👍</reaction>"
    for id, inner in (
        ("m2", f"<reactions xmlns='urn:xmpp:reactions:0' id='{one.stanza_id}'>{thumb}</reactions>"),
        ("m3", "<body>Hello</body><replace xmlns='urn:xmpp:message-correct:0' id='m1'/>"),
        ("m4", f"<retract xmlns='urn:xmpp:message-retract:1' id='{mine.stanza_id}'/>"),
    ):  # fmt: skip
        ada.sends(f"<message to='{{room}}' type='groupchat' id='{id}'>{inner}</message>")
        await ada.receives(f"<message id='{id}'/>")
    there = await archived(stage)
    author = MemberId(mine.author)
    sent = Message(id=mine.legacy_id, author=author, author_name="ada", at=at(2), body="Helo")
    said += [
        sent,
        replace(reaction(3, "s1", author), emojis=("👍",)),
        MessageEdited(group=G1, message=replace(sent, body="Hello"), edit_id="s4", edited_at=at(4)),
        retraction(5, str(sent.id), author, by_author=True),
        words(6),
    ]
    remembers(Log(said))
    for now in (LoginState.TRANSIENT_DISCONNECT, LoginState.CONNECTED):
        await stage.network.tells(LoginStateChanged(to=ADA, state=now))
    await ada.receives("<message><body>6</body></message>")
    entries = await archived(stage)
    assert [entry.stanza_id for entry in entries[:-1]] == [entry.stanza_id for entry in there]
    assert [entry.legacy_id for entry in entries] == ["s1", sent.id, "s3", "s4", "s5", "s6"]


async def test_what_was_missed_is_shown_though_something_was_done_to_it(
    stage: Stage, remembers: Any
) -> None:
    said = [words(1)]
    remembers(Log(said))
    (ada,) = await stage.seated("ada", "CYD", "DOV")
    await stage.network.tells(LoginStateChanged(to=ADA, state=LoginState.TRANSIENT_DISCONNECT))
    await stage.settled()
    remembers(Log([*said, words(2, "Helo"), words(3)]))
    live = stage.gateway.rooms.of("", G1)
    (handle,) = stage.gateway.events.handles(G1)
    live.post(Post(edit_of(handle, words(2, "Hello"), "s4")))  # as from another login
    await ada.receives("<message><body>Hello</body></message>")
    await stage.network.tells(LoginStateChanged(to=ADA, state=LoginState.CONNECTED))
    delayed = "<delay xmlns='urn:xmpp:delay'/>"
    await ada.receives(f"<message><body>Helo</body>{delayed}</message>")
    await ada.receives(f"<message><body>3</body>{delayed}</message>")
    assert [entry.legacy_id for entry in await archived(stage)] == ["s1", "s2", "s3", "s4"]


@pytest.mark.requirement("TRAP-12")
async def test_what_cannot_be_had_any_more_is_written_down_once(
    stage: Stage, remembers: Any
) -> None:
    remembers(Log([words(1)]))
    (ada,) = await stage.seated("ada", "CYD")
    for first in (7, 9):
        remembers(Log([words(first), words(first + 1)], forgotten=first))
        for now in (LoginState.TRANSIENT_DISCONNECT, LoginState.CONNECTED):
            await stage.network.tells(LoginStateChanged(to=ADA, state=now))
        await stage.settled()
    await ada.receives(*(f"<message><body>{n}</body></message>" for n in (7, 8, 9, 10)))
    (gap,) = await stage.gateway.rooms.host.gaps.all()
    assert gap.state is State.LOST
    assert (gap.after[1], gap.before[1]) == (at(0), at(9))  # type: ignore[index]
    live = stage.gateway.rooms.of("", G1)
    assert live.whole

    # It is nothing that a page would wait for.
    ada.sends("<iq type='set' id='q' to='{room}'><query xmlns='urn:xmpp:mam:2'/></iq>")
    answer = (await ada.has_heard())[-1]
    while not answer.tag.endswith("}iq"):
        answer = (await ada.has_heard())[-1]
    assert answer[0].get("stable") is None
    assert answer[0].get("complete") == "true"
    assert await stage.gateway.rooms.host.gaps.all() == [gap]
