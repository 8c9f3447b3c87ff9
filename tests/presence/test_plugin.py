"""Contacts of a slidge plugin: its own callbacks decide, as slidge has it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from slixmpp import JID

from tests.plugin_stage import on_plugin_stage
from tests.presence.watching import CYD, Watcher, subscribes


async def test_a_plugin_is_asked_and_may_say_yes_later(tmp_path: Path, database: Path) -> None:
    async with on_plugin_stage(tmp_path, database) as stage:
        stage.network.has_group("g1", "cyd")
        await stage.enters("ada")
        asked: list[Any] = []

        async def on_friend_request(contact: Any, text: str = "") -> None:
            asked.append(contact)

        stage.plugin.Contact.on_friend_request = on_friend_request
        watcher = Watcher(stage)
        for _ in range(3):
            subscribes(stage, CYD)
            assert await watcher.told() == []
        (contact,) = asked
        await contact.accept_friend_request()
        assert (await watcher.told())[0] == (CYD, "subscribed")
        session = stage.gateway.get_session_from_jid(JID("ada@example.org"))
        contact = await session.contacts.by_legacy_id("cyd")
        contact.away("Moulting")
        (news,) = await watcher.stanzas()
        assert news.findtext("{*}status") == "Moulting"
        subscribes(stage, CYD, "probe")
        (answer,) = await watcher.stanzas()
        assert answer.findtext("{*}status") == "Moulting"
