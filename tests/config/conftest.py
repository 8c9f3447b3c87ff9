"""A small network with one option of each type, and a short way to a configuration."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import ClassVar

import pytest

from gateway.config import Config, parse
from gateway.errors import ConfigError
from legacy_backend.api import LegacyBackend
from legacy_backend.values import LoginField

ENOUGH = """\
[xmpp]
jid = "groups.example.org"
secret = "s3cret"
[network]
backend = "quiet:Net"
[users]
allowed = '.*@example\\.org'
"""


class Net(LegacyBackend):
    NAME = "Quiet"
    OPTIONS: ClassVar = {
        "host": (str, "127.0.0.1", "Where it listens."),
        "port": (int, 8080, "The port."),
        "open": (bool, False, "Whether anyone may come."),
        "api_token": (str, "", "What it asks for."),
        "store": (str, "sqlite:///quiet.sqlite", "Its database."),
    }


class Strict(LegacyBackend):
    OPTIONS: ClassVar = {"server": (str, None, "The server's name.")}
    LOGIN_FIELDS = (LoginField(name="password", label="Your password"),)


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("quiet")
    vars(module).update(Net=Net, Strict=Strict, nothing=1)
    monkeypatch.setitem(sys.modules, "quiet", module)


@pytest.fixture
def enough() -> str:
    """The least that a configuration needs."""
    return ENOUGH


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Config]:
    """Parse a text as if it stood in config.toml of a folder."""

    def read(text: str, env: Mapping[str, str] | None = None) -> Config:
        return parse(dedent(text), tmp_path / "config.toml", env or {})

    return read


@pytest.fixture
def wrong(read: Callable[..., Config], tmp_path: Path) -> Callable[..., list[str]]:
    """What is said about a text, without the folder."""

    def wrong(text: str, env: Mapping[str, str] | None = None) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            read(text, env)
        return str(caught.value).replace(f"{tmp_path}/", "").splitlines()

    return wrong
