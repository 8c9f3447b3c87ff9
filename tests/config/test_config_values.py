"""What a configuration that is fine comes to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from gateway.config import Archive, Config, Network, Users, Xmpp

Read = Callable[..., Config]


def test_defaults_fill_what_is_not_there(enough: str, read: Read, tmp_path: Path) -> None:
    config = read(enough)
    assert (config.xmpp.host, config.xmpp.port) == ("127.0.0.1", 5347)
    assert config.archive == Archive(page_default=50, page_max=250, keep_days=0)
    assert config.file == tmp_path / "config.toml"


def test_nothing_can_be_changed_afterwards(enough: str, read: Read) -> None:
    config = read(enough)
    with pytest.raises(ValidationError):
        config.archive.page_max = 1


def test_paths_are_relative_to_the_folder_of_the_file(
    enough: str, read: Read, tmp_path: Path
) -> None:
    config = read(
        enough + "[log]\nfile = 'sluice.log'\n"
        "[attachments]\nno_upload_path = '/srv/files'\nno_upload_url_prefix = 'https://x/'\n"
    )
    assert config.database.url == f"sqlite:///{tmp_path}/sluice.sqlite"
    assert config.files.folder == tmp_path / "files"
    assert config.log.file == tmp_path / "sluice.log"
    assert config.attachments.no_upload_path == Path("/srv/files")


@pytest.mark.parametrize(
    ("written", "used"),
    [
        ("sqlite:///data/x.db?timeout=5", "sqlite:///{folder}/data/x.db?timeout=5"),
        ("sqlite:////var/x.db", "sqlite:////var/x.db"),
        ("postgresql://u:p%40@h:5/d", "postgresql+psycopg://u:p%40@h:5/d"),
        ("postgres://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgresql+psycopg:///d", "postgresql+psycopg:///d"),
    ],
)
def test_database_urls(enough: str, read: Read, tmp_path: Path, written: str, used: str) -> None:
    config = read(f"{enough}[database]\nurl = '{written}'\n")
    assert config.database.url == used.format(folder=tmp_path)


def test_options_of_a_network_are_complete(enough: str, read: Read, tmp_path: Path) -> None:
    config = read(enough + "[network.options]\nport = 1\n")
    assert config.network.options == {
        "host": "127.0.0.1",
        "port": 1,
        "open": False,
        "api_token": "",
        "store": f"sqlite:///{tmp_path}/quiet.sqlite",
    }
    assert config.network.backend_class.NAME == "Quiet"


def test_options_of_a_plugin_are_its_own_affair(enough: str, read: Read) -> None:
    options = "[network.options]\nHOME-SERVER = 'x'\nlist = [1, 'a', true]\nratio = 0.5\n"
    config = read(enough.replace('backend = "quiet:Net"', 'plugin = "json"') + options)
    assert config.network.options == {"HOME-SERVER": "x", "list": [1, "a", True], "ratio": 0.5}


@pytest.mark.parametrize(
    ("pattern", "jid", "may"),
    [
        (r".*@example\.org", "ada@example.org", True),
        (r".*@example\.org", "ada@example.org.evil.net", False),
        (r".*@example\.org", "ada@examplesorg", False),
        (r"ada@.*|bao@x\.org", "bao@x.org.evil.net", False),
        (r".*@Example\.ORG", "ada@example.org", True),
        (r"(?i)(?x) .*@example\.org # everyone", "ada@example.org", True),
        (r"ada@example\.org$", "ada@example.org\n", False),
        (r"nobody@x", "boss@x", True),
    ],
)
def test_who_may_use_the_gateway(pattern: str, jid: str, may: bool) -> None:
    users = Users(allowed=pattern, admins=["boss@x"])
    assert users.allows(jid) is may
    if jid != "boss@x":
        # slidge asks with match
        assert (users.allowed_pattern.match(jid) is not None) is may


def test_a_configuration_can_be_put_together_in_a_program() -> None:
    config = Config(
        xmpp=Xmpp(jid="Groups.Example.org", secret="s"),
        network=Network(backend="quiet:Net"),
        users=Users(allowed=".*"),
    )
    assert config.xmpp.jid == "groups.example.org"
    assert config.rooms.history_max == 100


def test_no_secret_is_in_the_representation(enough: str, read: Read) -> None:
    config = read(enough + "[database]\nurl = 'postgresql://u:hunter2@h/d'\n")
    assert "s3cret" not in repr(config) + str(config)
    assert "hunter2" not in repr(config) + str(config)


@pytest.mark.parametrize(
    ("written", "used"),
    [
        ("", ""),
        ("9280", "127.0.0.1:9280"),
        ("127.0.0.1:09280", "127.0.0.1:9280"),
        ("[::1]:9280", "[::1]:9280"),
        ("metrics.example.org:9280", "metrics.example.org:9280"),
    ],
)
def test_where_figures_are_served(enough: str, read: Read, written: str, used: str) -> None:
    assert read(f"{enough}[metrics]\nlisten = '{written}'\n").metrics.listen == used
