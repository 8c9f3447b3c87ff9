"""Loading a slidge plugin, with its options where it looks for them."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from gateway import seam
from gateway.config.plugin_options import settle
from gateway.errors import ConfigError


def load_plugin(name: str, options: Mapping[str, Any]) -> ModuleType:
    """Import a plugin so that it finds our groups, and set its options: names of its `config`
    module, or `Config` class.

    Raises ConfigError for options that it does not have or take, or misses.
    """
    seam.install()
    module = importlib.import_module(name)
    target = getattr(module, "config", None) or getattr(module, "Config", None)
    settled, wrong = settle(options, target)
    if wrong:
        raise ConfigError([f"network.options.{key} {words}" for key, words in wrong])
    for key, value in settled.items():
        setattr(target, key, value)
    return module
