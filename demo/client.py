"""The XMPP side of the page: Converse.js, where npm has installed it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
PLACES = (HERE / "node_modules", HERE.parent / ".demo" / "node_modules")


@dataclass(frozen=True)
class Account:
    """Who logs in where, and which room they are in."""

    jid: str
    password: str
    websocket: str
    bosh: str
    room: str
    nick: str
    host: str
    c2s_port: int

    def in_words(self) -> str:
        """What to type into any XMPP client on this machine."""
        return "\n".join(
            (
                f"  address   {self.jid}",
                f"  password  {self.password}",
                f"  server    {self.host}, port {self.c2s_port}, no encryption",
                f"  room      {self.room}",
            )
        )

    def for_converse(self) -> dict[str, object]:
        """The settings of Converse.js."""
        return {
            "allow_logout": False,
            "assets_path": "/converse/",
            "authentication": "login",
            "auto_away": 0,
            "auto_join_rooms": [{"jid": self.room, "nick": self.nick}],
            "auto_login": True,
            "auto_reconnect": True,
            # Encryption of groups is none of the gateway's, and its library wants a secure page.
            "blacklisted_plugins": ["converse-omemo"],
            "bosh_service_url": self.bosh,
            "discover_connection_methods": False,
            "i18n": "en",
            "jid": self.jid,
            "muc_history_max_stanzas": 100,
            "nickname": self.nick,
            "password": self.password,
            "persistent_store": "none",
            "play_sounds": False,
            "show_background": False,
            "show_desktop_notifications": False,
            "singleton": True,
            "view_mode": "fullscreen",
            "websocket_url": self.websocket,
        }


def converse() -> Path | None:
    """The folder of Converse.js, None if it is not installed."""
    for place in PLACES:
        folder = place / "converse.js" / "dist"
        if (folder / "converse.min.js").exists():
            return folder
    return None
