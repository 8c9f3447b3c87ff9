"""The commands that need no database, and the exit codes."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from gateway.config import Config, write
from gateway.errors import DatabaseError

Sluice = Callable[..., Any]


def test_check_says_that_nothing_is_wrong(sluice: Sluice, config: Path) -> None:
    ended = sluice("check", "-c", str(config))
    assert (ended.code, ended.out, ended.err) == (0, f"{config}: nothing is wrong\n", "")


def test_check_says_everything_that_is_wrong_and_touches_nothing(
    sluice: Sluice, config: Path
) -> None:
    config.write_text(config.read_text().replace("jid", "jjd") + "[archive]\npage_max = 0\n")
    ended = sluice("check", "-c", str(config))
    assert (ended.code, ended.out) == (2, "")
    assert [line.split(" is ")[0] for line in ended.err.splitlines()] == [
        f"{config}:1: xmpp.jid",
        f"{config}:2: xmpp.jjd",
        f"{config}:9: archive.page_max",
    ]
    assert list(config.parent.iterdir()) == [config]


@pytest.mark.parametrize(
    "words",
    ["run", "check", "config", "migrate", "users", "users remove x@y", "rooms", "archive counts"],
)
def test_no_command_starts_with_a_wrong_configuration(sluice: Sluice, words: str) -> None:
    ended = sluice(*words.split(), "-c", "/no/such/file.toml")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == "/no/such/file.toml: cannot be read: No such file or directory\n"


def test_the_environment_names_the_configuration(
    sluice: Sluice, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLUICE_CONFIG", str(config))
    assert sluice("check").code == 0


def test_config_prints_what_is_in_effect(sluice: Sluice, config: Path) -> None:
    ended = sluice("config", "-c", str(config))
    assert ended.code == 0
    assert tomllib.loads(ended.out)["xmpp"]["secret"] == write.MASK
    assert tomllib.loads(ended.out)["rooms"]["history_max"] == 100


def test_config_prints_the_example_without_any_file(sluice: Sluice) -> None:
    ended = sluice("config", "--example", "-c", "/no/such/file")
    assert (ended.code, ended.out) == (0, write.example())


def test_version(sluice: Sluice) -> None:
    ended = sluice("version")
    names = [line.split()[0] for line in ended.out.splitlines()]
    assert (ended.code, names) == (0, ["sluice", "slidge", "slixmpp", "SQLAlchemy", "Python"])


def test_help_explains_the_commands_and_the_exit_codes(sluice: Sluice) -> None:
    ended = sluice("--help")
    assert ended.code == 0
    for word in ("run", "check", "config", "migrate", "users", "rooms", "archive", "version"):
        assert f"    {word} " in ended.out
    assert "  3  the database cannot be opened, is newer than this program, or is full" in ended.out
    assert "exit codes:" in sluice("users", "--help").out


@pytest.mark.parametrize("words", [(), ("dance",), ("archive",), ("check", "--dance")], ids=str)
def test_a_wrong_command_line(sluice: Sluice, words: tuple[str, ...]) -> None:
    ended = sluice(*words)
    assert ended.code == 2
    assert ended.err.startswith("usage: sluice")


@pytest.mark.parametrize(
    ("ending", "code", "said"),
    [
        (lambda: 0, 0, ""),
        (lambda: 7, 7, ""),
        (lambda: fails(DatabaseError("The disk is full.")), 3, "sluice: The disk is full.\n"),
        (lambda: fails(PermissionError(13, "No", "x")), 1, "sluice: [Errno 13] No: 'x'\n"),
        (lambda: fails(KeyboardInterrupt()), 130, ""),
    ],
    ids=["fine", "own code", "database", "system", "keyboard"],
)
def test_run_ends_as_the_gateway_does(
    sluice: Sluice,
    config: Path,
    monkeypatch: pytest.MonkeyPatch,
    ending: Callable[[], int],
    code: int,
    said: str,
) -> None:
    given: list[Config] = []

    def run(config: Config) -> int:
        given.append(config)
        return ending()

    stand_in(monkeypatch, run)
    ended = sluice("run", "-c", str(config))
    assert (ended.code, ended.err) == (code, said)
    assert given[0].xmpp.jid == "groups.example.org"


def test_a_mistake_of_ours_is_not_hidden(
    sluice: Sluice, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(monkeypatch, lambda _: fails(KeyError()))
    with pytest.raises(KeyError):
        sluice("run", "-c", str(config))


def test_python_m_gateway_is_sluice(config: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "gateway", "check", "-c", str(config)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (
        0,
        f"{config}: nothing is wrong\n",
        "",
    )


def test_whoever_reads_the_output_may_stop_reading() -> None:
    """The pipe is closed before anything is written to it."""
    shell = f"set -o pipefail; (sleep 0.5; {sys.executable} -m gateway version) | true"
    ended = subprocess.run(
        ["bash", "-c", shell],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert (ended.returncode, ended.stderr) == (0, "")


def stand_in(monkeypatch: pytest.MonkeyPatch, run: Callable[[Config], int]) -> None:
    """Have `run` in the place of the gateway."""
    module = ModuleType("gateway.run")
    vars(module)["run"] = run
    monkeypatch.setitem(sys.modules, "gateway.run", module)


def fails(error: BaseException) -> int:
    raise error


@pytest.mark.parametrize("command", ["run", "check"])
@pytest.mark.parametrize("version", ["0.4.1", "0.5.0", "1.0"])
def test_a_slidge_that_was_not_tested_is_refused_before_anything_is_done(
    config: Path, tmp_path: Path, command: str, version: str
) -> None:
    info = tmp_path / "path" / f"slidge-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: slidge\nVersion: {version}\n")
    ended = subprocess.run(
        [sys.executable, "-m", "gateway", command, "-c", str(config)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
        env=os.environ | {"PYTHONPATH": str(info.parent)},
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == (
        f"slidge {version} is installed, with which Sluice was not tested: "
        "install 0.4.2 or later, before 0.5\n"
    )
    assert not (config.parent / "sluice.sqlite").exists()
