"""Secrets: in the file, in a file of their own, in the environment, and never in two places."""
# ruff: noqa: E501  # a message stands on one line, as it is printed

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.config import Config

Read = Callable[..., Config]
Wrong = Callable[..., list[str]]
FILE = {"SLUICE_XMPP_SECRET_FILE": "secret"}


@pytest.fixture
def bare(enough: str) -> str:
    """A configuration without the secret."""
    return enough.replace('secret = "s3cret"\n', "")


def test_from_the_environment(bare: str, read: Read) -> None:
    env = {"SLUICE_XMPP_SECRET": "from env", "SLUICE_DATABASE_URL": "postgresql://u:p@h/d"}
    config = read(bare, env)
    assert config.xmpp.secret == "from env"
    assert config.database.url == "postgresql+psycopg://u:p@h/d"


def test_from_a_file_whose_last_line_break_does_not_count(
    bare: str, read: Read, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text(" from a file \r\n")
    assert read(bare, FILE).xmpp.secret == " from a file "
    in_table = bare.replace("[xmpp]", '[xmpp]\nsecret_file = "secret"')
    assert read(in_table).xmpp.secret == " from a file "


def test_an_option_of_the_network(enough: str, read: Read, tmp_path: Path) -> None:
    env = {"SLUICE_NETWORK_OPTIONS_API_TOKEN": "t0ken", "SLUICE_NETWORK_OPTIONS_HOST": "no"}
    options = read(enough, env).network.options
    assert (options["api_token"], options["host"]) == ("t0ken", "127.0.0.1")
    (tmp_path / "token").write_text("t1\n")
    text = enough + "[network.options]\napi_token_file = 'token'\n"
    assert read(text).network.options["api_token"] == "t1"


def test_an_empty_one_is_none(enough: str, read: Read, wrong: Wrong) -> None:
    empty = enough.replace("s3cret", "")
    assert read(empty, {"SLUICE_XMPP_SECRET": "x"}).xmpp.secret == "x"
    assert read(enough, {"SLUICE_XMPP_SECRET": ""}).xmpp.secret == "s3cret"
    assert "xmpp.secret is missing" in wrong(empty)[0]


@pytest.mark.parametrize(
    ("added", "env", "said"),
    [
        (
            "",
            {"SLUICE_XMPP_SECRET": "x"},
            (
                "3: xmpp.secret is given more than once: by xmpp.secret and SLUICE_XMPP_SECRET of the "
                "environment; keep one"
            ),
        ),
        (
            "secret_file = 'x'\n",
            {},
            "3: xmpp.secret is given more than once: by xmpp.secret and xmpp.secret_file; keep one",
        ),
        (
            "secret_file = 'x'\n",
            {"SLUICE_XMPP_SECRET": "x", "SLUICE_XMPP_SECRET_FILE": "y"},
            (
                "3: xmpp.secret is given more than once: by xmpp.secret and xmpp.secret_file and "
                "SLUICE_XMPP_SECRET of the environment and SLUICE_XMPP_SECRET_FILE of the "
                "environment; keep one"
            ),
        ),
    ],
)
def test_more_than_one_is_a_mistake(
    enough: str, wrong: Wrong, added: str, env: dict[str, str], said: str
) -> None:
    text = enough.replace('secret = "s3cret"\n', f'secret = "s3cret"\n{added}')
    assert wrong(text, env) == [f"config.toml:{said}"]


def test_two_variables_are_told_at_the_line_of_the_section(bare: str, wrong: Wrong) -> None:
    (told,) = wrong(bare, {"SLUICE_XMPP_SECRET": "x"} | FILE)
    assert told.startswith("config.toml:1: xmpp.secret is given more than once")


def test_a_file_that_cannot_be_had(bare: str, wrong: Wrong, tmp_path: Path) -> None:
    text = bare.replace("[xmpp]", '[xmpp]\nsecret_file = "gone"')
    assert wrong(text) == [
        "config.toml:2: xmpp.secret_file cannot be read from gone: No such file or directory"
    ]
    assert wrong(bare, FILE) == [
        (
            "config.toml:1: xmpp.secret cannot be read from secret, which SLUICE_XMPP_SECRET_FILE of "
            "the environment names: No such file or directory"
        )
    ]
    (tmp_path / "gone").write_text("\n")
    assert wrong(text) == ["config.toml:2: xmpp.secret_file cannot be read from gone: it is empty"]
    (tmp_path / "gone").write_bytes(b"\xff")
    assert wrong(text)[0].endswith("that is no text in UTF-8")
    assert wrong(text.replace('"gone"', "5")) == [
        "config.toml:2: xmpp.secret_file is the path of a file, in quotes"
    ]


def test_of_an_option_of_the_network(enough: str, wrong: Wrong) -> None:
    text = enough + "[network.options]\napi_token = 'a'\napi_token_file = 'b'\n"
    assert wrong(text) == [
        (
            "config.toml:9: network.options.api_token is given more than once: by "
            "network.options.api_token and network.options.api_token_file; keep one"
        )
    ]
