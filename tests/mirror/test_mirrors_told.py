"""What operators see of mirrored rooms, beside two real servers."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from conformance.client import Client
from tests.e2e.conftest import Place
from tests.gateway_process import ROOT
from tests.mirror.servers import MASTER, MIRROR, pair
from tests.web_client import web_person

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


async def sluice_mirrors(place: Place) -> tuple[int, list[dict[str, Any]], str]:
    """Exit code, rooms and error output."""
    config = str(place.gateway.folder / "config.toml")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway", "mirrors", "--json", "-c", config,
        cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    return process.returncode or 0, [json.loads(line) for line in out.splitlines()], err.decode()


async def test_both_ends_tell_of_a_mirrored_room(tmp_path: Path) -> None:
    hall, local = f"hall@{MASTER}", rf"hall\40{MASTER}@{MIRROR}"
    async with (
        pair(tmp_path) as both,
        web_person(both.fairfax.web, "Wanda") as wanda,
        Client(both.raleigh.server, "wayne", names={"room": local}) as wayne,
        Client(both.raleigh.server, "keith", names={"room": local}) as keith,
    ):
        assert await sluice_mirrors(both.fairfax) == (0, [], "")
        await wanda.makes("hall", name="The hall")
        await wayne.join(local, "Wayne")
        await keith.join(local, "Keith")
        await wanda.says("hall", "To all of you")
        await keith.expect("<message from='{room}/Wanda'><body>To all of you</body></message>")

        _, (there,), _ = await sluice_mirrors(both.fairfax)
        _, (here,), _ = await sluice_mirrors(both.raleigh)
        for told, side, other in ((there, "master", MIRROR), (here, "mirror", MASTER)):
            assert (told["room"], told["side"], told["other"]) == (hall, side, other)
            assert (told["state"], told["users"], told["queue"]) == ("linked", 2, 0)
            assert told["bytes_down"] > told["bytes_up"] > 100
            assert told["bytes_saved"] > 100
        assert here["agreed"] is not None

        await both.raleigh.gateway.kill()
        code, rooms, said = await sluice_mirrors(both.raleigh)
        assert (code, rooms) == (1, [])
        assert "The gateway does not run" in said
        await both.raleigh.gateway.start()
        code, _, said = await sluice_mirrors(both.raleigh)
        assert (code, said) == (0, "")
