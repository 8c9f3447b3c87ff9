"""Each mistake that a configuration can have, and the line that tells of it."""
# ruff: noqa: E501  # a message stands on one line, as it is printed

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.config import load
from gateway.errors import ConfigError

Wrong = Callable[..., list[str]]

ONE_MISTAKE = [
    # an unknown name
    ("[archive]\npage_mx = 1", "10: archive.page_mx is not a setting; these are: page_default, page_max, keep_days, admin_folder, backfill_first, backfill_pages_per_minute. Did you mean page_max?"),
    ("[mirrors]\nlocal_first = ['c.example']", "10: mirrors.local_first has c.example, which is none of masters"),
    ("[archive]\nzebra = 1", "10: archive.zebra is not a setting; these are: page_default, page_max, keep_days, admin_folder, backfill_first, backfill_pages_per_minute"),
    ("[log]\npage_max = 1", "10: log.page_max is not a setting; it belongs in [archive]"),
    ("[logs]\nlevel = 'info'", "9: logs is not a section; these are: xmpp, network, users, database, rooms, limits, archive, presence, contacts, attachments, mirrors, metrics, files, log. Did you mean log?"),
    ("[[archive]]\npage_max = 1", "9: archive is a section: write [archive], and its settings below that"),
    # a wrong type
    ("[archive]\npage_max = '100'", '10: archive.page_max is a whole number, not "100"'),
    ("[archive]\npage_max = 1.5", "10: archive.page_max is a whole number, not 1.5"),
    ("[archive]\npage_max = true", "10: archive.page_max is a whole number, not true"),
    ("[database]\ndurable = 'yes'", '10: database.durable is true or false, not "yes"'),
    ("[database]\ndurable = 1", "10: database.durable is true or false, not 1"),
    ("[attachments]\nupload_service = 5", "10: attachments.upload_service is text in quotes, not 5"),
    ("[attachments]\nno_upload_path = 5", "10: attachments.no_upload_path is a path in quotes, not 5"),
    # a bound
    ("[archive]\n\npage_max = 5000", "11: archive.page_max is at most 1000, not 5000"),
    ("[archive]\npage_max = 0", "10: archive.page_max is at least 1, not 0"),
    ("[archive]\nkeep_days = -1", "10: archive.keep_days is at least 0, not -1"),
    ("[archive]\nkeep_days = 99999999999999999999999", "10: archive.keep_days is at most 36500, not 99999999999999999999999"),
    ("[log]\nlevel = 'loud'", '10: log.level is one of debug, info, warning or error, not "loud"'),
    # a text of the wrong kind
    ("[attachments]\nupload_service = 'a@b@c'", '10: attachments.upload_service is an address, such as "upload.example.org", not "a@b@c"'),
    ("[attachments]\nupload_url_prefix = 'ftp://x'", '10: attachments.upload_url_prefix is a web address, such as "https://example.org/x/", not "ftp://x"'),
    ("[attachments]\nupload_url_prefix = 'https://x:yz'", '10: attachments.upload_url_prefix is a web address, such as "https://example.org/x/", not "https://x:yz"'),
    ("[database]\nurl = 'sluice.sqlite'", "10: database.url is not a database URL, such as sqlite:///sluice.sqlite or postgresql://user:password@host/name"),
    ("[database]\nurl = 'sqlite://'", "10: database.url is a database in memory, which would forget everything; name a file: sqlite:///sluice.sqlite"),
    ("[database]\nurl = 'mysql://u:p@h/d'", "10: database.url is for SQLite or PostgreSQL, not for mysql"),
    ("[database]\nurl = 'postgresql://host'", "10: database.url names no database: postgresql://user:password@host/name"),
    ("[files]\nfolder = ''", "10: files.folder is empty; name a folder"),
    ("[metrics]\nlisten = ':9280'", '10: metrics.listen is an address and a port, such as "127.0.0.1:9280", not ":9280"'),
    ("[metrics]\nlisten = '127.0.0.1'", '10: metrics.listen is an address and a port, such as "127.0.0.1:9280", not "127.0.0.1"'),
    ("[metrics]\nlisten = '::1:9280'", '10: metrics.listen is an address and a port, such as "127.0.0.1:9280", not "::1:9280"'),
    ("[metrics]\nlisten = '127.0.0.1:70000'", '10: metrics.listen is an address and a port, such as "127.0.0.1:9280", not "127.0.0.1:70000"'),
    # two settings that do not go together
    ("[archive]\npage_max = 10", "9: archive.page_default is at most archive.page_max, which is 10, not 50"),
    ("[attachments]\nno_upload_path = 'x'", "10: attachments.no_upload_path needs attachments.no_upload_url_prefix beside it"),
    ("[attachments]\nno_upload_url_prefix = 'http://x/'", "10: attachments.no_upload_url_prefix needs attachments.no_upload_path beside it"),
    # the network's own settings
    ("[network.options]\nprot = 1", "10: network.options.prot is not a setting of this network; these are: host, port, open, api_token, store. Did you mean port?"),
    ("[network.options]\nport = '1'", '10: network.options.port is a whole number, not "1"'),
    ("[network.options]\nport = true", "10: network.options.port is a whole number, not true"),
    ("[network.options]\nopen = 1", "10: network.options.open is true or false, not 1"),
    ("[network.options]\nhost = ['a']", '10: network.options.host is text in quotes, not ["a"]'),
    ("[network.options]\napi_token = 12345", "10: network.options.api_token is text in quotes, not this"),
]  # fmt: skip


