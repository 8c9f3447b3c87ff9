"""Erasing what somebody said by command, for those who run the gateway (XEP-0050)."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from legacy_backend.values import Attachment
from tests.commands.asking import command, rows, step, text
from tests.stage import Person, Stage

SERVED = "https://files.example.org/up"


async def erased(admin: Person, person: str) -> list[dict[str, str]] | str:
    done = await command(admin, "erase-messages", {"person": person}, {"confirm": "true"})
    return rows(done) or text(done)


async def bodies(person: Person) -> list[str]:
    await person.has_heard()
    person.sends("<iq type='set' id='q' to='{room}'><query xmlns='urn:xmpp:mam:2'/></iq>")
    *found, _ = await person.has_heard()
    return [one.findtext(".//{*}body") or "" for one in found]


async def test_it_is_gone_for_good_with_a_receipt(run_by_ada: Stage) -> None:
    network = run_by_ada.network
    run_by_ada.group("ada", "bao", "CYD")
    for author, words in (("CYD", "One"), ("bao", "Two"), ("CYD", "Three")):
        network.says("g1", author, words)
    ada = run_by_ada.person("ada")
    await ada.joins()
    (of_cyd,) = await erased(ada, "CYD")
    assert of_cyd == {"room": run_by_ada.room, "erased": "2", "files": "0", "elsewhere": "0"}
    assert await bodies(ada) == ["Two"]
    (of_bao,) = await erased(ada, "Bao@example.org")
    assert of_bao["erased"] == "1"
    assert await bodies(ada) == []
    assert "There is nothing of CYD." in await erased(ada, "CYD")


async def test_files_go_too_but_for_those_of_others(run_by_ada: Stage, tmp_path: Path) -> None:
    served = tmp_path / "served"
    for name in ("own/u/a b.png", "both/u/b.png", "bao/u/c.png"):
        path = served / name
        path.parent.mkdir(parents=True)
        path.write_text("a picture")
    (tmp_path / "secret").write_text("not to be had")
    run_by_ada.group("ada", "bao", "CYD")
    for author, url in (
        ("CYD", f"{SERVED}/own/u/a%20b.png"),
        ("CYD", f"{SERVED}/both/u/b.png"),
        ("CYD", f"{SERVED}/../secret"),
        ("CYD", f"{SERVED}/%2e%2e/secret"),
        ("CYD", "https://upload.example.org/d.png"),
        ("bao", f"{SERVED}/both/u/b.png"),
        ("bao", f"{SERVED}/bao/u/c.png"),
    ):
        file = Attachment(url=url, name="x.png", media_type="image/png")
        run_by_ada.network.says("g1", author, "", attachments=(file,))
    run_by_ada.network.says("g1", "CYD", f"See {SERVED}/bao/u/c.png!")  # which is bao's
    ada = run_by_ada.person("ada")
    await ada.joins()
    await _remember(run_by_ada, f"{SERVED}/own/u/a%20b.png", f"{SERVED}/bao/u/c.png")
    (receipt,) = await erased(ada, "CYD")
    assert (receipt["erased"], receipt["files"], receipt["elsewhere"]) == ("6", "1", "1")
    left = {str(path.relative_to(served)) for path in served.rglob("*")}
    assert left == {"both", "both/u", "both/u/b.png", "bao", "bao/u", "bao/u/c.png"}
    assert (tmp_path / "secret").exists()
    assert await _remembered(run_by_ada) == [f"{SERVED}/bao/u/c.png"]
    (receipt,) = await erased(ada, "bao")
    assert receipt["files"] == "2"
    assert list(served.iterdir()) == []


async def _remember(stage: Stage, *urls: str) -> None:
    """As slidge does with what it has passed on."""
    rows = [{"user_account_id": 1, "url": url} for url in urls]
    table = sa.table("attachment", sa.column("user_account_id"), sa.column("url"))
    await stage.gateway.tools.database.write(lambda c: c.execute(sa.insert(table), rows).rowcount)


async def _remembered(stage: Stage) -> list[str]:
    urls = sa.select(sa.column("url")).select_from(sa.table("attachment"))
    found: list[str] = await stage.gateway.tools.database.read(lambda c: list(c.scalars(urls)))
    return found


@pytest.mark.parametrize(
    "node",
    [
        "erase-messages",
        "keep-messages",
        "export-archive",
        "import-archive",
        "back-up",
        "all-missing",
    ],
)
async def test_nobody_else_may(run_by_ada: Stage, node: str) -> None:
    run_by_ada.group("bao")
    bao = run_by_ada.person("bao")
    await bao.joins()
    await bao.has_heard()
    assert (await command(bao, node)).get("type") == "error"
    assert not (await _folder_of(run_by_ada)).exists()


async def test_the_session_of_a_command_cannot_be_counted_on(run_by_ada: Stage) -> None:
    """Whoever has its id may go on with it, which should be nobody else."""
    run_by_ada.group("ada")
    ada = run_by_ada.person("ada")
    await ada.joins()
    await ada.has_heard()
    begun = [(await step(ada, "erase-messages")).find("{*}command") for _ in range(2)]
    one, other = (command.get("sessionid", "") for command in begun if command is not None)
    assert len(one) > 30
    assert one[:10] != other[:10]
    assert run_by_ada.gateway._id_front not in one


async def _folder_of(stage: Stage) -> Path:
    folder: Path = stage.gateway.tools.folder
    return folder
