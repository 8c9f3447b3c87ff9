"""Erasing what somebody said by command, for those who run the gateway (XEP-0050)."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from slidge.core import config
from slixmpp import JID

from tests.stage import Person, Stage

NODE = "https://slidge.im/command/core/erase-messages"


async def step(person: Person, inner: str = "", session: str = "") -> ET.Element:
    given = f" sessionid='{session}'" if session else ""
    person.sends(
        f"<iq type='set' id='c1' to='{{gw}}'><command xmlns='http://jabber.org/protocol/commands'"
        f" node='{NODE}' action='{'next' if session else 'execute'}'{given}>{inner}"
        "</command></iq>"
    )
    (answer,) = await person.receives("<iq id='c1'/>")
    return answer


def form(**fields: str) -> str:
    inner = "".join(f"<field var='{k}'><value>{v}</value></field>" for k, v in fields.items())
    return f"<x xmlns='jabber:x:data' type='submit'>{inner}</x>"


def session_of(answer: ET.Element) -> str:
    command = answer.find("{*}command")
    assert command is not None, ET.tostring(answer)
    return command.get("sessionid", "")


async def bodies(person: Person) -> list[str]:
    await person.has_heard()
    person.sends("<iq type='set' id='q' to='{room}'><query xmlns='urn:xmpp:mam:2'/></iq>")
    *found, _ = await person.has_heard()
    return [one.findtext(".//{*}body") or "" for one in found]


async def test_it_is_gone_for_good_with_a_receipt(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config, "ADMINS", (JID("ada@example.org"),))
    network = stage.network
    network.obeys("send")
    stage.group("ada", "bao", "CYD")
    for author, words in (("CYD", "One"), ("bao", "Two"), ("CYD", "Three")):
        network.says("g1", author, words)
    ada = stage.person("ada")
    await ada.joins()
    for person, gone, left in (
        ("CYD", "2 messages of CYD", ["Two"]),
        ("Bao@example.org", "1 messages of Bao", []),
        ("CYD", "There is nothing of CYD", []),
    ):
        asked = await step(ada)
        sure = await step(ada, form(person=person), session_of(asked))
        done = await step(ada, form(confirm="true"), session_of(sure))
        assert gone in " ".join(done.itertext())
        assert await bodies(ada) == left


async def test_nobody_else_may(stage: Stage) -> None:
    await stage.seated("bao")
    answer = await step(stage.person("bao"))
    assert answer.get("type") == "error"
