"""What admins do to the archive from their client, while the gateway runs (XEP-0050)."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from conformance.client import Client, Page
from conformance.xml import parse
from tests.e2e.conftest import webchat
from tests.servers.prosody import Prosody
from tests.web_client import web_person

pytestmark = pytest.mark.e2e

NODE = "https://slidge.im/command/core/"
DATA = "{jabber:x:data}"


async def run(client: Client, node: str, *forms: dict[str, str]) -> list[dict[str, str]]:
    """Go through a command; the table that it ends with."""
    answer = await client.iq(_step(client, node))
    for form in forms:
        command = answer.find("{*}command")
        assert command is not None, ET.tostring(answer)
        answer = await client.iq(_step(client, node, form, command.get("sessionid", "")))
    return [
        {field.get("var", ""): field.findtext(f"{DATA}value") or "" for field in item}
        for item in answer.iter(f"{DATA}item")
    ]


def _step(
    client: Client, node: str, form: dict[str, str] | None = None, session: str = ""
) -> ET.Element:
    iq = parse(
        "<iq type='set' to='{gw}'><command xmlns='http://jabber.org/protocol/commands'/></iq>",
        client.names,
    )
    command = iq[0]
    command.set("node", f"{NODE}{node}")
    command.set("action", "next" if session else "execute")
    if form is not None:
        command.set("sessionid", session)
        x = ET.SubElement(command, f"{DATA}x", type="submit")
        for name, value in form.items():
            ET.SubElement(ET.SubElement(x, f"{DATA}field", var=name), f"{DATA}value").text = value
    return iq


async def test_erased_imported_backed_up_and_kept_for_a_time(
    prosody: Prosody, tmp_path: Path
) -> None:
    more = '[archive]\nadmin_folder = "admins"\n'
    domain, folder = prosody.spare_component(), tmp_path / "admins"
    admins = [f"ada@{prosody.domain}"]
    place = webchat(prosody, domain, tmp_path, more=more, admins=admins)
    room = place.room("hall")

    async with (
        place.gateway,
        web_person(place.web, "Wanda") as wanda,
        Client(prosody, "ada", names=place.names(), resource="desk") as ada,
        Client(prosody, "bao", names=place.names(), resource="desk") as bao,
    ):
        await wanda.makes("hall")
        await ada.join(room, "ada")
        await bao.join(room, "bao")
        for body in ("one", "two"):
            await wanda.says("hall", body)
            await ada.expect(f"<message><body>{body}</body></message>")
            await ada.say(room, f"{body} indeed")
            await ada.expect(f"<message><body>{body} indeed</body></message>")
        before = await ada.page(room, limit=10)
        assert before.bodies == ["one", "one indeed", "two", "two indeed"]

        assert "not-authorized" in str(await refused(bao, "export-archive"))
        (exported,) = await run(ada, "export-archive", {"room": "", "person": wanda.id})
        assert exported["messages"] == "2"
        (erased,) = await run(ada, "erase-messages", {"person": wanda.id}, {"confirm": "true"})
        assert (erased["room"], erased["erased"]) == (room, "2")
        assert (await ada.page(room, limit=10)).bodies == ["one indeed", "two indeed"]

        (imported,) = await run(ada, "import-archive", {"file": exported["file"], "room": ""})
        assert imported["messages"] == "2"
        assert same(await ada.page(room, limit=10), before)
        assert (await ada.page(room, limit=10, withtext="two")).bodies == ["two", "two indeed"]
        by_command_line = await sluice(tmp_path, "archive", "export")
        (everything,) = await run(ada, "export-archive", {"room": "hall", "person": ""})
        assert (folder / everything["file"]).read_text() == by_command_line

        (copied,) = await run(ada, "back-up", {"confirm": "true"})
        with closing(sqlite3.connect(folder / copied["file"])) as conn:
            assert conn.execute("SELECT count(*) FROM sluice_archive").fetchone() == (4,)
        kept = await run(ada, "keep-messages", {"room": room, "days": "3"})
        assert {"room": room, "days": "3 days"} in kept
        assert (await ada.page(room, limit=10)).bodies == before.bodies  # said just now


def same(one: Page, other: Page) -> bool:
    return (one.ids, one.bodies) == (other.ids, other.bodies)


async def refused(client: Client, node: str) -> list[str]:
    answer = await client.iq(_step(client, node))
    assert answer.get("type") == "error"
    return [element.tag for element in answer.iter()]


async def sluice(folder: Path, *words: str) -> str:
    """What a command line prints, beside the gateway that runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway", *words, "-c", str(folder / "config.toml"),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    out, _ = await process.communicate()
    assert process.returncode == 0
    return out.decode()
