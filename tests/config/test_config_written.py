"""The example file and the effective configuration, both written from the definitions."""

from __future__ import annotations

import itertools
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.config import Config, networks, write
from gateway.config.sections import SECTIONS

Read = Callable[..., Config]

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"


def test_the_example_file_is_what_the_definitions_say() -> None:
    assert EXAMPLE.read_text("utf-8") == write.example(), (
        "settings have changed: sluice config --example > config.example.toml"
    )


def test_the_example_loads_when_the_secret_is_filled_in(read: Read) -> None:
    config = read(write.example(), {"SLUICE_XMPP_SECRET": "s"})
    assert config.network.backend == "webchat"
    assert config.network.options.keys() == config.network.backend_class.OPTIONS.keys()


def test_the_example_still_loads_with_every_default_spelled_out(read: Read) -> None:
    spelled_out = re.sub(r"(?m)^#(?=[a-z_]+ = )", "", write.example())
    without_plugin = spelled_out.replace('plugin = ""\n', "")
    env = {"SLUICE_XMPP_SECRET": "s"}
    assert read(without_plugin, env) == read(write.example(), env)


def test_every_setting_is_in_the_example_with_words() -> None:
    lines = write.example().splitlines()
    named = {
        match[1] for line in lines if (match := re.match(r"(?:#?(?=\w+ = )|\[)([\w.]+)", line))
    }
    for name, kind in SECTIONS.items():
        assert name in named
        assert kind.model_fields.keys() - {"options"} <= named
    for above, line in itertools.pairwise(lines):
        if re.match(r"#?\w+ = ", line):
            assert above.startswith("# "), f"{line} is not explained"
    assert max(map(len, lines)) <= 100


def test_the_effective_configuration_shows_no_secret_and_can_be_read_again(
    enough: str, read: Read
) -> None:
    config = read(
        enough + "[network.options]\napi_token = 't0ken'\n"
        "[database]\nurl = 'postgresql://ada:hunter2@h/d?sslpassword=hunter3'\n"
    )
    text = write.effective(config)
    for secret in ("s3cret", "t0ken", "hunter2", "hunter3"):
        assert secret not in text
    assert "postgresql+psycopg://ada:********@h/d?sslpassword=********" in text
    again = read(text)
    assert again.xmpp.secret == write.MASK
    assert again.model_copy(update={"xmpp": config.xmpp, "database": config.database}) == (
        config.model_copy(update={"network": again.network})
    )


def test_the_effective_configuration_of_a_plugin(enough: str, read: Read) -> None:
    options = '[network.options]\nHOME-SERVER = "x"\n"odd key" = [1, "a", true]\nratio = 0.5\n'
    config = read(enough.replace('backend = "quiet:Net"', 'plugin = "json"') + options)
    assert tomllib.loads(write.effective(config))["network"]["options"] == config.network.options


@pytest.mark.parametrize(
    "value",
    ["", "a\\d'b", r"a\d", 'é"\n\t\x00\x7f\x1f', "'", "\\", [], ["a", 1, True], 0, -3, True, 1.5],
    ids=repr,
)
def test_values_are_read_back_as_they_were(value: Any) -> None:
    assert tomllib.loads(f"a = {write._value(value)}")["a"] == value


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("token", True),
        ("API_KEY", True),
        ("admin_password", True),
        ("keyboard", False),
        ("token_lifetime", False),
        ("monkey", False),
    ],
)
def test_which_options_are_secret(name: str, secret: bool) -> None:
    assert networks.is_secret(name) is secret
