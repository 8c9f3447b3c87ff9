"""What a network itself finds wrong with its options is told like everything else."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.config import parse
from gateway.errors import ConfigError

TEXT = """
[xmpp]
jid = "gw.example.org"
secret = "s"
[users]
allowed = ".*"
[network]
backend = "webchat"
[network.options]
frame_ancestors = "https://example.org; script-src *"
"""


def test_a_value_that_the_network_refuses_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"config\.toml:10: network\.options\.frame_ancestors is"):
        parse(TEXT, tmp_path / "config.toml", {})
