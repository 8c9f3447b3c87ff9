"""Searching the archive by command (XEP-0050)."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from gateway.archive.rank import rank
from gateway.archive.words import parse
from legacy_backend import GroupKind
from tests.fake_network import FakeNetwork
from tests.stage import Person, Stage

NODE = "https://slidge.im/command/core/search-archive"


async def talk(stage: Stage, network: FakeNetwork) -> Person:
    """Two rooms that ada is in, and one that she is not."""
    stage.group("ada", "CYD")
    stage.group("ada", "CYD", id="g2")
    stage.group("bao", "CYD", id="g3", kind=GroupKind.PRIVATE)
    for group, body in [
        ("g1", "Is there any tea left, or do we have to drink coffee today?"),
        ("g2", "tea, tea"),
        ("g1", "Milk?"),
        ("g3", "secret tea"),
    ]:
        network.says(group, "CYD", body)
    ada, bao = stage.person("ada"), stage.person("bao")
    await ada.joins()
    await ada.joins(room="g2@{gw}")
    await bao.joins(room="g3@{gw}")
    await ada.has_heard()
    return ada


async def command(person: Person, inner: str = "", session: str = "") -> ET.Element:
    """One step of the command; its answer."""
    given = f" sessionid='{session}'" if session else ""
    action = "complete" if session else "execute"
    person.sends(
        f"<iq type='set' id='c1' to='{{gw}}'><command xmlns='http://jabber.org/protocol/commands'"
        f" node='{NODE}' action='{action}'{given}>{inner}</command></iq>"
    )
    (answer,) = await person.receives("<iq id='c1'/>")
    return answer


async def search(person: Person, words: str, room: str = "*", order: str = "newest") -> ET.Element:
    form = await command(person)
    asked = form.find("{*}command")
    assert asked is not None
    fields = {"words": words, "room": room, "order": order}
    inner = "".join(f"<field var='{k}'><value>{v}</value></field>" for k, v in fields.items())
    filled = f"<x xmlns='jabber:x:data' type='submit'>{inner}</x>"
    return await command(person, filled, asked.get("sessionid", ""))


def texts(answer: ET.Element) -> list[str]:
    return [
        field.findtext("{*}value") or ""
        for field in answer.iterfind(".//{*}item/{*}field[@var='text']")
    ]


async def test_all_rooms_of_the_user_and_no_others(stage: Stage, network: FakeNetwork) -> None:
    ada = await talk(stage, network)
    answer = await search(ada, "tea")
    assert [text[:4] for text in texts(answer)] == ["tea,", "Is t"]
    row = [field.findtext("{*}value") for field in answer.iterfind(".//{*}item[1]/{*}field")]
    assert row == ["2026-01-01 12:00 UTC", "The g2", "CYD", "tea, tea"]
    assert texts(await search(ada, "tea", stage.room))[0].startswith("Is there")
    no = await search(ada, "tea", f"g3@{stage.gateway.boundjid.bare}")
    assert no.get("type") == "error"


async def test_nothing_found(stage: Stage, network: FakeNetwork) -> None:
    ada = await talk(stage, network)
    answer = await search(ada, "sugar")
    assert answer.findtext(".//{*}note") == "Nothing was found."


@pytest.mark.parametrize("words", [" ", "x" * 501])
async def test_words_that_will_not_do(stage: Stage, network: FakeNetwork, words: str) -> None:
    ada = await talk(stage, network)
    assert (await search(ada, words)).find(".//{*}not-acceptable") is not None


async def test_the_best_first(stage: Stage, network: FakeNetwork) -> None:
    stage.group("ada", "CYD")
    for body in ("tea, tea", "some tea for those who like it, and coffee"):
        network.says("g1", "CYD", body)
    ada = stage.person("ada")
    await ada.joins()
    await ada.has_heard()
    assert texts(await search(ada, "tea"))[0].startswith("some")
    assert texts(await search(ada, "tea", order="best"))[0] == "tea, tea"


async def test_in_the_chat_with_the_gateway(stage: Stage, network: FakeNetwork) -> None:
    ada = await talk(stage, network)
    ada.sends("<message type='chat' id='m' to='{gw}'><body>search milk</body></message>")
    (answer,) = await ada.receives("<message from='{gw}'><body/></message>")
    assert "Milk?" in (answer.findtext("{*}body") or "")


def test_rank() -> None:
    assert (
        rank("tea tea", parse("tea"))
        > rank("tea", parse("tea"))
        > rank("tea " + "x " * 9, parse("tea"))
    )
    assert rank("green tea", parse('"green tea"')) > 0
    assert rank("tea green", parse('"green tea"')) == 0
    assert rank("teatime", parse("tea*")) > rank("teatime", parse("tea")) == 0
