"""One command of the gateway, step by step, as a client goes through it (XEP-0050)."""

from __future__ import annotations

from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from tests.stage import Person

COMMANDS = "http://jabber.org/protocol/commands"
NODE = "https://slidge.im/command/core/"


async def step(person: Person, node: str, inner: str = "", session: str = "") -> ET.Element:
    """Begin, or go on; the answer."""
    given = f" sessionid='{session}'" if session else ""
    person.sends(
        f"<iq type='set' id='c1' to='{{gw}}'><command xmlns='{COMMANDS}'"
        f" node='{NODE}{node}' action='{'next' if session else 'execute'}'{given}>{inner}"
        "</command></iq>"
    )
    (answer,) = await person.receives("<iq id='c1'/>")
    return answer


async def command(person: Person, node: str, *forms: dict[str, str]) -> ET.Element:
    """Go through a command with these forms; the last answer."""
    answer = await step(person, node)
    for form in forms:
        found = answer.find("{*}command")
        assert found is not None, ET.tostring(answer)
        fields = "".join(
            f"<field var='{name}'><value>{escape(value)}</value></field>"
            for name, value in form.items()
        )
        inner = f"<x xmlns='jabber:x:data' type='submit'>{fields}</x>"
        answer = await step(person, node, inner, found.get("sessionid", ""))
    return answer


def rows(answer: ET.Element) -> list[dict[str, str]]:
    """The table that a command ends with."""
    return [
        {field.get("var", ""): field.findtext("{*}value") or "" for field in item}
        for item in answer.iterfind(".//{*}item")
    ]


def text(element: ET.Element) -> str:
    """All that it says."""
    return " ".join(element.itertext())
