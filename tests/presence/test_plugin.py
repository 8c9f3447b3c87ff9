"""Contacts of a slidge plugin: its own callbacks decide, as slidge has it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from slixmpp import JID

from gateway.component.own_picture import NONE, show_own_picture
from tests.muc.pictures import png
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


async def test_the_picture_that_a_plugin_brings_is_the_gateways(
    tmp_path: Path, database: Path
) -> None:
    picture = tmp_path / "parrot.png"
    picture.write_bytes(png())
    async with on_plugin_stage(tmp_path, database) as stage:
        stage.plugin.Gateway.COMPONENT_AVATAR = picture
        await stage.starts()
        await stage.settled()
        ada = stage.person("ada")
        await show_own_picture(stage.gateway, "")
        ada.sends(
            "<iq type='get' id='a' to='{gw}'><pubsub xmlns='http://jabber.org/protocol/pubsub'>"
            "<items node='urn:xmpp:avatar:metadata'/></pubsub></iq>"
        )
        [answer] = await ada.receives("<iq type='result' id='a'/>")
        info = answer.find(".//{urn:xmpp:avatar:metadata}info")
        assert info is not None
        assert info.get("type") == "image/png"


async def test_a_picture_that_cannot_be_had_is_done_without(
    tmp_path: Path, database: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with on_plugin_stage(tmp_path, database) as stage:
        await stage.starts()
        await show_own_picture(stage.gateway, str(tmp_path / "nothing.png"))
        assert "goes without its picture" in caplog.text
        await show_own_picture(stage.gateway, NONE)
        assert stage.gateway.avatar is None
