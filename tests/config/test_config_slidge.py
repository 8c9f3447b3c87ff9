"""What slidge's core is told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from slidge.core import config as slidge
from slixmpp.jid import JID

from gateway.config import Config
from gateway.config.for_slidge import tell_slidge

Read = Callable[..., Config]

REQUIRED = {"LEGACY_MODULE", "SECRET", "JID", "HOME_DIR", "DB_URL", "USER_JID_VALIDATOR"}


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = dict(vars(slidge))
    yield
    vars(slidge).clear()
    vars(slidge).update(before)


def test_every_option_that_slidge_has_is_set_or_knowingly_left(enough: str, read: Read) -> None:
    left = {
        "DEV_MODE",  # a Python shell by chat
        "LOG_FILE",  # [log] is ours
        "LOG_FORMAT",
        "MAM_MAX_DAYS",  # only where keep_days is
    }
    for name in options():
        if hasattr(slidge, name) and name not in left:
            delattr(slidge, name)
    tell_slidge(read(enough))
    assert [name for name in options() if not hasattr(slidge, name)] == []


def test_defaults_are_slidges_own(enough: str, read: Read) -> None:
    before = dict(vars(slidge))
    tell_slidge(read(enough))
    ours = {"UPLOAD_REQUESTER", "SERVER"}  # where slidge fills in later what we say at once
    for name in set(options()) & before.keys() - ours - REQUIRED:
        assert vars(slidge)[name] == before[name], name


def test_addresses_are_addresses_and_the_pattern_matches_whole_ones(
    enough: str, read: Read
) -> None:
    tell_slidge(read(enough + "admins = ['Ada@Example.org']\n"))
    assert JID("ada@example.org").bare in slidge.ADMINS
    assert JID("groups.example.org") == slidge.JID
    pattern = re.compile(slidge.USER_JID_VALIDATOR)
    assert pattern.match("ada@example.org")
    assert not pattern.match("ada@example.org.evil.net")


def test_files_and_places(enough: str, read: Read, tmp_path: Path) -> None:
    tell_slidge(
        read(
            enough + "[attachments]\nno_upload_path = 'up'\n"
            "no_upload_url_prefix = 'https://example.org/up/'\n[archive]\nkeep_days = 3\n"
        )
    )
    told = vars(slidge)
    assert told["HOME_DIR"] == tmp_path / "files"
    assert told["DB_URL"] == f"sqlite:///{tmp_path}/sluice.sqlite"
    assert told["NO_UPLOAD_PATH"] == str(tmp_path / "up")
    # slidge puts a slash behind it
    assert told["NO_UPLOAD_URL_PREFIX"] == "https://example.org/up"
    assert told["MAM_MAX_DAYS"] == 3


def options() -> list[str]:
    words: dict[str, Any] = vars(slidge)
    return [name.removesuffix("__DOC") for name in words if name.endswith("__DOC")]
