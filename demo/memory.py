"""What a second start of the demo has to know of the first."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path


def _secret() -> str:
    return secrets.token_urlsafe(24)


@dataclass
class Memory:
    """Ports and passwords. Those that are 0 or missing are chosen anew."""

    page_port: int = 8280
    webchat_port: int = 8281
    c2s_port: int = 0
    component_port: int = 0
    http_port: int = 0
    component_secret: str = field(default_factory=_secret)
    password: str = field(default_factory=_secret)
    """Of the XMPP account of the demo."""
    host_password: str = field(default_factory=_secret)
    """Of whoever runs the group in the web chat."""


def recall(folder: Path) -> Memory:
    """What was remembered in this folder; defaults and new secrets for what was not."""
    try:
        known = json.loads(_file(folder).read_text())
    except FileNotFoundError:
        known = {}
    return Memory(**{name: known[name] for name in Memory.__dataclass_fields__ if name in known})


def remember(folder: Path, memory: Memory) -> None:
    """Keep it for the next start. Nobody else on the machine may read it."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    _file(folder).write_text(json.dumps(asdict(memory), indent=2) + "\n")


def _file(folder: Path) -> Path:
    return folder / "demo.json"
