"""Making a room by joining it (XEP-0045 §10.1)."""

from __future__ import annotations

from pathlib import Path

import pytest

from legacy_backend.events import GroupDestroyed
from tests.fake_network import FakeNetwork
from tests.muc.asking import RESULT, form, iq_refusal, owner
from tests.muc.reading import codes, item, values
from tests.muc.saying import G1
from tests.stage import Person, Stage, on_stage

JOIN = "<presence to='{room}/{nick}' id='j1'><x xmlns='http://jabber.org/protocol/muc'/></presence>"
NOT_THERE = """<presence type='error' from='{room}/bao' id='j1'><error type='cancel' by='{room}'>
  <item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>"""
GONE = """<presence type='unavailable' from='{room}/ada'>
  <x xmlns='http://jabber.org/protocol/muc#user'>
    <item affiliation='none' role='none'/><destroy/></x></presence>"""
INSTANT = owner("<x xmlns='jabber:x:data' type='submit'/>")
CANCEL = owner("<x xmlns='jabber:x:data' type='cancel'/>")
LEAVE = "<presence to='{room}/ada' type='unavailable'/>"


async def maker(stage: Stage) -> Person:
    """Ada, who has just made g1 by joining it."""
    stage.network.obeys("create_group")
    ada = stage.person("ada")
    await ada.joins()
    await ada.has_heard()
    return ada


async def destroyed(network: FakeNetwork) -> None:
    """The network is asked to destroy g1, does it, and says so."""
    asked = await network.is_asked("destroy_group", "g1", "")
    del network.groups[G1]
    asked.agrees()
    await network.tells(GroupDestroyed(group=G1))


@pytest.mark.requirement("CREATE-01", "CODE-201", "JOIN-24", "XML-01")
async def test_create_01_joining_makes_a_room_of_which_one_is_the_owner(
    stage: Stage, network: FakeNetwork
) -> None:
    ada = stage.person("ada")
    ada.sends(JOIN, nick="ada")
    (await network.is_asked("create_group", "g1")).agrees()
    (own,) = await ada.receives("<presence from='{room}/ada' id='j1'/>")
    assert (item(own).get("affiliation"), item(own).get("role")) == ("owner", "moderator")
    assert codes(own) == [110, 100, 201]


@pytest.mark.requirement("JOIN-23", "CREATE-01", "JERR-03", "MSG-07")
async def test_join_23_until_it_is_configured_nobody_else_comes_in(
    stage: Stage, network: FakeNetwork
) -> None:
    ada = await maker(stage)
    bao = stage.person("bao")
    bao.sends(JOIN, nick="bao")
    await bao.hears_only(NOT_THERE)
    for question in (owner(kind="get"), owner(), owner("<destroy/>")):
        bao.sends(question)
        await bao.hears_only(iq_refusal("item-not-found", "cancel"))
    bao.sends("<message to='{room}' type='groupchat' id='m'><body>Hello?</body></message>")
    await bao.hears_only("""<message type='error' id='m'><error type='cancel'>
      <item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>""")
    ada.sends(INSTANT)
    await ada.hears_only(RESULT)
    await bao.joins()


@pytest.mark.requirement("CREATE-03")
async def test_create_03_an_empty_form_opens_the_room_as_it_is(
    stage: Stage, network: FakeNetwork
) -> None:
    ada = await maker(stage)
    ada.sends(INSTANT)
    await ada.hears_only(RESULT)
    network.was_not_asked()
    ada.sends(JOIN, nick="ada")
    (own,) = await ada.receives("<presence from='{room}/ada' id='j1'/>")
    assert 201 not in codes(own)


@pytest.mark.requirement("CREATE-04", "CONF-05", "CONF-15")
async def test_create_04_a_room_is_open_once_its_form_is_taken(
    stage: Stage, network: FakeNetwork
) -> None:
    ada = await maker(stage)
    bao = stage.person("bao")
    ada.sends(owner(kind="get"))
    (answer,) = await ada.hears_only("<iq type='result' id='k1'/>")
    assert values(answer)["muc#roomconfig_roomname"] == ["The g1"]
    ada.sends(owner(form({"muc#roomconfig_passwordprotectedroom": "1"})))
    await ada.hears_only(iq_refusal("not-acceptable", "modify"))
    ada.sends(owner(form({"muc#roomconfig_roomname": "Tea"})))
    asked = await network.is_asked("set_config", "g1", {"name": "Tea"})
    bao.sends(JOIN, nick="bao")
    await bao.hears_only(NOT_THERE)
    asked.agrees()
    await ada.receives(RESULT)
    await bao.joins()


