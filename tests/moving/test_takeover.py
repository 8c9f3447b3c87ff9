"""What slidge has kept is there under Sluice, which goes on with the same plugin."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from conformance.client import PATIENCE, Client
from tests.gateway_process import ROOT, GatewayProcess
from tests.moving.parrots import SAID
from tests.moving.slidge_process import SlidgeProcess
from tests.servers.prosody import Prosody

pytestmark = pytest.mark.e2e

PLUGIN = "tests.moving.parrots"
REGISTER = """
    <iq type='set' to='{gw}'>
      <query xmlns='jabber:iq:register'><x xmlns='jabber:x:data' type='submit'/></query>
    </iq>"""
BODIES = [text for _, text in SAID]


async def sluice(*arguments: str, folder: Path) -> tuple[int, str]:
    """Run a command; its exit code, and what it printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway", *arguments,
        cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert process.returncode is not None
    return process.returncode, output.decode()


async def under_slidge(server: Prosody, gw: str, home: Path) -> str:
    """Have ada use slidge for a while: register, join, talk; the room's address."""
    async with (
        SlidgeProcess(server, gw, home, PLUGIN),
        Client(server, "ada", resource="desk", names={"gw": gw}) as ada,
    ):
        assert (await ada.iq(REGISTER)).get("type") == "result"
        await ada.expect("<presence from='{gw}'><status>Logged in</status></presence>")
        room = f"oak@{gw}"
        joined = await ada.join(room, "ada")
        assert joined.nicks == {"Polly", "Coco", "Keeper"}
        await ada.say(room, "Nuts?")
        await ada.expect("<message from='{room}/Polly'><body>Nuts?</body></message>", room=room)
        return room


async def test_an_installation_moves_over(prosody: Prosody, tmp_path: Path, empty_url: str) -> None:
    gw = prosody.spare_component()
    home = tmp_path / "slidge"
    (home / "parrots").mkdir(parents=True)
    (home / "parrots" / "token").write_text("of the plugin's own")
    room = await under_slidge(prosody, gw, home)

    folder = tmp_path / "sluice"
    folder.mkdir()
    gateway = GatewayProcess(
        prosody,
        gw,
        folder,
        network=f'plugin = "{PLUGIN}"',
        database=empty_url,
        auto_register=False,
        path=ROOT,
    )
    move = ("import-slidge", "--from", str(home / "slidge.sqlite"))
    assert await sluice(*move, folder=folder) == (
        0, "1 users, 2 contacts, 1 rooms, 6 messages\n"
    )  # fmt: skip
    code, said = await sluice(*move, folder=folder)
    assert code != 0
    assert "users in this database already" in said
    assert (folder / "files" / "parrots" / "token").read_text() == "of the plugin's own"

    async with (
        gateway,
        Client(prosody, "ada", resource="desk", names={"gw": gw, "room": room}) as ada,
    ):
        await ada.expect("<presence from='{gw}'><status>Logged in</status></presence>")
        joined = await ada.join(room, "ada")
        assert joined.nicks == {"Polly", "Coco", "Keeper"}
        page = await ada.page(room, limit=20)
        assert [b for b in page.bodies if b] == [*BODIES, "Nuts?", "Nuts?"]
        # what refers to a message still does, and so does what is said now
        hello = page.ids[1]
        reactions = page.messages[3].find("{urn:xmpp:reactions:0}reactions")
        assert reactions is not None
        assert reactions.get("id") == hello
        await ada.send(
            "<message type='groupchat' to='{room}'><reactions xmlns='urn:xmpp:reactions:0'"
            " id='{hello}'><reaction>\N{CHIPMUNK}</reaction></reactions></message>",
            hello=hello,
        )
        await ada.expect("<message from='{room}/Coco'><body>m1: \N{CHIPMUNK}</body></message>")


async def test_what_is_no_database_of_slidges_is_left_alone(
    prosody: Prosody, tmp_path: Path
) -> None:
    other = tmp_path / "other.sqlite"
    other.write_bytes(b"not a database at all" * 100)
    GatewayProcess(prosody, "gw.localhost", tmp_path, network=f'plugin = "{PLUGIN}"')
    code, said = await sluice("import-slidge", "--from", str(other), folder=tmp_path)
    assert code != 0
    assert "other.sqlite" in said
    assert "Traceback" not in said
    code, said = await sluice("import-slidge", "--from", "nothing.sqlite", folder=tmp_path)
    assert code != 0
    assert "There is no file nothing.sqlite" in said
