"""Files that the gateway stores for a web server to serve (`[attachments] no_upload_path`)."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote
from xml.sax.saxutils import escape, unescape

_OOB = re.compile(r"<url>\s*([^<]+?)\s*</url>")
OOB = "jabber:x:oob"
"""What each message with a file has in it (XEP-0066), wherever the file is."""


def links(stanzas: Iterable[str]) -> set[str]:
    """The addresses of what is attached to these messages."""
    return {unescape(url) for stanza in stanzas for url in _OOB.findall(stanza)}


class OwnFiles:
    """The files in a folder, which are served under an address."""

    def __init__(self, folder: Path, prefix: str) -> None:
        self._folder = folder
        self._prefix = prefix.rstrip("/") + "/"
        self.mark = escape(self._prefix)
        """What stanzas that link to one of them have in them."""
        self._link = re.compile(re.escape(self.mark) + r"[^\s<>\"']+")

    def owns(self, url: str) -> bool:
        """Whether an address is under the one of these files."""
        return url.startswith(self._prefix)

    def linked(self, stanzas: Iterable[str]) -> set[Path]:
        """Those that stanzas link to, in whatever way, as far as they are there."""
        urls = {unescape(url) for stanza in stanzas for url in self._link.findall(stanza)}
        return {path for path in map(self.path_of, urls) if path is not None}

    def path_of(self, url: str) -> Path | None:
        """The file of an address; None if it is none of ours, or not there.

        People write what they like into messages: nothing outside of the folder is found.
        """
        if not self.owns(url):
            return None
        parts = unquote(url[len(self._prefix) :]).split("/")
        if any(part in ("", ".", "..") or "\0" in part for part in parts):
            return None
        path = self._folder.joinpath(*parts)
        if not path.parent.resolve().is_relative_to(self._folder.resolve()):
            return None
        return path if path.is_file() or path.is_symlink() else None

    def remove(self, paths: Iterable[Path]) -> int:
        """Remove files, and the folders that are empty then; how many files."""
        removed = 0
        for path in paths:
            with contextlib.suppress(FileNotFoundError):
                path.unlink()
                removed += 1
            for above in path.parents:
                if above == self._folder or not _removed(above):
                    break
        return removed


def _removed(folder: Path) -> bool:
    """Remove a folder, unless something is in it; whether it is gone."""
    try:
        folder.rmdir()
    except OSError:
        return False
    return True