@pytest.mark.requirement("CREATE-05", "DEST-02")
async def test_create_05_cancelling_does_away_with_it(stage: Stage, network: FakeNetwork) -> None:
    ada = await maker(stage)
    ada.sends(CANCEL)
    await destroyed(network)
    (gone, _) = await ada.hears_only(GONE, RESULT)
    assert codes(gone) == [110]
    ada.sends(JOIN, nick="ada")  # as if it had never been
    (own,) = await ada.receives("<presence from='{room}/ada' id='j1'/>")
    assert 201 in codes(own)


@pytest.mark.parametrize("how", ["leaves", "is lost"])
@pytest.mark.requirement("CREATE-06")
async def test_create_06_who_goes_without_configuring_leaves_nothing(
    stage: Stage, network: FakeNetwork, how: str
) -> None:
    ada = await maker(stage)
    laptop = stage.person("ada", "laptop")
    await laptop.joins()
    laptop.sends("<presence to='{room}/ada' type='unavailable'/>")
    await laptop.receives("<presence type='unavailable' from='{room}/ada'/>")
    network.was_not_asked()  # another client of hers is still there
    if how == "leaves":
        ada.sends(LEAVE)
    else:
        ada.sends("""<message to='{room}' type='error' id='m'><error type='cancel'>
          <gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>""")
    await destroyed(network)
    await stage.settled()
    bao = stage.person("bao")
    bao.sends(JOIN, nick="bao")
    (own,) = await bao.receives("<presence from='{room}/bao' id='j1'/>")
    assert item(own).get("affiliation") == "owner"


@pytest.mark.requirement("CREATE-06")
async def test_create_06_what_cannot_be_undone_is_opened(
    stage: Stage, network: FakeNetwork
) -> None:
    ada = await maker(stage)
    ada.sends(LEAVE)
    (await network.is_asked("destroy_group", "g1", "")).refuses("not-allowed", "Not today.")
    await stage.settled()
    await stage.person("bao").joins()


@pytest.mark.requirement("CREATE-06")
async def test_create_06_a_configured_room_stays_when_everybody_goes(
    stage: Stage, network: FakeNetwork
) -> None:
    ada = await maker(stage)
    ada.sends(INSTANT)
    ada.sends(LEAVE)
    await stage.settled()
    network.was_not_asked()


@pytest.mark.requirement("CREATE-01", "JOIN-23")
async def test_create_01_it_is_locked_after_a_restart_too(tmp_path: Path, database: Path) -> None:
    async with on_stage(tmp_path, database) as before:
        await maker(before)
        groups = before.network.groups
    async with on_stage(tmp_path, database) as stage:
        stage.network.groups = groups
        await stage.starts()
        bao = stage.person("bao")
        bao.sends(JOIN, nick="bao")
        await bao.hears_only(NOT_THERE)
        stage.person("ada").sends(INSTANT)
        await stage.person("ada").receives(RESULT)
        await bao.joins()


@pytest.mark.requirement("CREATE-02", "JERR-04", "JOIN-24")
async def test_create_02_where_users_make_no_rooms(tmp_path: Path, database: Path) -> None:
    more = "[rooms]\ncreation = false"
    async with on_stage(tmp_path, database, more=more) as stage:
        ada = stage.person("ada")
        ada.sends(JOIN, nick="ada")
        await ada.hears_only("""<presence type='error' from='{room}/ada' id='j1'>
          <x xmlns='http://jabber.org/protocol/muc'/><error type='cancel' by='{room}'>
          <not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>""")
        stage.network.was_not_asked()


@pytest.mark.requirement("JOIN-24", "CREATE-02")
async def test_join_24_a_name_that_is_taken_by_what_one_may_not_know_of(
    stage: Stage, network: FakeNetwork
) -> None:
    bao = stage.person("bao")
    bao.sends(JOIN, nick="bao")
    (await network.is_asked("create_group", "g1")).refuses("conflict", "There is one.")
    await bao.hears_only(NOT_THERE)
