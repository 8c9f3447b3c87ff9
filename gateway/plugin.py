"""Loading a slidge plugin, with its options where it looks for them."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from gateway import seam

log = logging.getLogger(__name__)


def load_plugin(name: str, options: Mapping[str, Any]) -> ModuleType:
    """Import a plugin so that it finds our groups, and set its options.

    A plugin's options are the capitalised names of its `config` module (or `Config` class), as
    slidge has it; unknown ones are logged.
    """
    seam.install()
    module = importlib.import_module(name)
    target = getattr(module, "config", None) or getattr(module, "Config", None)
    for key, value in options.items():
        attribute = key.upper().replace("-", "_")
        if target is None or not (
            hasattr(target, attribute) or attribute in getattr(target, "__annotations__", {})
        ):
            log.warning("the plugin %s has no option %s", name, key)
            continue
        setattr(target, attribute, value)
    return module
