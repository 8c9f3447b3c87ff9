"""Kinds of text that a setting can want, each with the check that says what is wrong.

A check returns the text as the program uses it, or raises ValueError with words that go on from
the setting's name: "is not a web address, …".
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from pydantic import AfterValidator, BeforeValidator, ValidationInfo
from slixmpp.jid import JID, InvalidJID


def _jid(text: str) -> JID:
    try:
        return JID(text)
    except InvalidJID:
        return JID("")


def component_jid(text: str) -> str:
    """A domain of its own: what XEP-0114 lets a component have."""
    jid = _jid(text)
    if not jid.domain or jid.local or jid.resource:
        raise ValueError(f'is a domain, such as "groups.example.org", not "{text}"')
    return str(jid)


def bare_jid(text: str) -> str:
    """A person's address, without resource."""
    jid = _jid(text)
    if not jid.local or jid.resource:
        raise ValueError(f'is an address, such as "ada@example.org", not "{text}"')
    return str(jid)


def service_jid(text: str) -> str:
    """Any address, or "" for none."""
    jid = _jid(text)
    if text and not jid.domain:
        raise ValueError(f'is an address, such as "upload.example.org", not "{text}"')
    return str(jid)


def pattern(text: str) -> str:
    """A regular expression."""
    try:
        re.compile(text)
    except re.error as wrong:
        raise ValueError(f"is not a regular expression: {wrong}") from None
    return text


def listen_address(text: str) -> str:
    """Where to listen: a host and a port, "" for nowhere. A port alone is one of this machine's
    loopback address."""
    host, colon, port = text.rpartition(":")
    if not text:
        return ""
    host = host if colon else "127.0.0.1"
    good = port.isascii() and port.isdecimal() and 0 < int(port) < 65536
    if not good or not host or (":" in host and not re.fullmatch(r"\[[0-9a-fA-F:.]+\]", host)):
        raise ValueError(f'is an address and a port, such as "127.0.0.1:9280", not "{text}"')
    return f"{host}:{int(port)}"


def web_address(text: str) -> str:
    """An http or https URL, or "" for none."""
    if text:
        try:
            parts = urlsplit(text)
            good = parts.scheme in ("http", "https") and bool(parts.hostname)
            parts.port  # noqa: B018  # raises for one that is no number
        except ValueError:
            good = False
        if not good:
            raise ValueError(f'is a web address, such as "https://example.org/x/", not "{text}"')
    return text


def anchored(path: str, folder: Path | None) -> Path:
    """`path` as seen from the configuration file's folder; None leaves it as it is."""
    own = Path(path).expanduser()
    return own if folder is None else folder / own


def anchored_url(url: str, folder: Path | None) -> str:
    """A database URL in which the path of an SQLite file is absolute; any other as it is."""
    parsed = sa.make_url(url)
    path = parsed.database if parsed.get_backend_name() == "sqlite" else None
    if path and folder is not None and not path.startswith((":memory:", "file:")):
        parsed = parsed.set(database=str(anchored(path, folder)))
    return parsed.render_as_string(hide_password=False)


def database_url(text: str, info: ValidationInfo) -> str:
    """An SQLAlchemy URL of an SQLite file or a PostgreSQL database."""
    text = re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", text)
    try:
        url = sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError):
        raise ValueError(
            "is not a database URL, such as sqlite:///sluice.sqlite "
            "or postgresql://user:password@host/name"
        ) from None
    if url.drivername in ("sqlite", "sqlite+pysqlite"):
        if url.database in (None, "", ":memory:"):
            raise ValueError(
                "is a database in memory, which would forget everything; "
                "name a file: sqlite:///sluice.sqlite"
            )
    elif url.drivername == "postgresql+psycopg":
        if not url.database:
            raise ValueError("names no database: postgresql://user:password@host/name")
    else:
        raise ValueError(f"is for SQLite or PostgreSQL, not for {url.drivername}")
    return anchored_url(text, _folder(info))


def _folder(info: ValidationInfo) -> Path | None:
    return (info.context or {}).get("folder")


def _path(value: Any, info: ValidationInfo) -> Any:
    if not isinstance(value, str):
        raise ValueError(f"is a path in quotes, not {value!r}")  # for pydantic
    return anchored(value, _folder(info)) if value else None


def _folder_path(value: Any, info: ValidationInfo) -> Any:
    if value == "":
        raise ValueError("is empty; name a folder")
    return _path(value, info)


ComponentJid = Annotated[str, AfterValidator(component_jid)]
BareJid = Annotated[str, AfterValidator(bare_jid)]
ServiceJid = Annotated[str, AfterValidator(service_jid)]
ListenAddress = Annotated[str, AfterValidator(listen_address)]
Pattern = Annotated[str, AfterValidator(pattern)]
WebAddress = Annotated[str, AfterValidator(web_address)]
DatabaseUrl = Annotated[str, AfterValidator(database_url)]
FilePath = Annotated[Path | None, BeforeValidator(_path)]
"""Written as text, relative to the configuration file's folder; "" is None."""
FolderPath = Annotated[Path, BeforeValidator(_folder_path)]
"""As FilePath, and has to be given."""