@pytest.mark.parametrize(("added", "said"), ONE_MISTAKE, ids=[said for _, said in ONE_MISTAKE])
def test_one_mistake_is_one_line(enough: str, wrong: Wrong, added: str, said: str) -> None:
    assert wrong(f"{enough}\n{added}\n") == [f"config.toml:{said}"]


OTHER_START = [
    ('jid = "groups.example.org"', "", "1: xmpp.jid is missing: The gateway's own address: a domain that the server has as a component."),
    ("groups.example.org", "ada@example.org", '2: xmpp.jid is a domain, such as "groups.example.org", not "ada@example.org"'),
    ("groups.example.org", "", '2: xmpp.jid is a domain, such as "groups.example.org", not ""'),
    ('secret = "s3cret"', "", "1: xmpp.secret is missing: give it as xmpp.secret, as xmpp.secret_file, or in the environment as SLUICE_XMPP_SECRET"),
    ('"s3cret"', "12345", "3: xmpp.secret is text in quotes, not this"),
    (r"'.*@example\.org'", "'*@example.org'", "7: users.allowed is not a regular expression: nothing to repeat at position 0"),
    (r"allowed = '.*@example\.org'", "", "6: users.allowed is missing: Who may use the gateway at all: a regular expression that has to match a whole address without its resource. Letter case does not matter."),
    ('backend = "quiet:Net"', "", "4: network.backend is missing: this or plugin says which network to bridge"),
    ('backend = "quiet:Net"', 'backend = "quiet:Net"\nplugin = "json"', "6: network.plugin cannot stand beside backend: keep the one that is meant"),
    ('backend = "quiet:Net"', 'backend = "webcat"', '5: network.backend is no network that is installed: "webcat"; these are: webchat, xmpp (or module:Class). Did you mean webchat?'),
    ("quiet:Net", "quiet:nothing", "5: network.backend is not a network: quiet:nothing is no LegacyBackend"),
    ("quiet:Net", "quiet:Nett", "5: network.backend is \"quiet:Nett\", which cannot be loaded: module 'quiet' has no attribute 'Nett'"),
    ("quiet:Net", "no_such_module:X", "5: network.backend is \"no_such_module:X\", which cannot be loaded: No module named 'no_such_module'"),
    ("quiet:Net", "quiet:Strict", "4: network.options.server is missing: The server's name."),
    ('backend = "quiet:Net"', 'plugin = "matrigde"', '5: network.plugin is not installed: there is no module "matrigde"'),
    ('backend = "quiet:Net"', 'plugin = "../x y"', '5: network.plugin is not installed: there is no module "../x y"'),
    ('backend = "quiet:Net"', 'plugin = "json"\noptions.day = 1979-05-27', '6: network.options.day is text, a number, true, false or a list of these, not "1979-05-27"'),
    ('backend = "quiet:Net"', 'plugin = "json"\noptions = 3', "6: network.options is a table, not 3"),
    ("[users]", "[users]\nadmins = 'ada@x'", '7: users.admins is a list, such as ["one", "two"], not "ada@x"'),
    ("[users]", "[users]\nadmins = [\n'ada@x',\n'bao']", '9: users.admins[1] is an address, such as "ada@example.org", not "bao"'),
    ("[xmpp]", "page_max = 5\n[xmpp]", "1: page_max stands outside of its section, [archive]"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "said"), OTHER_START, ids=[said for _, _, said in OTHER_START]
)
def test_a_mistake_in_what_has_to_be_there(
    enough: str, wrong: Wrong, old: str, new: str, said: str
) -> None:
    assert old in enough
    assert wrong(enough.replace(old, new)) == [f"config.toml:{said}"]


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(wrong: Wrong) -> None:
    told = wrong("""\
        [xmpp]
        jid = "groups.example.org"
        port = 0
        [network]
        backend = "quiet:Net"
        options = { port = "x", zebra = 1 }
        [users]
        allowed = "("
        [zebra]
        """)
    assert [line.split(" is ")[0] for line in told] == [
        "config.toml:1: xmpp.secret",
        "config.toml:3: xmpp.port",
        "config.toml:6: network.options.port",
        "config.toml:6: network.options.zebra",
        "config.toml:8: users.allowed",
        "config.toml:9: zebra",
    ]


