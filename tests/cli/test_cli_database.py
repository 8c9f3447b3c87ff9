"""The commands that look into a database, or change it."""

from __future__ import annotations

import json
import resource
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from gateway.database.engine import engine_for

Sluice = Callable[..., Any]


@pytest.fixture
def run(sluice: Sluice, config: Path, database: Path) -> Sluice:
    """A command on the database that has something in it."""
    return lambda *words: sluice(*words, "-c", str(config))


def lines(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


# users


def test_users_are_listed(run: Sluice) -> None:
    ended = run("users")
    assert (ended.code, ended.err) == (0, "")
    assert [line.split() for line in ended.out.splitlines()] == [
        ["jid", "registered"],
        ["ada@example.org", "2026-01-01T12:00:00Z"],
        ["bao@example.org", "2026-01-01T12:00:00Z"],
    ]
    assert lines(run("users", "--json").out)[1] == {
        "jid": "bao@example.org",
        "registered": "2026-01-01T12:00:00Z",
    }


def test_a_user_is_removed_with_what_hangs_on_them(run: Sluice, database: Path) -> None:
    with sqlite3.connect(database) as conn:
        for jid in ("ada@example.org", "bao@example.org"):
            conn.execute("INSERT INTO sluice_subscription VALUES (?, 'z', 1)", (jid,))
    conn.close()
    ended = run("users", "remove", "Ada@Example.org", "--yes")
    assert (ended.code, ended.err) == (0, "")
    assert (
        "ada@example.org is removed. Personal rooms removed with what was said there: 1."
        in ended.out
    )
    assert [row["jid"] for row in lines(run("users", "--json").out)] == ["bao@example.org"]
    rooms = lines(run("rooms", "--json").out)
    assert [(room["room"][:3], room["owner"], room["seats"]) for room in rooms] == [
        ("own", "bao@example.org", 0),
        ("tea", "", 0),
    ]
    with sqlite3.connect(database) as conn:
        assert conn.execute("SELECT COUNT(*) FROM contact").fetchone() == (1,)
        left = conn.execute("SELECT user_jid FROM sluice_subscription").fetchall()
        assert left == [("bao@example.org",)]
    conn.close()


def test_a_user_is_not_removed_without_a_yes(run: Sluice, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = run("users", "remove", "ada@example.org")
    assert ended.code == 1
    assert "--yes does it without" in ended.err
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    for answer, code in (("", 1), ("n", 1), ("Y", 0)):
        monkeypatch.setattr("builtins.input", lambda _, answer=answer: answer)
        assert run("users", "remove", "ada@example.org").code == code


def test_an_unknown_user(run: Sluice) -> None:
    ended = run("users", "remove", "adda@example.org", "--yes")
    assert ended.code == 1
    assert ended.err == (
        "sluice: adda@example.org is not registered. Did you mean ada@example.org?\n"
    )


# rooms


def test_rooms_are_listed(run: Sluice) -> None:
    ended = run("rooms")
    assert (ended.code, ended.err) == (0, "")
    head, *rows = ended.out.splitlines()
    assert " ".join(head.split()) == "room owner legacy id name occupants seats messages"
    assert " ".join(rows[0].split()) == "own@groups.example.org ada@example.org g2 - 1 1 0"
    assert " ".join(rows[2].split()) == r"tea@groups.example.org - T!1 Tea \x1b[31m 1 1 1200"


def test_rooms_for_programs(run: Sluice) -> None:
    assert lines(run("rooms", "--json").out)[2] == {
        "room": "tea@groups.example.org",
        "owner": "",
        "legacy_id": "T!1",
        "name": "Tea \x1b[31m",
        "occupants": 1,
        "seats": 1,
        "messages": 1200,
    }


# archive


def test_counts(run: Sluice) -> None:
    ended = run("archive", "counts")
    assert ended.code == 0
    assert ended.out.splitlines()[-1] == "1201 messages in 2 rooms"
    assert lines(run("archive", "counts", "--json").out)[1] == {
        "room": "tea@groups.example.org",
        "owner": "",
        "name": "Tea \x1b[31m",
        "first": "2026-01-01T12:00:00.000000Z",
        "last": "2026-01-01T12:19:59.000000Z",
        "messages": 1200,
    }


@pytest.mark.parametrize("room", ["tea@groups.example.org", "Tea@Groups.Example.Org", "T!1"])
def test_a_room_is_exported_whole_and_in_order(run: Sluice, tmp_path: Path, room: str) -> None:
    target = tmp_path / "tea.ndjson"
    ended = run("archive", "export", room, "-o", str(target))
    assert (ended.code, ended.out, ended.err) == (0, "1200 messages exported.\n", "")
    entries = lines(target.read_text("utf-8"))
    assert [entry["stanza_id"] for entry in entries] == [f"s{n}" for n in range(1200)]
    assert entries[1] == {
        "group": "T!1",
        "owner": "",
        "stanza_id": "s1",
        "after": "s0",
        "message_id": "m1",
        "legacy_id": "l1",
        "refers_to": None,
        "at": "2026-01-01T12:00:01.000000Z",
        "nick": "Zoë",
        "author": "z1",
        "kind": "message",
        "body": "Hi 1",
        "stanza": "<message><body>Hi 1</body></message>",
    }
    assert entries[0]["legacy_id"] is None
    assert target.stat().st_mode & 0o077 == 0
    assert {path.name for path in tmp_path.iterdir()} >= {"tea.ndjson"}
    assert not list(tmp_path.glob("*.part"))


def test_an_export_of_what_one_user_may_see(run: Sluice, database: Path) -> None:
    with sqlite3.connect(database) as conn:
        state = json.loads(
            conn.execute("SELECT state FROM sluice_occupant ORDER BY room_id").fetchall()[-1][0]
        )
        until = "2026-01-01T12:00:03+00:00"
        seen = {"user": "ada@example.org", "affiliation": "member", "sees": [[None, until]]}
        conn.execute("UPDATE sluice_occupant SET state = ?", (json.dumps(state | seen),))
    conn.close()
    entries = lines(run("archive", "export", "T!1", "--as", "Ada@example.org").out)
    assert [entry["stanza_id"] for entry in entries] == ["s0", "s1", "s2"]
    ended = run("archive", "export", "T!1", "--as", "bao@example.org")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == "sluice: bao@example.org may see nothing of this room.\n"


def test_export_to_the_standard_output(run: Sluice) -> None:
    assert len(lines(run("archive", "export", "T!1").out)) == 1200


def test_export_shows_progress_on_a_terminal(
    run: Sluice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    ended = run("archive", "export", "T!1", "-o", str(tmp_path / "x"))
    assert "1200/1200" in ended.err


def test_all_that_takes_long_shows_how_far_it_is(
    run: Sluice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    target = str(tmp_path / "x")
    for words, shown in (
        (("export", "-o", target), "exporting: 100%"),
        (("backup", f"{target}.sqlite"), "copying: 100%"),
        (("erase", "z1", "--yes"), "erasing: 1201message"),
        (("import", "-i", target), "importing: 1201message"),
        (("keep", "30"), ""),
        (("expire",), "deleting: 1201message"),
    ):
        ended = run("archive", *words)
        assert ended.code == 0, ended.err
        assert shown in ended.err


def test_a_room_that_several_have(run: Sluice) -> None:
    ended = run("archive", "export", "own@groups.example.org")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == (
        "sluice: Several rooms are meant; name the owner, one of these: "
        "ada@example.org, bao@example.org\n"
    )
    assert len(lines(run("archive", "export", "g2", "--owner", "bao@example.org").out)) == 1


def test_a_room_that_is_not_there(run: Sluice) -> None:
    ended = run("archive", "export", "tee@groups.example.org")
    assert ended.code == 1
    assert ended.err == ("sluice: There is no such room. Did you mean tea@groups.example.org?\n")


def test_an_export_that_fails_leaves_what_was_there(run: Sluice, tmp_path: Path) -> None:
    ended = run("archive", "export", "T!1", "-o", str(tmp_path / "none" / "x"))
    assert ended.code == 1
    assert "No such file or directory" in ended.err


# gaps


def test_what_is_missing_is_listed(run: Sluice, database: Path) -> None:
    ended = run("archive", "gaps")
    assert (ended.code, ended.out) == (0, "")
    assert ended.err == "Nothing is known to be missing.\n"
    with sqlite3.connect(database) as conn:
        (room,) = conn.execute("SELECT id FROM sluice_room WHERE legacy_id = 'T!1'").fetchone()
        for after, at, before, end, state, tries, when in (
            (None, None, "b", 1767268800000000, 1, 0, 0),
            ("a", 1767268800000000, None, None, 0, 2, 1767268860000000),
        ):
            conn.execute(
                "INSERT INTO sluice_gap (room_id, after_id, after_at, before_id, before_at, state,"
                " attempts, next_try) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (room, after, at, before, end, state, tries, when),
            )
    conn.close()
    ended = run("archive", "gaps")
    assert ended.out.splitlines()[-1] == "1 wanted, 1 further back than anybody looked"
    further, wanted = lines(run("archive", "gaps", "--json").out)
    assert (further["after"], further["before"]) == (None, "2026-01-01T12:00:00Z")
    assert (further["state"], further["next_try"]) == ("further", None)
    assert (wanted["state"], wanted["attempts"]) == ("wanted", 2)
    assert wanted["next_try"] == "2026-01-01T12:01:00Z"
    assert wanted["room"] == "tea@groups.example.org"


# erase, import, keep, backup


def test_what_one_person_said_is_erased_with_a_receipt(run: Sluice, database: Path) -> None:
    own, tea = lines(run("archive", "erase", "z1", "--yes", "--json").out)
    assert (own["owner"], own["erased"]) == ("bao@example.org", 1)
    assert tea == {
        "room": "tea@groups.example.org",
        "owner": "",
        "name": "Tea \x1b[31m",
        "erased": 1200,
        "files": 0,
        "files_elsewhere": 0,
    }
    with sqlite3.connect(database) as conn:
        left = conn.execute("SELECT count(*) FROM sluice_archive WHERE author = 'z1'")
        assert left.fetchone() == (0,)
        # what FTS5 still has to be told is that nothing is found
        found = conn.execute(
            "SELECT count(*) FROM sluice_archive_search WHERE sluice_archive_search MATCH 'hi'"
        )
        assert found.fetchone() == (0,)
    conn.close()
    ended = run("archive", "erase", "z1", "--yes")
    assert (ended.code, ended.out, ended.err) == (0, "", "There is nothing of z1.\n")


def test_nothing_is_erased_without_a_yes(run: Sluice) -> None:
    ended = run("archive", "erase", "z1")
    assert ended.code == 1
    assert "--yes does it without" in ended.err
    assert len(lines(run("archive", "export", "T!1").out)) == 1200


def test_an_export_can_be_imported_again(run: Sluice, tmp_path: Path, database: Path) -> None:
    target = tmp_path / "tea.ndjson"
    run("archive", "export", "T!1", "-o", str(target))
    whole = target.read_text()
    with sqlite3.connect(database) as conn:
        conn.execute("DELETE FROM sluice_archive WHERE stanza_id IN ('s0', 's7', 's600', 's1199')")
    conn.close()
    ended = run("archive", "import", "T!1", "-i", str(target))
    assert (ended.code, ended.out, ended.err) == (0, "4 messages imported.\n", "")
    assert run("archive", "export", "T!1").out == whole
    assert run("archive", "import", "T!1", "-i", str(target)).out == "0 messages imported.\n"
    run("archive", "erase", "z1", "--yes")
    assert run("archive", "import", "T!1", "-i", str(target)).out == "1200 messages imported.\n"
    assert run("archive", "export", "T!1").out == whole


def test_what_is_no_export_is_not_imported(run: Sluice, tmp_path: Path) -> None:
    target = tmp_path / "x"
    whole = json.loads(run("archive", "export", "T!1").out.partition("\n")[0])
    wrong: list[dict[str, object]] = [
        {"stanza": "<iq/>"}, {"stanza": "<message>"}, {"stanza": "<!DOCTYPE x><message/>"},
        {"at": "2026-01-01T12:00:00"}, {"at": 5}, {"kind": "song"}, {"nick": None}, {"after": 1},
    ]  # fmt: skip
    for line in ("no json", "[]", *(json.dumps(whole | it) for it in wrong)):
        target.write_text(f"{line}\n")
        ended = run("archive", "import", "T!1", "-i", str(target))
        assert (ended.code, ended.out) == (1, "")
        assert "no line of an export" in ended.err


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """No file may be longer than this many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_an_export_to_a_full_disk_leaves_what_was_there(run: Sluice, tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    target = folder / "tea.ndjson"
    target.write_text("of yesterday")
    with full_disk(40_000):
        ended = run("archive", "export", "T!1", "-o", str(target))
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.endswith(f"File too large: '{target}'\n")
    assert target.read_text() == "of yesterday"
    assert list(folder.iterdir()) == [target]


def test_a_backup_to_a_full_disk_leaves_nothing(run: Sluice, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    with full_disk(40_000):
        ended = run("archive", "backup", str(folder / "copy.sqlite"))
    assert (ended.code, ended.out) == (3, "")
    assert ended.err.startswith(f"sluice: The database cannot be copied to {folder}/copy.sqlite: ")
    assert list(folder.iterdir()) == []


def test_an_import_that_breaks_off_can_be_done_again(run: Sluice, tmp_path: Path) -> None:
    target, cut = tmp_path / "tea.ndjson", tmp_path / "cut.ndjson"
    run("archive", "export", "T!1", "-o", str(target))
    whole = target.read_text()
    cut.write_text(whole[: len(whole) * 2 // 3])
    run("archive", "erase", "z1", "--yes")
    ended = run("archive", "import", "T!1", "-i", str(cut))
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("sluice: Line 804 is no line of an export (")
    ended = run("archive", "import", "T!1", "-i", str(target))
    assert (ended.code, ended.out) == (0, "700 messages imported.\n")
    assert run("archive", "export", "T!1").out == whole


def test_an_import_into_a_full_database_can_be_done_again(
    run: Sluice, tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "tea.ndjson"
    run("archive", "export", "T!1", "-o", str(target))
    run("archive", "erase", "z1", "--yes")
    with closing(sqlite3.connect(database)) as conn:
        conn.execute("VACUUM")
    with monkeypatch.context() as patch:
        patch.setattr("gateway.database.database.engine_for", _limited(database, 20))
        ended = run("archive", "import", "T!1", "-i", str(target))
    assert (ended.code, ended.out) == (3, "")
    assert "The disk is full" in ended.err
    ended = run("archive", "import", "T!1", "-i", str(target))
    assert ended.code == 0
    assert run("archive", "export", "T!1").out == target.read_text()


def _limited(database: Path, more: int) -> Callable[..., sa.Engine]:
    """Engines whose database may grow by so many pages."""
    with closing(sqlite3.connect(database)) as conn:
        (pages,) = conn.execute("PRAGMA page_count").fetchone()

    def engine(url: sa.URL, **given: Any) -> sa.Engine:
        made = engine_for(url, **given)

        @sa.event.listens_for(made, "begin")
        def limit(conn: sa.Connection) -> None:
            conn.exec_driver_sql(f"PRAGMA max_page_count = {pages + more}")

        return made

    return engine


def test_what_is_no_text_is_not_imported(run: Sluice, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"\xff\xfe\x00")
    ended = run("archive", "import", "-i", str(tmp_path / "x"))
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("sluice: After line 0 comes what is no UTF-8: ")


def test_what_a_user_may_see_is_exported_from_the_rooms_they_are_in(
    run: Sluice, tmp_path: Path, database: Path
) -> None:
    sees = [[None, "2026-01-01T12:00:02+00:00"], ["2026-01-01T12:19:59+00:00", None]]

    def tea_has(user: str, **state: Any) -> None:
        with closing(sqlite3.connect(database)) as conn:
            kept = json.dumps({"user": user, **state})
            conn.execute("UPDATE sluice_occupant SET state = ? WHERE room_id = 1", (kept,))
            conn.commit()

    tea_has("ada@example.org", affiliation="member", sees=sees)
    entries = lines(run("archive", "export", "--as", "ada@example.org").out)
    assert [entry["stanza_id"] for entry in entries] == ["s0", "s1", "s1199"]
    tea_has("bao@example.org", affiliation="outcast")
    entries = lines(run("archive", "export", "--as", "bao@example.org").out)
    assert [(entry["group"], entry["stanza_id"]) for entry in entries] == [("g2", "s0")]
    for standing in ("outcast", "none"):
        tea_has("cyd@example.org", affiliation=standing)
        with closing(sqlite3.connect(database)) as conn:
            state = json.dumps({"config": {"members_only": standing == "none"}})
            conn.execute("UPDATE sluice_room SET state = ? WHERE id = 1", (state,))
            conn.commit()
        ended = run("archive", "export", "--as", "cyd@example.org")
        assert (ended.code, ended.out) == (1, "")
        assert ended.err == "sluice: cyd@example.org may see nothing of these rooms.\n"


def test_a_room_keeps_what_is_said_for_its_own_time(run: Sluice, database: Path) -> None:
    for days, told in (("30", "30 days"), ("0", "for ever"), ("-1", "for ever")):
        ended = run("archive", "keep", "T!1", days)
        assert (ended.code, ended.out) == (0, f"tea@groups.example.org: {told}\n")
    with sqlite3.connect(database) as conn:
        kept = conn.execute("SELECT value FROM sluice_meta WHERE key = 'keep_days'").fetchone()
    conn.close()
    assert kept == ("{}",)
    for days in ("-2", "36501"):
        ended = run("archive", "keep", "T!1", days)
        assert (ended.code, ended.out) == (1, "")
    assert run("archive", "keep", "x", "5").code == 1


def test_all_rooms_keep_what_is_said_for_a_time_and_no_longer(run: Sluice, config: Path) -> None:
    assert run("archive", "keep", "30").out == "all rooms: 30 days\n"
    run("archive", "keep", "g2", "0", "--owner", "bao@example.org")
    assert run("archive", "expire").out == "1200 messages deleted.\n"
    assert run("archive", "counts").out.splitlines()[-1] == "1 messages in 1 rooms"
    assert run("archive", "keep", "-1").out == "all rooms: for ever\n"
    assert run("archive", "expire").out == "0 messages deleted.\n"
    config.write_text(f"{config.read_text()}[archive]\nkeep_days = 7\n")
    run("archive", "keep", "g2", "-1", "--owner", "bao@example.org")
    assert run("archive", "expire").out == "1 messages deleted.\n"


def test_all_that_one_person_said_comes_back_to_its_rooms(run: Sluice, tmp_path: Path) -> None:
    target, before = tmp_path / "z1.ndjson", run("archive", "export").out
    assert len(lines(before)) == 1201
    ended = run("archive", "export", "--person", "z1", "-o", str(target))
    assert (ended.code, target.read_text()) == (0, before)
    run("archive", "erase", "z1", "--yes")
    assert run("archive", "export").out == ""
    assert run("archive", "import", "-i", str(target)).out == "1201 messages imported.\n"
    assert run("archive", "export").out == before
    assert run("archive", "import", "-i", str(target)).out == "0 messages imported.\n"
    ended = run("archive", "import", "T!1", "-i", str(target))
    assert (ended.code, ended.err) == (
        1,
        "sluice: These are messages of several rooms; name none.\n",
    )


def test_a_backup_is_the_database_itself(run: Sluice, tmp_path: Path, config: Path) -> None:
    copy = tmp_path / "copy.sqlite"
    ended = run("archive", "backup", str(copy))
    said = f"{copy} has all of it: {copy.stat().st_size} bytes.\n"
    assert (ended.code, ended.out, ended.err) == (0, said, "")
    assert copy.stat().st_mode & 0o077 == 0
    before = run("archive", "export", "T!1").out
    config.write_text(f"{config.read_text()}[database]\nurl = 'sqlite:///{copy}'\n")
    assert run("archive", "export", "T!1").out == before
    ended = run("archive", "backup", str(copy))
    assert (ended.code, ended.err) == (1, f"sluice: {copy} is there already.\n")


# migrate, and databases that will not do


def test_migrate_makes_a_database_and_finds_it_up_to_date(sluice: Sluice, config: Path) -> None:
    first = sluice("migrate", "-c", str(config))
    assert (first.code, first.out) == (0, "The database is up to date.\n")
    again = sluice("migrate", "-c", str(config))
    assert (again.code, again.out) == (0, "The database was up to date.\n")
    with sqlite3.connect(config.parent / "sluice.sqlite") as conn:
        names = {name for (name,) in conn.execute("SELECT name FROM sqlite_master")}
    conn.close()
    assert {"user_account", "sluice_room", "sluice_archive"} <= names


COMMANDS = [
    "users",
    "users remove ada@example.org --yes",
    "rooms",
    "archive counts",
    "archive gaps",
    "archive erase z1 --yes",
    "archive import x",
    "archive keep x 5",
    "archive keep 5",
    "archive expire",
    "archive backup x",
    "archive export x",
]


@pytest.mark.parametrize("words", COMMANDS)
def test_a_database_that_is_not_there_is_not_made(sluice: Sluice, config: Path, words: str) -> None:
    ended = sluice(*words.split(), "-c", str(config))
    assert (ended.code, ended.out) == (3, "")
    assert ended.err.count("\n") == 1
    assert "has nothing of Sluice yet" in ended.err
    assert list(config.parent.iterdir()) == [config]


@pytest.mark.parametrize("words", ["migrate", *COMMANDS])
def test_a_database_that_is_newer(run: Sluice, database: Path, words: str) -> None:
    with sqlite3.connect(database) as conn:
        conn.execute("UPDATE sluice_version SET version_num = '9999'")
    conn.close()
    ended = run(*words.split())
    assert (ended.code, ended.out) == (3, "")
    assert "newer Sluice" in ended.err
    assert ended.err.count("\n") == 1


@pytest.mark.parametrize("words", ["migrate", *COMMANDS])
def test_a_database_that_is_none(sluice: Sluice, config: Path, words: str) -> None:
    (config.parent / "sluice.sqlite").write_text("Dear diary, " * 500)
    ended = sluice(*words.split(), "-c", str(config))
    assert (ended.code, ended.out) == (3, "")
    assert "no SQLite database" in ended.err
    assert ended.err.count("\n") == 1


def test_a_database_whose_folder_is_missing(sluice: Sluice, config: Path) -> None:
    config.write_text(config.read_text() + "[database]\nurl = 'sqlite:///none/x.sqlite'\n")
    ended = sluice("migrate", "-c", str(config))
    assert (ended.code, ended.out) == (3, "")
    assert ended.err.count("\n") == 1


def test_a_server_that_does_not_answer_and_no_password_in_what_is_told(
    sluice: Sluice, config: Path
) -> None:
    url = "postgresql://ada:hunter2@127.0.0.1:1/x"
    config.write_text(f"{config.read_text()}[database]\nurl = '{url}'\n")
    for words in ("migrate", "users"):
        ended = sluice(words, "-c", str(config))
        assert (ended.code, ended.out) == (3, "")
        assert "hunter2" not in ended.err
        assert ended.err.count("\n") == 1
