"""What it takes to look after the archive, beside a gateway that runs or without one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.archive import Archive, Gaps
from gateway.database import Database
from gateway.store import Store
from gateway.upkeep.files import OwnFiles

if TYPE_CHECKING:
    from gateway.config import Config

Progress = Callable[[int, int], None]
"""Told how much is done, and of how much; 0 if that is not known."""


def unseen(_done: int, _total: int) -> None:
    """The progress of what nobody looks at."""


@dataclass(frozen=True, slots=True)
class Tools:
    """`domain` is the gateway's own, by which rooms are named. `files` are those that the gateway
    serves itself, None if it does not. `folder` is where admins may have files written and read by
    command, None for nowhere."""

    database: Database
    domain: str
    files: OwnFiles | None = None
    folder: Path | None = None

    @classmethod
    def of(cls, config: Config, database: Database) -> Tools:
        """Those of a configuration."""
        served, prefix = config.attachments.no_upload_path, config.attachments.no_upload_url_prefix
        files = OwnFiles(served, prefix) if served is not None else None
        return cls(database, config.xmpp.jid, files, config.archive.admin_folder)

    @property
    def archive(self) -> Archive:
        return Archive(self.database)

    @property
    def gaps(self) -> Gaps:
        return Gaps(self.database)

    @property
    def store(self) -> Store:
        return Store(self.database)
