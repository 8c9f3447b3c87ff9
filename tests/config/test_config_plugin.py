"""The options of slidge plugins are those of their `config` modules, which say what they want."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from gateway.config import Config
from gateway.config.plugin_options import options_of
from gateway.errors import ConfigError
from gateway.plugin import load_plugin

Read = Callable[..., Config]
Wrong = Callable[..., list[str]]

OPTIONS = """
    from pathlib import Path

    _NOTE = "no option"
    lower = "nor this"

    HOMESERVER: str
    HOMESERVER__DOC = "Where people are."
    HISTORY_MAX = 100
    HISTORY_MAX__DOC = "How far back."
    HISTORY_MAX__SHORT = "m"
    ANSWER_ALL = False
    RATIO = 0.5
    API_TOKEN: str | None = None
    CACHE__DYNAMIC_DEFAULT = True
    CACHE: Path
    ROOMS: tuple[str, ...] = ()
    """


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Install a plugin with this config module; importing the plugin itself would be noticed."""

    def plugin(config: str = OPTIONS, init: str = "raise AssertionError", name: str = "zoo") -> str:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "__init__.py").write_text(init)
        (folder / "config.py").write_text(dedent(config))
        monkeypatch.syspath_prepend(str(tmp_path))
        monkeypatch.delitem(sys.modules, name, raising=False)
        monkeypatch.delitem(sys.modules, f"{name}.config", raising=False)
        return name

    return plugin


@pytest.fixture
def served(enough: str) -> str:
    """A configuration with that plugin, to be followed by its options."""
    return enough.replace('backend = "quiet:Net"', 'plugin = "zoo"') + "[network.options]\n"


GIVEN = "homeserver = 'h'\n"
SLIP = (
    "10: network.options.histry_max is not an option of this plugin; these are: answer_all, "
    "api_token, cache, history_max, homeserver, ratio, rooms. Did you mean history_max?"
)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (f"{GIVEN}histry_max = 5\n", SLIP),
        (f"{GIVEN}history_max__doc = 'x'\n", "10: network.options.history_max__doc is not an"),
        (f"{GIVEN}lower = 'x'\n", "10: network.options.lower is not an option"),
        (
            f"{GIVEN}history_max = '5'\n",
            '10: network.options.history_max is a whole number, not "5',
        ),
        (
            f"{GIVEN}history_max = true\n",
            "10: network.options.history_max is a whole number, not t",
        ),
        (f"{GIVEN}answer_all = 1\n", "10: network.options.answer_all is true or false, not 1"),
        (f"{GIVEN}cache = 1\n", "10: network.options.cache is text in quotes, not 1"),
        (f"{GIVEN}rooms = 'a'\n", "10: network.options.rooms is a list, such as"),
        (f"{GIVEN}rooms = [1]\n", "10: network.options.rooms is text in quotes, not 1"),
        ("ratio = 1\n", "8: network.options.homeserver is missing: Where people are."),
        (f"{GIVEN}ratio = {{a = 1}}\n", "10: network.options.ratio is text, a number, true, false"),
    ],
)
def test_what_is_wrong_with_an_option_is_told_without_importing_the_plugin(
    plugin: Callable[..., str], served: str, wrong: Wrong, options: str, said: str
) -> None:
    plugin()
    (told,) = wrong(served + options)
    assert told.startswith(f"config.toml:{said}")


def test_options_that_are_right_are_taken_and_secrets_may_be_elsewhere(
    plugin: Callable[..., str], served: str, read: Read
) -> None:
    plugin()
    options = f"{GIVEN}Answer-All = true\nratio = 1\ncache = '/x'\nrooms = ['a']\n"
    config = read(served + options, {"SLUICE_NETWORK_OPTIONS_API_TOKEN": "t0p"})
    assert config.network.options["Answer-All"] is True
    assert config.network.options["api_token"] == "t0p"


def test_a_plugin_finds_its_options_in_the_types_that_it_declares(
    plugin: Callable[..., str],
) -> None:
    name = plugin(init="from . import config", name="zoo_typed")
    given = {"homeserver": "h", "ratio": 1, "cache": "/x", "rooms": ["a"], "History-Max": 7}
    config = load_plugin(name, given).config
    assert (config.HOMESERVER, config.HISTORY_MAX, config.ANSWER_ALL) == ("h", 7, False)
    assert Path("/x") == config.CACHE
    assert (type(config.RATIO), config.ROOMS) == (float, ["a"])


def test_options_in_a_class_are_checked_at_the_start(plugin: Callable[..., str]) -> None:
    name = plugin(init="class Config:\n    SIZE = 1\n", config="1 / 0", name="zoo_class")
    with pytest.raises(ConfigError, match=r"network\.options\.sise is not an .*mean size\?"):
        load_plugin(name, {"sise": 2})
    assert load_plugin(name, {"size": 2}).Config.SIZE == 2


@pytest.mark.parametrize("config", ["1 / 0", "from . import other", "from zoo.x import y"])
def test_a_config_module_that_does_nothing_alone_is_left_for_the_start(
    plugin: Callable[..., str], served: str, read: Read, config: str
) -> None:
    plugin(config=config)
    assert read(served + "anything = 1\n").network.options == {"anything": 1}


def test_names_that_say_more_of_an_option_are_none() -> None:
    class Config:
        SIZE = 1
        SIZE__DOC = "How big."
        SIZE__SHORT = "s"
        NAME__DYNAMIC_DEFAULT = True
        NAME: str

    assert {name: option.required for name, option in options_of(Config).items()} == {
        "name": False,
        "size": False,
    }
