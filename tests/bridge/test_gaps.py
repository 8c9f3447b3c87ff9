"""What is missing is filled: in its order, once, when its turn comes or when somebody looks."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from conformance.client import PATIENCE
from gateway.archive.gap import State
from gateway.group import history
from gateway.group.filler import Budget
from gateway.group.host import Limits
from legacy_backend import GroupId, LegacyError, UserId
from legacy_backend.events import LoginStateChanged, MessagePosted
from legacy_backend.values import LoginState
from tests.fake_network import FakeNetwork
from tests.muc.reading import find
from tests.stage import Person, Stage, on_stage

G1 = GroupId("g1")
ADA = UserId("ada@example.org")


def state(now: LoginState) -> LoginStateChanged:
    return LoginStateChanged(to=ADA, state=now)


async def page(person: Person, rsm: str = "<before/>", form: str = "") -> tuple[list[str], Any]:
    """The words on a page of the archive, and its end."""
    await person.has_heard()
    person.sends(f"""
        <iq type='set' id='q' to='{{room}}'><query xmlns='urn:xmpp:mam:2'>{form}
          <set xmlns='http://jabber.org/protocol/rsm'><max>3</max>{rsm}</set>
        </query></iq>""")
    found: list[str] = []
    while True:
        for stanza in await person.has_heard():
            if stanza.tag.endswith("}iq"):
                assert stanza.get("type") == "result"
                return found, find(stanza, "fin")
            found.append(find(stanza, "body").text or "")
        await asyncio.sleep(0.01)  # the network is asked meanwhile


def first(fin: Any) -> str:
    return find(fin, "first").text or ""


@pytest.fixture
def short(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of three, of which no more than two are read unasked."""
    limits = stage.gateway.rooms.host.limits
    monkeypatch.setattr(limits, "backfill_page", 3)
    monkeypatch.setattr(limits, "backfill_first", 6)


@pytest.mark.usefixtures("short")
async def test_what_is_further_back_is_fetched_for_whoever_looks(
    stage: Stage, network: FakeNetwork
) -> None:
    stage.group("ada", "CYD")
    for number in range(14):
        network.says("g1", "CYD", f"{number}")
    ada = stage.person("ada")
    await ada.joins()
    live = stage.gateway.rooms.of("", G1)
    (gap,) = live.gaps.values()
    assert (gap.state, gap.before[0]) == (State.FURTHER, network.groups[G1].messages[8].id)

    words, fin = await page(ada)
    seen = words
    while fin.get("complete") != "true":
        assert fin.get("stable") is None
        words, fin = await page(ada, f"<before>{first(fin)}</before>")
        seen = words + seen
    assert seen == [str(n) for n in range(14)]
    assert await live.host.gaps.all() == []


@pytest.mark.usefixtures("short")
async def test_what_does_not_come_in_time_leaves_the_page_incomplete(
    stage: Stage, network: FakeNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "PATIENCE_SECONDS", 1)
    stage.group("ada", "CYD")
    for number in range(9):
        network.says("g1", "CYD", f"{number}")
    ada = stage.person("ada")
    await ada.joins()
    network.holds("history")
    words, fin = await page(
        ada,
        form="""<x xmlns='jabber:x:data' type='submit'>
        <field var='end'><value>2026-01-01T12:00:05Z</value></field></x>""",
    )
    assert (words, fin.get("complete"), fin.get("stable")) == (["3", "4"], None, "false")
    (await network.is_asked("history", "g1")).agrees()
    await stage.settled()
    words, fin = await page(ada)
    assert words == ["6", "7", "8"]
    network.obeys("history")
    words, fin = await page(ada, "")
    assert words == ["0", "1", "2"]
    network.was_not_asked()


@pytest.mark.usefixtures("short")
async def test_a_search_takes_what_is_there(stage: Stage, network: FakeNetwork) -> None:
    stage.group("ada", "CYD")
    for number in range(9):
        network.says("g1", "CYD", f"tea {number}")
    ada = stage.person("ada")
    await ada.joins()
    network.holds("history")
    words, fin = await page(
        ada,
        "<before/>",
        """<x xmlns='jabber:x:data' type='submit'>
        <field var='withtext'><value>tea</value></field></x>""",
    )
    assert (words, fin.get("stable")) == (["tea 6", "tea 7", "tea 8"], None)
    network.was_not_asked()


