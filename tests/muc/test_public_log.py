"""Rooms of which anybody may read what is said (XEP-0045 §7.2.12, §10.2.1, §14.3)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from legacy_backend.events import GroupChanged
from tests.fake_network import FakeNetwork
from tests.muc.reading import codes, values
from tests.muc.saying import G1
from tests.stage import Stage

JOIN = "<presence to='{room}/ada' id='j1'><x xmlns='http://jabber.org/protocol/muc'/></presence>"
INFO = """<iq type='get' id='d' to='{room}'>
  <query xmlns='http://jabber.org/protocol/disco#info'/></iq>"""
LOG = "https://chat.example.org/logs/g1"


@pytest.mark.requirement("JOIN-26", "CODE-170")
@pytest.mark.parametrize("public_log", [True, False])
async def test_join_26_who_comes_in_is_told(stage: Stage, public_log: bool) -> None:
    stage.group("ada", public_log=public_log)
    ada = stage.person("ada")
    ada.sends(JOIN)
    (own,) = await ada.receives("<presence from='{room}/ada' id='j1'/>")
    assert (170 in codes(own)) is public_log


@pytest.mark.requirement("CODE-170", "CODE-171", "CONF-13", "INFO-09")
async def test_code_170_who_is_in_is_told_of_the_change(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada", public_log=False)
    group = network.groups[G1].group
    on = replace(group, config=replace(group.config, public_log=True))
    for info, told in ((on, 170), (group, 171)):
        await network.tells(GroupChanged(group=G1, info=info))
        (notice,) = await ada.hears_only("<message type='groupchat' from='{room}'/>")
        assert codes(notice) == [told]
        assert len(notice) == 1


@pytest.mark.requirement("INFO-08", "INFO-09", "A-205")
async def test_info_09_where_it_can_be_read(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada", public_log=True, language="de")
    ada.sends(INFO)
    (info,) = await ada.hears_only("<iq type='result' id='d'/>")
    assert "muc#roominfo_logs" not in values(info)
    assert values(info)["muc#roominfo_lang"] == ["de"]
    now = replace(network.groups[G1].group, log_url=LOG)
    await network.tells(GroupChanged(group=G1, info=now))
    ada.sends(INFO)
    (info,) = await ada.receives("<iq type='result' id='d'/>")
    assert values(info)["muc#roominfo_logs"] == [LOG]
