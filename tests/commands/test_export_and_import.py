"""Exports, imports and backups by command, in one folder of the server's (XEP-0050)."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from conformance.client import PATIENCE
from gateway.commands import long_work
from tests.commands.asking import command, rows, text
from tests.stage import Person, Stage


async def talked(stage: Stage) -> Person:
    """Ada, in two rooms with something said in turn."""
    for group in ("g1", "g2"):
        stage.group("ada", "CYD", "DOV", id=group)
        for number in range(4):
            stage.network.says(group, "CYD" if number % 2 else "DOV", f"{group} {number}")
    ada = stage.person("ada")
    await ada.joins()
    await ada.joins(room="g2@{gw}")
    await ada.has_heard()
    return ada


async def export(admin: Person, **given: str) -> dict[str, str]:
    form = {"room": "", "owner": "", "person": ""} | given
    (row,) = rows(await command(admin, "export-archive", form))
    return row


async def bring(admin: Person, file: str, room: str = "") -> str:
    form = {"file": file, "room": room, "owner": ""}
    answer = await command(admin, "import-archive", form)
    (row,) = rows(answer) or [{"messages": text(answer)}]
    return row["messages"]


def folder_of(stage: Stage) -> Path:
    folder: Path = stage.gateway.tools.folder
    return folder


async def test_what_was_erased_is_as_it_was(run_by_ada: Stage) -> None:
    ada = await talked(run_by_ada)
    folder = folder_of(run_by_ada)
    whole = await export(ada)
    assert whole["messages"] == "8"
    text_of_all = (folder / whole["file"]).read_text()
    of_cyd = await export(ada, person="CYD")
    assert of_cyd["messages"] == "4"
    said = (folder / of_cyd["file"]).read_text().splitlines()
    assert {json.loads(line)["author"] for line in said} == {"CYD"}
    await command(ada, "erase-messages", {"person": "CYD"}, {"confirm": "true"})
    assert (await export(ada))["messages"] == "4"
    assert await bring(ada, of_cyd["file"]) == "4"
    again = await export(ada)
    assert (folder / again["file"]).read_text() == text_of_all
    assert await bring(ada, whole["file"]) == "0"
    assert folder.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())


async def test_what_one_user_may_see(run_by_ada: Stage) -> None:
    ada = await talked(run_by_ada)
    seen = await export(ada, viewer="ada@example.org")
    assert (seen["messages"], seen["file"][:4]) == ("8", "ada_")
    form = {"room": "", "owner": "", "person": "", "viewer": "eve@example.org"}
    assert "may see nothing of these rooms" in text(await command(ada, "export-archive", form))
    folder = folder_of(run_by_ada)
    assert [path.name for path in folder.iterdir()] == [seen["file"]]


async def test_one_room(run_by_ada: Stage) -> None:
    ada = await talked(run_by_ada)
    of_g1 = await export(ada, room="g1")
    assert (of_g1["messages"], of_g1["file"][:3]) == ("4", "g1-")
    whole = await export(ada)
    assert "several rooms" in await bring(ada, whole["file"], room="g1")


async def test_no_name_leads_out_of_the_folder(run_by_ada: Stage, tmp_path: Path) -> None:
    ada = await talked(run_by_ada)
    folder = folder_of(run_by_ada)
    evil = await export(ada, person="../../evil/x y")
    assert evil["messages"] == "0"
    assert (folder / evil["file"]).parent == folder
    assert "/" not in evil["file"]
    (tmp_path / "outside.ndjson").write_text("secret\n")
    (folder / "link.ndjson").symlink_to(tmp_path / "outside.ndjson")
    (folder / "notes.txt").write_text("secret\n")
    for name in ("link.ndjson", "../outside.ndjson", str(tmp_path / "outside.ndjson"), "notes.txt"):
        assert "Not a valid option" in await bring(ada, name), name


async def test_without_a_folder_there_is_none(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slidge.core.config.ADMINS", ("ada@example.org",))
    stage.group("ada")
    ada = stage.person("ada")
    await ada.joins()
    await ada.has_heard()
    for node in ("export-archive", "import-archive", "back-up"):
        answer = await command(ada, node)
        assert answer.find(".//{*}feature-not-implemented") is not None, text(answer)


async def test_a_backup_while_it_runs(run_by_ada: Stage) -> None:
    ada = await talked(run_by_ada)
    (row,) = rows(await command(ada, "back-up", {"confirm": "true"}))
    copy = folder_of(run_by_ada) / row["file"]
    assert str(copy.stat().st_size) == row["bytes"]
    with closing(sqlite3.connect(copy)) as conn:
        assert conn.execute("SELECT count(*) FROM sluice_archive").fetchone() == (8,)


async def told_by_the_gateway(stage: Stage, person: Person) -> ET.Element:
    """A message to all clients of a person."""
    async with asyncio.timeout(PATIENCE):
        while True:
            for stanza in stage.wire.stanzas:
                if stanza.tag.endswith("}message") and stanza.get("to") == person.bare:
                    return stanza
            stage.wire.news.clear()
            await stage.wire.news.wait()


async def test_what_takes_long_ends_with_a_message_and_is_done_once(
    run_by_ada: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await talked(run_by_ada)
    monkeypatch.setattr(long_work, "PATIENCE_SECONDS", 0.01)
    archive = type(run_by_ada.gateway.tools.archive)
    go = asyncio.Event()
    counts: Callable[..., Awaitable[dict[int, int]]] = archive.counts

    async def slowly(self: object) -> dict[int, int]:
        await go.wait()
        return await counts(self)

    monkeypatch.setattr(archive, "counts", slowly)
    form = {"room": "", "owner": "", "person": ""}
    begun = await command(ada, "export-archive", form)
    assert "You get a message when it is done" in text(begun)
    busy = await command(ada, "export-archive", form)
    assert busy.find(".//{*}resource-constraint") is not None
    assert "The export has begun" in text(busy)
    go.set()
    told = await told_by_the_gateway(run_by_ada, ada)
    assert "The export is done" in text(told)
    assert "Messages: 8" in text(told)
    assert len(list(folder_of(run_by_ada).iterdir())) == 1