async def test_a_page_that_the_network_cannot_give_is_tried_again_later_and_put_in_its_place(
    stage: Stage, network: FakeNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    await network.tells(MessagePosted(group=G1, message=network.says("g1", "CYD", "Before")))
    await ada.receives("<message><body>Before</body></message>")
    network.holds("history")
    await network.tells(state(LoginState.TRANSIENT_DISCONNECT))
    await stage.settled()
    network.says("g1", "CYD", "Missed")
    await network.tells(state(LoginState.CONNECTED))
    (await network.is_asked("history", "g1")).refuses("internal-server-error")
    await stage.settled()
    await network.tells(MessagePosted(group=G1, message=network.says("g1", "CYD", "After")))
    await ada.receives("<message><body>After</body></message>")
    host = stage.gateway.rooms.host
    (gap,) = await host.gaps.all()
    assert (gap.attempts, gap.before) == (1, None)

    ada.sends("<iq type='set' id='q' to='{room}'><query xmlns='urn:xmpp:mam:2'/></iq>")
    (await network.is_asked("history", "g1")).refuses("internal-server-error")
    (fin,) = await ada.receives("<iq type='result' id='q'/>")
    assert find(fin, "fin").get("stable") == "false"
    (gap,) = await host.gaps.all()
    assert gap.attempts == 2
    assert gap.before is not None  # what came after is known, and goes on being heard
    await network.tells(MessagePosted(group=G1, message=network.says("g1", "CYD", "Later")))
    await ada.receives("<message><body>Later</body></message>")

    now = host.now()
    monkeypatch.setattr(host, "now", lambda: now + timedelta(days=2))
    network.obeys("history")
    host.filler.add(stage.gateway.events.handles(G1)[0])
    await stage.settled()
    words, fin = await page(ada, "")
    assert words == ["Before", "Missed", "After"]
    assert await host.gaps.all() == []
    await ada.hears_nothing()


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("away_again", [False, True])
async def test_what_was_read_late_does_not_end_the_gap_that_it_came_from(
    stage: Stage, network: FakeNetwork, monkeypatch: pytest.MonkeyPatch, away_again: bool
) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    await network.tells(MessagePosted(group=G1, message=network.says("g1", "CYD", "Before")))
    await ada.receives("<message><body>Before</body></message>")
    network.holds("history")
    await network.tells(state(LoginState.TRANSIENT_DISCONNECT))
    await stage.settled()
    missed = [network.says("g1", "CYD", f"Missed {n}").body for n in range(7)]
    await network.tells(state(LoginState.CONNECTED))
    (await network.is_asked("history", "g1")).agrees()  # a page of three
    (await network.is_asked("history", "g1")).refuses("internal-server-error")
    await stage.settled()
    if away_again:
        await network.tells(state(LoginState.TRANSIENT_DISCONNECT))
        await network.tells(state(LoginState.CONNECTED))
        (await network.is_asked("history", "g1")).refuses("internal-server-error")
        await stage.settled()
    await network.tells(MessagePosted(group=G1, message=network.says("g1", "CYD", "After")))
    await stage.settled()

    host = stage.gateway.rooms.host
    now = host.now()
    monkeypatch.setattr(host, "now", lambda: now + timedelta(days=2))
    network.obeys("history")
    host.filler.add(stage.gateway.events.handles(G1)[0])
    await stage.settled()
    there = [entry.stanza async for entry in host.archive.export(1)]
    assert [words_of(stanza) for stanza in there] == ["Before", *missed, "After"]
    assert await host.gaps.all() == []


def words_of(stanza: str) -> str:
    return stanza.partition("<body>")[2].partition("</body>")[0]


async def test_a_network_that_wants_to_be_left_alone_is(
    stage: Stage, network: FakeNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    host = stage.gateway.rooms.host
    network.holds("history")
    await network.tells(state(LoginState.TRANSIENT_DISCONNECT))
    await network.tells(state(LoginState.CONNECTED))
    asked = await network.is_asked("history", "g1")
    asked.answer.set_exception(LegacyError("resource-constraint", "Not now.", retry_after=60))
    await stage.settled()
    stage.group("ada", id="g2")
    await ada.joins(room="g2@{gw}")
    _, fin = await page(ada)
    assert fin.get("stable") == "false"
    network.was_not_asked()

    now = host.now()
    monkeypatch.setattr(host, "now", lambda: now + timedelta(seconds=61))
    network.obeys("history")
    _, fin = await page(ada)
    assert fin.get("stable") is None


@pytest.mark.parametrize("seen", [True, False])
async def test_a_gap_outlasts_the_process(tmp_path: Path, database: Path, seen: bool) -> None:
    async with on_stage(tmp_path, database) as stage:
        (ada,) = await stage.seated("ada", "CYD")
        network = stage.network
        before = network.says("g1", "CYD", "Before")
        await network.tells(MessagePosted(group=G1, message=before))
        await ada.receives("<message><body>Before</body></message>")
        network.holds("history")
        await network.tells(state(LoginState.TRANSIENT_DISCONNECT))
        await stage.settled()
        missed = network.says("g1", "CYD", "Missed")
        after = network.says("g1", "CYD", "After")
        if seen:  # as from another login
            stage.gateway.rooms.of("", G1).post(post_of(stage, after))
            await ada.receives("<message><body>After</body></message>")
        (gap,) = await stage.gateway.rooms.host.gaps.all()
        assert gap.after[0] == before.id
    async with on_stage(tmp_path, database) as stage:
        stage.group("ada", "CYD")
        stage.network.groups[G1].messages += [before, missed, after]
        await stage.starts()
        await stage.person("ada").has_heard()
        words, _ = await page(stage.person("ada"), "")
        assert words == ["Before", "Missed", "After"]
        assert await stage.gateway.rooms.host.gaps.all() == []


def post_of(stage: Stage, message: Any) -> Any:
    from gateway.bridge.speech import entry_of
    from gateway.group.live import Post

    return Post(entry_of(stage.gateway.events.handles(G1)[0], message))


async def test_seats_in_a_room_without_a_past_hear_what_was_said_meanwhile_and_in_order(
    tmp_path: Path, database: Path
) -> None:
    async with on_stage(tmp_path, database) as stage:
        (ada,) = await stage.seated("ada", "CYD")
        live = stage.gateway.rooms.of("", G1)
        assert live.whole
        later = live.host.now() + timedelta(seconds=1)
    async with on_stage(tmp_path, database) as stage:
        network = stage.network
        stage.group("ada", "CYD")
        network.holds("history")
        network.says("g1", "CYD", "Long ago")
        network.says("g1", "CYD", "Missed", at=later)
        starting = asyncio.create_task(stage.starts())
        asked = await network.is_asked("history", "g1")
        heard = network.says("g1", "CYD", "Heard", at=later)
        telling = asyncio.create_task(network.tells(MessagePosted(group=G1, message=heard)))
        await stage.settled()
        asked.agrees()
        await asyncio.gather(starting, telling)
        ada = stage.person("ada")
        await ada.receives(
            "<message><body>Missed</body><delay xmlns='urn:xmpp:delay'/></message>",
            "<message><body>Heard</body></message>",
        )
        words, _ = await page(ada, "")
        assert words == ["Long ago", "Missed", "Heard"]


async def test_a_gap_that_could_not_be_written_down_is_opened_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.group("ada", "CYD")
    live = await stage.gateway.rooms.obtain("", G1, "g1")
    gaps = live.host.gaps
    opened = gaps.open

    def fails(room: int, heard: Any = None) -> asyncio.Future[Any]:
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        future.set_exception(RuntimeError("no"))
        return future

    monkeypatch.setattr(gaps, "open", fails)
    with pytest.raises(RuntimeError):
        await live.missing()
    live.try_again()
    monkeypatch.setattr(gaps, "open", opened)
    assert (await live.missing()).before is None
    stage.network.says("g1", "CYD", "Before")
    ada = stage.person("ada")
    await ada.joins()
    assert (await page(ada))[0] == ["Before"]


async def test_a_personal_room_has_gaps_of_its_own(personal: Stage) -> None:
    (ada,) = await personal.seated("ada", "CYD")
    network = personal.network
    told = network.says("g1", "CYD", "Before")
    await network.tells(MessagePosted(group=G1, to=ADA, message=told))
    await network.tells(state(LoginState.TRANSIENT_DISCONNECT))
    await personal.settled()
    network.says("g1", "CYD", "Missed")
    (gap,) = await personal.gateway.rooms.host.gaps.all()
    assert gap.after[0] == told.id
    await network.tells(state(LoginState.CONNECTED))
    await ada.receives("<message><body>Missed</body></message>")


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_half_of_the_budget_is_left_to_those_who_ask(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock()

    async def later(seconds: float) -> None:
        clock.now += seconds

    monkeypatch.setattr(asyncio, "sleep", later)
    budget = Budget(Limits(backfill_pages=60), clock)  # one a second, five saved up

    async def at_once(*, asked: bool) -> int:
        count, start = 0, clock.now
        while True:
            await budget.take(asked=asked)
            if clock.now > start:
                return count
            count += 1

    assert await at_once(asked=False) == 2
    clock.now += 1000
    assert await at_once(asked=True) == 5


@pytest.mark.parametrize("rooms", [40])
async def test_users_take_turns(stage: Stage, network: FakeNetwork, rooms: int) -> None:
    """Somebody with many rooms does not keep somebody with one waiting."""
    for n in range(rooms):
        stage.group("ada", id=f"r{n}")
    stage.group("bao", id="b")
    ada, bao = stage.person("ada"), stage.person("bao")
    for n in range(rooms):
        await ada.joins(room=f"r{n}@{{gw}}")
    await bao.joins(room="b@{gw}")
    network.holds("history")
    for user in (ADA, UserId("bao@example.org")):
        await network.tells(LoginStateChanged(to=user, state=LoginState.TRANSIENT_DISCONNECT))
        await network.tells(LoginStateChanged(to=user, state=LoginState.CONNECTED))
    for _ in range(12):
        asked = await asyncio.wait_for(network._asked.get(), PATIENCE)
        asked.agrees()
        if asked.args == ("b",):
            return
    pytest.fail("bao's room was not among the first twelve")
