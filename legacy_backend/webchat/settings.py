"""What can be set about a web chat, each fact once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

OPTIONS: Mapping[str, tuple[type, Any, str]] = {
    "listen": (str, "127.0.0.1", "The address to serve the page and the API at."),
    "port": (int, 8067, "The TCP port for it; 0 picks a free one."),
    "public_url": (str, "", "Where browsers reach it, if not at that address and port."),
    "frame_ancestors": (
        str,
        "",
        "Origins whose pages may show it in a frame, with spaces between them; none if empty.",
    ),
    "behind_proxy": (bool, False, "Take a client's address from X-Forwarded-For."),
    "database": (str, "sqlite:///webchat.sqlite", "Where it keeps everything: an SQLAlchemy URL."),
    "guests": (bool, True, "Let people in who give a name and no password."),
    "registration": (bool, True, "Let people make accounts on the page."),
    "session_days": (int, 30, "Days after which one has to log in again; a guest, one day."),
    "max_message": (int, 5000, "Most characters in a message."),
    "max_group_name": (int, 80, "Most characters in the name of a group."),
    "max_upload": (int, 10_000_000, "Most bytes in an uploaded file."),
    "max_picture": (int, 2_000_000, "Most bytes in an uploaded group picture."),
    "rate": (int, 10, "Requests that change something, a second and session; 0 is no limit."),
    "rate_burst": (int, 60, "How many of them may come at once."),
    "pending_events": (int, 1000, "Events that wait for a busy gateway before posting waits too."),
}

_ORIGIN = re.compile(r"https?://[a-z0-9-]+(\.[a-z0-9-]+)*(:[0-9]{1,5})?", re.ASCII | re.IGNORECASE)


def problems(options: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is wrong with options whose types are right: (option, words that go on from it)."""
    for origin in options.get("frame_ancestors", "").split():
        if not _ORIGIN.fullmatch(origin):  # nothing else gets into a header
            yield "frame_ancestors", f"is origins such as https://example.org, not {origin!r}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The options, as values. Sizes in bytes, lengths in characters."""

    listen: str
    port: int
    public_url: str
    frame_ancestors: str
    behind_proxy: bool
    database: str
    guests: bool
    registration: bool
    session_days: int
    max_message: int
    max_group_name: int
    max_upload: int
    max_picture: int
    rate: int
    rate_burst: int
    pending_events: int

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Settings:
        """What `options` says, defaults where it says nothing.

        Raises ValueError with what is wrong.
        """
        for key, words in problems(options):
            raise ValueError(f"{key} {words}")
        return cls(**{key: options.get(key, default) for key, (_, default, _) in OPTIONS.items()})

    @property
    def public_origin(self) -> str:
        """Scheme, host and port of `public_url`, "" if that is not set."""
        if not self.public_url:
            return ""
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def secure(self) -> bool:
        """Whether browsers come by https, so that cookies may ask for it."""
        return self.public_url.startswith("https:")
