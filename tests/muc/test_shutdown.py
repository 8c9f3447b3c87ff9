"""The gateway ends (XEP-0045 §11.2), and what becomes of those who sit in its rooms."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from slixmpp import JID

from legacy_backend.terms import UserId
from tests.muc.reading import codes
from tests.stage import Stage, on_stage

PUT_OUT = """<presence type='unavailable' from='{room}/{nick}'>
  <x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='none' role='none'/>
  <status code='110'/><status code='332'/></x></presence>"""


@pytest.mark.requirement("SVC-01", "CODE-332", "XML-01", "A-131", "A-237")
async def test_svc_01_everybody_is_put_out_once_where_that_is_wanted(
    tmp_path: Path, database: Path
) -> None:
    async with on_stage(tmp_path, database, more="[rooms]\nleave_on_stop = true") as stage:
        ada, bao = await stage.seated("ada:owner", "bao", "CYD")
        laptop = stage.person("bao", "laptop")
        await laptop.joins()
        await laptop.has_heard()
    for client, nick in ((ada, "ada"), (bao, "bao"), (laptop, "bao")):
        about = [s for s in client._inbox()[client._read :] if s.tag.endswith("}presence")]
        assert [s.get("from") for s in about] == [f"{stage.room}/{nick}"]
        await client.receives(PUT_OUT, nick=nick)
    async with on_stage(tmp_path, database) as stage:
        (live,) = stage.gateway.rooms
        assert not live.room.seats


@pytest.mark.requirement("SVC-01", "SVC-02")
async def test_svc_01_otherwise_nobody_notices(tmp_path: Path, database: Path) -> None:
    async with on_stage(tmp_path, database) as stage:
        ada, _ = await stage.seated("ada:owner", "bao")
        groups = stage.network.groups
    assert not [s for s in ada._inbox()[ada._read :] if codes(s)]
    async with on_stage(tmp_path, database) as stage:
        stage.network.groups = groups
        await stage.starts()
        stage.network.obeys("send")
        stage.person("ada").sends(
            "<message to='{room}' type='groupchat' id='m'><body>Still here</body></message>"
        )
        for name in ("ada", "bao"):
            await stage.person(name).receives("<message><body>Still here</body></message>")


@pytest.mark.requirement("SVC-01", "CODE-332")
async def test_svc_01_who_unregisters_is_put_out_of_every_room(stage: Stage) -> None:
    ada, bao = await stage.seated("ada", "bao")
    await stage.gateway.kill_session(JID(ada.jid))
    (own,) = await ada.receives("<presence type='unavailable' from='{room}/ada'/>")
    assert sorted(codes(own)) == [110, 332]
    (seen,) = await bao.hears_only("<presence type='unavailable' from='{room}/ada'/>")
    assert codes(seen) == []


@pytest.mark.requirement("SVC-01")
async def test_who_comes_back_while_still_being_let_go_of_is_a_user_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    (ada,) = await stage.seated("ada")

    async def forget(user: UserId) -> None:
        await stage.network.asks("forget", user)

    monkeypatch.setattr(stage.network, "forget", forget)
    going = asyncio.create_task(stage.gateway.kill_session(JID(ada.jid)))
    goodbye = await stage.network.is_asked("forget", UserId("ada@example.org"))
    ada.sends("<presence to='{room}/ada'><x xmlns='http://jabber.org/protocol/muc'/></presence>")
    await stage.settled()
    goodbye.agrees()
    await going
    await ada.receives(
        "<presence type='unavailable' from='{room}/ada'/>",
        "<presence from='{room}/ada'>"
        "<x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x></presence>",
    )
    assert stage.gateway.is_user("ada@example.org")
