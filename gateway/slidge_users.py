"""The table of those who are registered, which is slidge's. Everything here blocks."""

from __future__ import annotations

from typing import Any

from slidge.db import GatewayUser, SlidgeStore
from slixmpp import JID


def add_user(store: SlidgeStore, jid: JID, data: Any) -> None:
    """`data` is what the network's registration has to keep, as JSON."""
    with store.session() as orm:
        orm.add(GatewayUser(jid=jid, legacy_module_data=data))
        orm.commit()


def all_users(store: SlidgeStore) -> list[GatewayUser]:
    with store.session() as orm:
        return orm.query(GatewayUser).all()
