"""Several users in one group: in a room that they share, and each in a room of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from legacy_backend import GroupId
from legacy_backend.events import MessagePosted
from legacy_backend.terms import UserId
from tests.muc.reading import codes, find, stanza_id
from tests.stage import Stage, on_stage

G1 = GroupId("g1")
HELLO = "<message to='{room}' type='groupchat' id='m1'><body>Hello</body></message>"
ROOMS = (
    "<iq type='get' id='l' to='{gw}'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>"
)


@pytest.mark.requirement("G-030", "OCC-05", "DISCO-24")
async def test_personal_rooms_share_nothing(personal: Stage) -> None:
    network = personal.network
    ada, bao = await personal.seated("ada", "bao", "CYD")
    ada.sends(HELLO)
    (await network.is_asked("send", "g1", "Hello")).agrees("m100")
    (own,) = await ada.hears_only("<message from='{room}/ada' id='m1'><body>Hello</body></message>")
    await bao.hears_nothing()
    message = network.message("ada", "Hello", id="m100")
    for name in ("ada", "bao"):
        await network.tells(
            MessagePosted(group=G1, message=message, to=UserId(f"{name}@example.org"))
        )
    (seen,) = await bao.hears_only("<message from='{room}/ada'><body>Hello</body></message>")
    await ada.hears_nothing()
    assert stanza_id(own) != stanza_id(seen)
    assert find(own, "occupant-id").get("id") != find(seen, "occupant-id").get("id")

    ada.sends("<presence to='{room}/ada' type='unavailable'/>")
    await ada.hears_only("<presence type='unavailable'/>")
    await bao.hears_nothing()


@pytest.mark.requirement("EXIT-03", "EXIT-09")
async def test_in_a_personal_room_leaving_the_group_takes_it_from_the_list(personal: Stage) -> None:
    network = personal.network
    ada, bao = await personal.seated("ada", "bao")
    ada.sends("""<iq type='set' id='k1' to='{room}'>
      <query xmlns='jabber:iq:register'><remove/></query></iq>""")
    asked = await network.is_asked("leave_group", "g1")
    del network.groups[G1].members["ada"]
    asked.agrees()
    _, own = await ada.hears_only("<iq type='result' id='k1'/>", "<presence type='unavailable'/>")
    assert sorted(codes(own)) == [110, 321]
    await bao.hears_nothing()
    for person, listed in ((ada, []), (bao, [personal.room])):
        person.sends(ROOMS)
        (answer,) = await person.receives("<iq id='l'/>")
        assert [item.get("jid") for item in answer.iterfind(".//{*}item")] == listed


@pytest.mark.requirement("JOIN-21", "PM-07", "MSG-01")
async def test_every_client_of_every_user_gets_every_message_once(stage: Stage) -> None:
    stage.network.obeys("send")
    ada, bao = await stage.seated("ada", "bao")
    laptop = stage.person("ada", "laptop")
    await laptop.joins()
    await laptop.has_heard()
    laptop.sends(HELLO)
    for client in (ada, laptop, bao):
        await client.hears_only("<message from='{room}/ada' id='m1'><body>Hello</body></message>")


@pytest.mark.requirement("SVC-02", "SM-02", "PING-01", "MAM-22", "OCC-02", "A-055")
async def test_svc_02_seats_names_and_ids_outlast_a_restart(tmp_path: Path, database: Path) -> None:
    async with on_stage(tmp_path, database) as stage:
        stage.network.obeys("send")
        ada, bao = await stage.seated("ada", "bao:admin", "CYD")
        ada.sends(HELLO)
        (before,) = await bao.hears_only("<message id='m1'/>")
    async with on_stage(tmp_path, database) as stage:
        stage.group("ada", "bao:admin", "CYD")
        ada, bao = stage.person("ada"), stage.person("bao")
        await stage.starts()
        ada.sends("<iq type='get' id='p' to='{room}/ada'><ping xmlns='urn:xmpp:ping'/></iq>")
        await ada.receives("<iq type='result' id='p'/>")
        ada.sends(HELLO.replace("m1", "m2"))
        (await stage.network.is_asked("send", "g1", "Hello")).agrees("m200")
        (after,) = await bao.receives("<message from='{room}/ada' id='m2'/>")
        bao.sends("<iq type='set' id='q' to='{room}'><query xmlns='urn:xmpp:mam:2'/></iq>")
        results = await bao.receives("<message/>", "<message/>", "<iq id='q'/>")
        ids = [find(s, "result").get("id") for s in results[:2]]
    assert ids == [stanza_id(before), stanza_id(after)]
    assert find(before, "occupant-id").get("id") == find(after, "occupant-id").get("id")


@pytest.mark.requirement("SVC-02")
async def test_svc_02_who_lost_their_membership_meanwhile_is_out(
    tmp_path: Path, database: Path
) -> None:
    async with on_stage(tmp_path, database) as stage:
        await stage.seated("ada", "bao")
    async with on_stage(tmp_path, database) as stage:
        stage.group("ada")
        ada, bao = stage.person("ada"), stage.person("bao")
        await stage.starts()
        (own,) = await bao.receives("<presence type='unavailable' from='{room}/bao'/>")
        assert sorted(codes(own)) == [110, 321]
        await ada.receives("<presence type='unavailable' from='{room}/bao'/>")
