"""Each user sees of a shared room's past what their account may, in whatever way they ask."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gateway.errors import SluiceError
from gateway.upkeep import unseen
from gateway.upkeep.export import lines
from legacy_backend import Affiliation, GroupId, MemberId, Stretch
from legacy_backend.events import MemberChanged, MemberJoined, MemberLeft, MessagePosted
from tests.commands.test_search_archive import search, texts
from tests.fake_network import EPOCH, FakeNetwork
from tests.muc.reading import find
from tests.stage import Person, Stage, member

G1 = GroupId("g1")
HISTORY = "<message type='groupchat'><delay xmlns='urn:xmpp:delay'/></message>"


def second(number: int) -> Any:
    return EPOCH + timedelta(seconds=number)


def bao_sees(network: FakeNetwork, *stretches: tuple[int | None, int | None]) -> None:
    """What was said from one second on and up to another."""
    sees = tuple(
        Stretch(*(None if n is None else second(n) for n in stretch)) for stretch in stretches
    )
    people = network.groups[G1].members
    people[MemberId("bao")] = replace(people[MemberId("bao")], sees=sees)


async def asked(person: Person, form: str = "", rsm: str = "") -> tuple[list[str], Any]:
    """The words that a query of the archive finds, and its end; or the error."""
    await person.has_heard()
    person.sends(f"""
        <iq type='set' id='q' to='{{room}}'><query xmlns='urn:xmpp:mam:2'>
          <x xmlns='jabber:x:data' type='submit'>{form}</x>
          <set xmlns='http://jabber.org/protocol/rsm'>{rsm}</set></query></iq>""")
    *found, end = await person.has_heard()
    return [find(one, "body").text or "" for one in found], end


def field(var: str, value: str) -> str:
    return f"<field var='{var}'><value>{value}</value></field>"


async def ids_of(person: Person) -> dict[str, str]:
    """The ids of all that somebody sees, by its words."""
    await person.has_heard()
    person.sends("<iq type='set' id='q' to='{room}'><query xmlns='urn:xmpp:mam:2'/></iq>")
    *found, _ = await person.has_heard()
    return {find(one, "body").text or "": find(one, "result").get("id", "") for one in found}


@pytest.fixture
async def both(stage: Stage, network: FakeNetwork) -> tuple[Person, Person]:
    """Ada, who sees all, and Bao, who was in the group when Two and Three were said, and is again
    since before Six; both have joined."""
    stage.group("ada", "bao", "CYD")
    for words in ("One", "Two", "Three", "Four", "Five", "Six"):
        network.says("g1", "CYD", f"tea {words}")
    bao_sees(network, (2, 4), (6, None))
    ada, bao = stage.person("ada"), stage.person("bao")
    await ada.joins()
    await bao.joins()
    return ada, bao


SEEN = ["tea Two", "tea Three", "tea Six"]


async def test_the_history_of_a_join_is_what_one_may_see(stage: Stage, both: Any) -> None:
    for person, count in ((stage.person("ada", "desk"), 6), (stage.person("bao", "desk"), 3)):
        person.sends(
            "<presence to='{room}/"
            + person.name
            + "'><x xmlns='http://jabber.org/protocol/muc'/></presence>"
        )
        heard = [s for s in await person.has_heard() if s.find("{*}body") is not None]
        assert len(heard) == count


async def test_pages_counts_and_searches_have_nothing_else(both: tuple[Person, Person]) -> None:
    ada, bao = both
    assert len((await asked(ada))[0]) == 6
    words, end = await asked(bao)
    assert (words, find(end, "count").text) == (SEEN, "3")
    assert find(end, "fin").get("complete") == "true"
    assert (await asked(bao, rsm="<max>2</max><before/>"))[0] == SEEN[1:]
    _, end = await asked(bao, rsm="<max>0</max>")
    assert find(end, "count").text == "3"
    words, end = await asked(bao, field("withtext", "tea"))
    assert (words, find(end, "count").text) == (SEEN, "3")
    assert (await asked(bao, field("withtext", "four")))[0] == []
    assert (await asked(bao, field("start", "2026-01-01T12:00:03Z")))[0] == SEEN[1:]
    assert (await asked(bao, field("end", "2026-01-01T12:00:05Z")))[0] == SEEN[:2]


async def test_what_one_may_not_see_is_not_there_by_its_id(both: tuple[Person, Person]) -> None:
    ada, bao = both
    ids = await ids_of(ada)
    assert (await asked(bao, field("ids", ids["tea Two"])))[0] == ["tea Two"]
    _, error = await asked(bao, field("ids", ids["tea Four"]))
    assert error.get("type") == "error"
    find(error, "item-not-found")


async def test_the_metadata_tell_of_what_one_may_see(both: tuple[Person, Person]) -> None:
    ada, bao = both
    ids = await ids_of(ada)
    for person, first in ((ada, "tea One"), (bao, "tea Two")):
        person.sends("<iq type='get' id='m' to='{room}'><metadata xmlns='urn:xmpp:mam:2'/></iq>")
        (answer,) = await person.receives("<iq type='result' id='m'/>")
        assert find(answer, "start").get("id") == ids[first]
        assert find(answer, "end").get("id") == ids["tea Six"]


async def test_somebody_who_may_see_nothing_finds_an_empty_archive(
    stage: Stage, network: FakeNetwork
) -> None:
    stage.group("ada", "bao", "CYD")
    network.says("g1", "CYD", "Before")
    bao_sees(network)
    ada, bao = stage.person("ada"), stage.person("bao")
    await ada.joins()
    await bao.joins()
    assert (await asked(bao))[0] == []
    bao.sends("<iq type='get' id='m' to='{room}'><metadata xmlns='urn:xmpp:mam:2'/></iq>")
    (answer,) = await bao.receives("<iq type='result' id='m'/>")
    assert len(find(answer, "metadata")) == 0


async def test_a_stranger_sees_nothing_where_the_past_is_for_those_who_were_there(
    stage: Stage, network: FakeNetwork
) -> None:
    await stage.seated("ada", "CYD", members_only=False, history_visible=False)
    stage.group("dan", id="g2")
    await network.tells(MessagePosted(group=G1, message=network.message("CYD", "Hello")))
    dan = stage.person("dan")
    await dan.joins(room="g2@{gw}")
    network.joins_nobody = True
    assert (await asked(dan))[0] == []
    assert (await asked(stage.person("ada")))[0] == ["Hello"]


async def test_what_one_may_see_changes_with_what_the_network_says(
    stage: Stage, network: FakeNetwork, both: tuple[Person, Person]
) -> None:
    _, bao = both
    all_of_it = replace(network.groups[G1].members[MemberId("bao")], sees=None)
    await network.tells(MemberChanged(group=G1, member=all_of_it))
    assert len((await asked(bao))[0]) == 6
    later = replace(member("bao"), sees=(Stretch(second(5)),))
    await network.tells(MemberJoined(group=G1, member=later))
    assert (await asked(bao))[0] == ["tea Five", "tea Six"]


async def test_it_is_kept_while_the_network_is_out_of_reach(tmp_path: Any, database: Any) -> None:
    from tests.stage import on_stage

    async with on_stage(tmp_path, database) as stage:
        stage.group("ada", "bao", "CYD")
        network = stage.network
        network.says("g1", "CYD", "One")
        network.says("g1", "CYD", "Two")
        bao_sees(network, (2, None))
        await stage.person("ada").joins()
        await stage.person("bao").joins()
    async with on_stage(tmp_path, database) as stage:
        stage.group("ada", "bao", "CYD")
        stage.network.login_error = "remote-server-timeout"
        await stage.starts()
        assert (await asked(stage.person("bao")))[0] == ["Two"]
        assert (await asked(stage.person("ada")))[0] == ["One", "Two"]


async def test_who_comes_first_may_read_less_than_who_comes_next(
    stage: Stage, network: FakeNetwork
) -> None:
    stage.group("ada", "bao", "CYD")
    for number in range(1, 7):
        network.says("g1", "CYD", f"{number}")
    bao_sees(network, (4, None))
    said = network.groups[G1].messages
    hidden, network.groups[G1].messages = said, said[3:]  # as the network answers Bao
    bao = stage.person("bao")
    await bao.joins()
    assert (await asked(bao))[0] == ["4", "5", "6"]
    (gap,) = await stage.gateway.rooms.host.gaps.all()
    assert (gap.after, gap.before[0]) == (None, said[3].id)

    network.groups[G1].messages = hidden
    ada = stage.person("ada")
    await ada.joins()
    words, _ = await asked(ada)
    while len(words) < 6:
        words, _ = await asked(ada)
    assert words == ["1", "2", "3", "4", "5", "6"]
    assert (await asked(bao))[0] == ["4", "5", "6"]
    assert await stage.gateway.rooms.host.gaps.all() == []


STRETCHES = {
    "came later": [(4, None)],
    "was there, and came back": [(2, 4), (6, None)],
    "was there, and may read that alone": [(None, 3)],
    "everything": None,
    "nothing": [],
}


def _seen(stretches: list[tuple[int | None, int | None]] | None) -> list[str]:
    """What is to be seen of six messages that were said one a second."""
    words = [f"tea {number}" for number in range(1, 7)]
    if stretches is None:
        return words
    return [
        word
        for n, word in enumerate(words, 1)
        if any((a is None or a <= n) and (b is None or n < b) for a, b in stretches)
    ]


@pytest.mark.parametrize("why", STRETCHES)
async def test_in_whatever_way_one_asks_it_is_the_same(
    stage: Stage, network: FakeNetwork, why: str
) -> None:
    stage.group("ada", "bao", "CYD")
    for number in range(1, 7):
        network.says("g1", "CYD", f"tea {number}")
    stretches = STRETCHES[why]
    if stretches is not None:
        bao_sees(network, *stretches)
    ada, bao = stage.person("ada"), stage.person("bao")
    await ada.joins()
    bao.sends("<presence to='{room}/bao'><x xmlns='http://jabber.org/protocol/muc'/></presence>")
    replayed = [
        s.findtext("{*}body") for s in await bao.has_heard() if s.find("{*}body") is not None
    ]
    seen = _seen(stretches)
    assert replayed == seen
    words, end = await asked(bao)
    assert (words, int(find(end, "count").text or "")) == (seen, len(seen))
    assert (await asked(bao, field("withtext", "tea")))[0] == seen
    assert (await asked(bao, field("with", "g1@gw.example.org/CYD")))[0] == seen
    assert (await asked(bao, rsm="<max>2</max><before/>"))[0] == seen[-2:]
    assert sorted(texts(await search(bao, "tea"))) == seen
    assert await _exported(stage, "bao@example.org") == seen
    assert (await asked(ada))[0] == _seen(None)


async def _exported(stage: Stage, user: str) -> list[str]:
    tools = stage.gateway.tools
    await stage.gateway.rooms.write()
    rooms = await tools.store.all_rooms()
    return [
        json.loads(line)["body"]
        async for some in lines(tools, rooms, unseen, viewer=user)
        for line in some
    ]


@pytest.mark.parametrize("why", ["banned", "left"])
async def test_whoever_is_not_there_any_more_reads_nothing(
    stage: Stage, network: FakeNetwork, why: str
) -> None:
    ada, bao = await stage.seated("ada", "bao", "CYD")
    await network.tells(MessagePosted(group=G1, message=network.message("CYD", "tea")))
    assert (await asked(bao))[0] == ["tea"]
    if why == "banned":
        banned = replace(member("bao"), affiliation=Affiliation.OUTCAST)
        await network.tells(MemberChanged(group=G1, member=banned))
    else:
        await network.tells(MemberLeft(group=G1, id=MemberId("bao")))
    await bao.has_heard()
    network.says("g1", "CYD", "secret tea")
    words, error = await asked(bao)
    assert (words, error.get("type")) == ([], "error")
    bao.sends("<iq type='get' id='m' to='{room}'><metadata xmlns='urn:xmpp:mam:2'/></iq>")
    await bao.receives("<iq type='error' id='m'/>")
    assert texts(await search(bao, "tea")) == []
    with pytest.raises(SluiceError, match="may see nothing"):
        await _exported(stage, "bao@example.org")
    assert (await asked(ada))[0] == ["tea"]