def test_an_empty_file_lacks_what_is_required(wrong: Wrong) -> None:
    told = [line.split(" is missing")[0] for line in wrong("")]
    assert told == [
        f"config.toml:1: {key}"
        for key in ("network.backend", "users.allowed", "xmpp.jid", "xmpp.secret")
    ]


def test_registering_by_itself_needs_a_network_without_credentials(
    enough: str, wrong: Wrong
) -> None:
    text = enough.replace("Net", "Strict") + "auto_register = true\n[network.options]\nserver='x'"
    assert wrong(text) == ["config.toml:8: users.auto_register needs a network without credentials"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = 1\nb = ", "2: this is not TOML: Invalid value at the end of the file"),
        ("a = 1\nb 2\n", "2: this is not TOML: Expected '=' after a key in a key/value pair at column 3"),
        ("[a]\n[a]\n", "2: this is not TOML: Cannot declare ('a',) twice at column 3"),
        ("[" * 5000, "1: this is not TOML"),
        ("a = " + "[" * 100000, "1: this is nested too deeply"),
    ],
    ids=["end", "middle", "twice", "brackets", "deep"],
)  # fmt: skip
def test_text_that_is_not_toml(wrong: Wrong, text: str, said: str) -> None:
    (line,) = wrong(text)
    assert line.startswith(f"config.toml:{said}")


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / "none.toml", {})
    assert str(caught.value) == f"{tmp_path}/none.toml: cannot be read: No such file or directory"
    with pytest.raises(ConfigError, match="Is a directory"):
        load(tmp_path, {})


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_bytes(b"[xmpp]\njid = '\xff'\n")
    with pytest.raises(ConfigError, match=r"c\.toml:2: this is no text in UTF-8"):
        load(tmp_path / "c.toml", {})


def test_a_byte_order_mark_is_no_mistake(enough: str, tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text(enough, encoding="utf-8-sig")
    assert load(tmp_path / "c.toml", {}).xmpp.jid == "groups.example.org"


def test_a_secret_is_not_in_what_is_told(enough: str, wrong: Wrong) -> None:
    text = enough + "[database]\nurl = 'mysql://ada:hunter2@h/d'\n"
    assert "hunter2" not in "".join(wrong(text))
