"""What plugins use of sessions, commands and the gateway, which are slidge's own, on ours."""

from __future__ import annotations

from typing import Any

import pytest
from slidge.db import GatewayUser
from slidge.db.models import ArchivedMessage
from slixmpp.exceptions import XMPPError

from tests.plugin_stage import PluginStage

COMMANDS = "http://jabber.org/protocol/commands"


@pytest.fixture
async def session(stage: PluginStage) -> Any:
    stage.network.has_group("g1")
    session = (await stage.enters()).session
    await stage.person("ada").has_heard()
    return session


async def test_what_a_session_knows(stage: PluginStage, session: Any) -> None:
    assert session.xmpp is stage.gateway
    assert (session.user_jid.bare, session.user.jid.bare) == ("ada@example.org", "ada@example.org")
    assert session.logged
    await session.ready
    assert session.contacts.session is session
    assert session.bookmarks.session is session
    assert session.http is stage.gateway.http
    assert session.user.preferences is not None
    session.log.debug("A logger")
    async with session.lock("something"):
        assert session.get_lock("something") is not None
    done = session.create_task(session.bookmarks.by_legacy_id("g1"))
    assert (await done).legacy_id == "g1"


async def test_what_a_session_says_to_its_user(stage: PluginStage, session: Any) -> None:
    session.send_gateway_message("Hello")
    session.send_gateway_status("Working", show="dnd")
    muc = await session.bookmarks.by_legacy_id("g1")
    session.send_gateway_invite(muc, reason="Come", password=None)
    await stage.settled()
    said = [s for s in stage.wire.stanzas if s.get("to", "").startswith("ada@example.org")]
    assert any(s.findtext("{*}body") == "Hello" for s in said)
    assert any(s.findtext("{*}status") == "Working" for s in said)
    assert any(s.find("{jabber:x:conference}x") is not None for s in said)


async def test_what_a_session_asks_its_user(stage: PluginStage, session: Any) -> None:
    asking = session.create_task(session.input("What is the code?"))
    await stage.settled()
    stage.person("ada").sends("<message type='chat' to='{gw}'><body>1234</body></message>")
    assert await asking == "1234"


async def test_what_a_plugin_keeps_of_a_user(stage: PluginStage, session: Any) -> None:
    session.legacy_module_data_set({"token": "a"})
    session.legacy_module_data_update({"device": "b"})
    assert session.user.legacy_module_data == {"token": "a", "device": "b"}


async def test_the_database_of_slidge(stage: PluginStage, session: Any) -> None:
    muc = await session.bookmarks.by_legacy_id("g1")
    with stage.gateway.store.session() as orm:
        assert orm.query(GatewayUser).filter_by(jid=session.user_jid).one() is not None
        assert orm.query(ArchivedMessage).all() == []
        ids = stage.gateway.store.id_map.get_xmpp(orm, muc.stored.id, "l1", muc.is_group)
        assert ids == []


async def test_a_command_and_its_form(stage: PluginStage, session: Any) -> None:
    ada = stage.person("ada")
    ada.sends(
        "<iq type='set' id='c' to='{gw}'>"
        f"<command xmlns='{COMMANDS}' node='https://slidge.im/command/core/preferences'/></iq>"
    )
    (answer,) = await ada.receives("<iq id='c'/>")
    found = {field.get("var") for field in answer.iter("{jabber:x:data}field")}
    assert {"sync_avatar", "sync_presence"} <= found


async def test_a_search(stage: PluginStage, session: Any) -> None:
    asked = []

    async def on_search(_: Any, values: dict[str, str]) -> None:
        asked.append(values)

    stage.plugin.Session.on_search = on_search
    ada = stage.person("ada")
    ada.sends(
        "<iq type='set' id='s' to='{gw}'><query xmlns='jabber:iq:search'>"
        "<x xmlns='jabber:x:data' type='submit'><field var='first'><value>Fay</value></field></x>"
        "</query></iq>"
    )
    await ada.receives("<iq id='s'/>")
    assert asked == [{"first": "Fay"}]


async def test_a_session_that_ends(stage: PluginStage, session: Any) -> None:
    session.logged = False
    session.shutdown()
    await stage.settled()
    unregistered: list[str] = []

    async def unregister(_: Any, ended: Any) -> None:
        unregistered.append(ended.user_jid.bare)

    stage.plugin.Gateway.unregister = unregister
    await stage.gateway.unregister_user(session.user)
    assert unregistered == ["ada@example.org"]
    with pytest.raises(XMPPError):
        await stage.gateway._session_cls.from_jid(session.user_jid)
