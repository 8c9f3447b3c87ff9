"""Getting at participants, and what happens to them (seed: LegacyMUC, LegacyParticipant)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import slidge.group
from slidge.util.types import Hat
from slixmpp import JID
from slixmpp.exceptions import XMPPError

from gateway.group import LegacyBookmarks, LegacyMUC, LegacyParticipant, MucType
from tests.muc.reading import codes, find, item, lacks
from tests.plugin_stage import PluginStage, on_plugin_stage

JOIN = "<presence to='{room}/{me}'><x xmlns='http://jabber.org/protocol/muc'/></presence>"


@pytest.mark.requirement("G-001", "G-010", "G-030", "G-031")
async def test_our_classes_are_slidges_too(stage: PluginStage) -> None:
    stage.network.has_group("g1")
    muc = await stage.enters()
    assert isinstance(muc, slidge.group.LegacyMUC)
    assert isinstance(muc, LegacyMUC)
    assert isinstance(muc.session.bookmarks, slidge.group.LegacyBookmarks)
    assert isinstance(await muc.get_user_participant(), slidge.group.LegacyParticipant)
    assert slidge.group.LegacyMUC is slidge.LegacyMUC is LegacyMUC
    assert slidge.group.LegacyParticipant is LegacyParticipant
    assert slidge.group.LegacyBookmarks is LegacyBookmarks
    assert slidge.group.MucType is MucType
    assert [t.value for t in (MucType.GROUP, MucType.CHANNEL, MucType.CHANNEL_NON_ANONYMOUS)] == [
        0,
        1,
        2,
    ]


@pytest.mark.requirement("G-020", "G-063")
async def test_a_participant_is_made_when_first_asked_for(stage: PluginStage) -> None:
    stage.network.has_group("g1")
    muc = await stage.enters()
    dan = await muc.get_participant("Dan")
    assert (dan.nickname, dan.role, dan.affiliation) == ("Dan", "participant", "member")
    assert not dan.is_user
    assert not dan.is_system
    (seen,) = await stage.person("ada").hears_only("<presence from='{room}/Dan'/>")
    assert (item(seen).get("role"), item(seen).get("affiliation")) == ("participant", "member")
    assert await muc.get_participant("Dan") is dan
    await stage.person("ada").hears_nothing()


@pytest.mark.requirement("G-067")
async def test_what_a_participant_is_made_as(stage: PluginStage) -> None:
    stage.network.has_group("g1")
    muc = await stage.enters()
    await muc.get_participant("Dan", role="moderator", affiliation="owner")
    (seen,) = await stage.person("ada").hears_only("<presence from='{room}/Dan'/>")
    assert (item(seen).get("role"), item(seen).get("affiliation")) == ("moderator", "owner")


async def test_what_a_plugin_says_of_a_new_participant_is_in_their_first_presence(
    stage: PluginStage,
) -> None:
    stage.network.has_group("g1")
    muc = await stage.enters()
    dan = await muc.get_participant("Dan")
    dan.affiliation = "admin"
    dan.set_hats([Hat("urn:x", "Cook")])
    (seen,) = await stage.person("ada").hears_only("<presence from='{room}/Dan'/>")
    assert item(seen).get("affiliation") == "admin"
    assert find(seen, "hat").get("title") == "Cook"


@pytest.mark.requirement("G-064")
async def test_raise_if_not_found(stage: PluginStage) -> None:
    stage.network.has_group("g1")
    muc = await stage.enters()
    with pytest.raises(XMPPError) as refused:
        await muc.get_participant("Nobody", raise_if_not_found=True)
    assert refused.value.condition == "item-not-found"
    assert await muc.get_participant("Nobody", create=False) is None
    await stage.person("ada").hears_nothing()
    with pytest.raises(TypeError):
        await muc.get_participant()


@pytest.mark.requirement("G-065", "G-060")
async def test_fill_first(stage: PluginStage) -> None:
    stage.network.has_group("g1", "bao")
    stage.network.has_group("lobby")
    muc = await (await _session(stage)).bookmarks.by_legacy_id("g1")
    stage.network.called.clear()
    assert await muc.get_participant("Bao", create=False) is None
    bao = await muc.get_participant("Bao", fill_first=True, raise_if_not_found=True)
    assert bao.contact.legacy_id == "bao"
    assert stage.network.called == [("fill_participants", "g1")]


async def _session(stage: PluginStage) -> Any:
    await stage.enters(id="lobby")
    return stage.gateway.sessions()[0]


@pytest.mark.requirement("G-066")
async def test_who_is_stored_is_there_after_a_restart(tmp_path: Path, database: Path) -> None:
    async with on_plugin_stage(tmp_path, database) as stage:
        stage.network.has_group("g1")
        muc = await stage.enters()
        kept = await muc.get_participant("Dan", role="moderator")
        await muc.get_participant("Eve", store=False)
        assert set(muc.room.nicks) == {"ada", "Dan", "Eve"}
        ident = kept.occupant_id
    async with on_plugin_stage(tmp_path, database) as stage:
        live = next(iter(stage.gateway.rooms))
        assert set(live.room.nicks) == {"ada", "Dan"}
        assert live.room.nicks["Dan"].id == ident
        assert live.room.nicks["Dan"].given_role is not None


async def test_somebody_passing_through_speaks_and_is_the_same_next_time(
    stage: PluginStage,
) -> None:
    stage.network.has_group("g1")
    muc = await stage.enters()
    eve = await muc.get_participant("Eve", store=False)
    eve.send_text("Hello")
    await stage.person("ada").hears_only(
        "<presence from='{room}/Eve'/>", "<message from='{room}/Eve'><body>Hello</body></message>"
    )
    assert await muc.get_participant("Eve") is eve


async def test_an_old_name_is_free_for_the_next_who_takes_it(stage: PluginStage) -> None:
    stage.network.has_group("g1")
    muc = await stage.enters()
    dan = await muc.get_participant("Dan")
    dan.nickname = "Daniel"
    other = await muc.get_participant("Dan")
    assert other is not dan
    assert (dan.nickname, other.nickname) == ("Daniel", "Dan")
    assert other.occupant_id != dan.occupant_id
    assert await muc.get_participant("Dan") is other
    assert await muc.get_participant("Daniel") is dan


async def test_a_name_that_xmpp_cannot_carry_finds_its_participant_again(
    stage: PluginStage,
) -> None:
    stage.network.has_group("g1")
    muc = await stage.enters()
    for name in ("D\x07an", " Dan  Dan ", "\x07"):
        first = await muc.get_participant(name)
        assert await muc.get_participant(name) is first


async def test_a_nickname_is_not_taken_for_an_id(stage: PluginStage) -> None:
    """A contact's id may be what somebody else is called."""
    stage.network.has_group("g1", "bao")
    muc = await stage.enters()
    other = await muc.get_participant("bao")
    assert other.contact is None
    assert other.nickname == "bao"
    assert (await muc.get_participant_by_legacy_id("bao")).nickname == "Bao"


@pytest.mark.requirement("G-062", "G-021")
async def test_the_user_is_one_of_them(stage: PluginStage) -> None:
    stage.network.has_group("g1")
    muc = await stage.enters()
    me = await muc.get_user_participant()
    assert me.is_user
    assert await muc.get_user_participant() is me
    assert await muc.get_participant("ada", is_user=True) is me
    assert await muc.get_participant_by_legacy_id("me-ada") is me
    me.affiliation = "owner"
    (own,) = await stage.person("ada").hears_only("<presence from='{room}/ada'/>")
    assert 110 in codes(own)
    assert item(own).get("affiliation") == "owner"


@pytest.mark.requirement("G-022", "G-068")
async def test_the_room_itself_speaks(stage: PluginStage) -> None:
    stage.network.has_group("g1")
    muc = await stage.enters()
    room = muc.get_system_participant()
    assert room.is_system
    room.send_text("Ada has been added")
    (said,) = await stage.person("ada").hears_only("<message type='groupchat'><body/></message>")
    assert said.get("from") == stage.room


@pytest.mark.requirement("G-069")
async def test_a_participant_who_is_a_contact_has_their_address(stage: PluginStage) -> None:
    stage.network.has_group("g1")
    stage.network.people.add("bao")
    muc = await stage.enters()
    contact = await muc.session.contacts.by_legacy_id("bao")
    assert await muc.get_participant_by_contact(contact, create=False) is None
    bao = await muc.get_participant_by_contact(contact)
    assert bao.contact is contact
    (seen,) = await stage.person("ada").hears_only("<presence from='{room}/Bao'/>")
    assert (item(seen).get("jid") or "").partition("/")[0] == str(contact.jid.bare)
    assert await muc.get_participant_by_contact(contact) is bao
    assert await muc.get_participant_by_contact(contact, occupant_id="b7") is bao
    assert await muc.get_participant_by_legacy_id("bao") is bao


async def test_somebody_known_by_an_id_becomes_a_contact(stage: PluginStage) -> None:
    stage.network.has_group("g1")
    stage.network.people.add("bao")
    muc = await stage.enters()
    unknown = await muc.get_participant("Someone", occupant_id="b7")
    contact = await muc.session.contacts.by_legacy_id("bao")
    known = await muc.get_participant_by_contact(contact, occupant_id="b7")
    assert known is unknown
    assert known.contact is contact


async def test_an_occupant_id_outlasts_the_name(stage: PluginStage) -> None:
    stage.network.has_group("g1")
    muc = await stage.enters()
    dan = await muc.get_participant("Dan", occupant_id="d7")
    await stage.person("ada").has_heard()
    assert await muc.get_participant("Daniel", occupant_id="d7") is dan
    old, _ = await stage.person("ada").hears_only(
        "<presence type='unavailable' from='{room}/Dan'/>", "<presence from='{room}/Daniel'/>"
    )
    assert codes(old) == [303]
    assert await muc.get_participant(occupant_id="d7") is dan


@pytest.mark.requirement("G-060", "G-061")
async def test_all_members_are_shown_as_they_are_described(stage: PluginStage) -> None:
    stage.network.has_group("g1", "bao", "cyd")

    async def fill(muc: Any) -> AsyncIterator[Any]:
        bao = await muc.get_participant_by_legacy_id("bao")
        bao.affiliation = "owner"
        bao.role = "moderator"
        bao.set_hats([Hat("urn:x", "Boss")])
        yield bao
        cyd = await muc.get_participant_by_legacy_id("cyd")
        cyd.affiliation = "outcast"
        yield cyd
        yield await muc.get_user_participant()

    stage.plugin.MUC.fill_participants = fill
    ada = stage.person("ada")
    ada.sends(JOIN, me="ada")
    (bao,) = await ada.receives("<presence from='{room}/Bao'/>")
    assert (item(bao).get("role"), item(bao).get("affiliation")) == ("moderator", "owner")
    assert find(bao, "hat").get("title") == "Boss"
    heard = await ada.has_heard()
    assert not [s for s in heard if s.get("from", "").endswith("/Cyd")]


async def test_get_participants_by_affiliation(stage: PluginStage) -> None:
    stage.network.has_group("g1", "bao", "cyd")
    muc = await stage.enters()
    (await muc.get_participant("Bao")).affiliation = "admin"
    assert [p.nickname async for p in muc.get_participants("admin")] == ["Bao"]
    assert {p.nickname async for p in muc.get_participants()} == {"ada", "Bao", "Cyd"}


@pytest.mark.requirement("G-023", "G-024", "G-025")
async def test_a_presence_to_one_client(stage: PluginStage) -> None:
    stage.network.has_group("g1", "bao")
    muc = await stage.enters()
    laptop = stage.person("ada", "laptop")
    await laptop.joins()
    ada = stage.person("ada")
    await ada.has_heard()
    await laptop.has_heard()
    bao = await muc.get_participant("Bao")
    bao.send_initial_presence(JID(laptop.jid))
    await laptop.hears_only("<presence from='{room}/Bao'/>")
    await ada.hears_nothing()
    me = await muc.get_user_participant()
    me.send_initial_presence(JID(ada.jid), nick_change=True, presence_id="p1")
    (own,) = await ada.hears_only("<presence from='{room}/ada' id='p1'/>")
    assert {110, 210} <= set(codes(own))
    await laptop.hears_nothing()


@pytest.mark.requirement("G-023")
async def test_a_presence_to_nobody_in_particular_is_somebody_coming_in(
    stage: PluginStage,
) -> None:
    stage.network.has_group("g1", "bao")
    muc = await stage.enters()
    bao = await muc.get_participant("Bao")
    bao.offline()
    await stage.person("ada").hears_only("<presence type='unavailable' from='{room}/Bao'/>")
    bao.send_initial_presence()
    await stage.person("ada").hears_only("<presence from='{room}/Bao'/>")


@pytest.mark.requirement("G-026", "G-027", "G-028", "G-070")
@pytest.mark.parametrize("by", ["participant", "room"])
@pytest.mark.parametrize(
    ("how", "code", "affiliation"),
    [("leave", [], "none"), ("kick", [307], "none"), ("ban", [301], "outcast")],
)
async def test_somebody_goes(
    stage: PluginStage, by: str, how: str, code: list[int], affiliation: str
) -> None:
    stage.network.has_group("g1", "bao")
    muc = await stage.enters()
    bao = await muc.get_participant("Bao")
    reason = None if how == "leave" else "Enough"
    if by == "room":
        muc.remove_participant(bao, kick=how == "kick", ban=how == "ban", reason=reason)
    elif reason:
        getattr(bao, how)(reason)
    else:
        bao.leave()
    (gone,) = await stage.person("ada").hears_only(
        "<presence type='unavailable' from='{room}/Bao'/>"
    )
    assert codes(gone) == code
    assert item(gone).get("affiliation") == affiliation
    assert item(gone).findtext("{*}reason") == reason
    with pytest.raises(TypeError):
        muc.remove_participant(bao, kick=True, ban=True)


async def test_who_was_banned_may_be_let_in_again(stage: PluginStage) -> None:
    stage.network.has_group("g1", "bao")
    muc = await stage.enters()
    (await muc.get_participant("Bao")).ban()
    await stage.person("ada").has_heard()
    bao = await muc.get_participant_by_legacy_id("bao")
    bao.affiliation = "member"
    bao.online()
    await stage.person("ada").hears_only("<presence from='{room}/Bao'/>")
    assert (await muc.get_participant("Bao")) is bao


async def test_the_user_is_kicked(stage: PluginStage) -> None:
    stage.network.has_group("g1")
    muc = await stage.enters()
    (await muc.get_user_participant()).kick("Enough")
    (own,) = await stage.person("ada").hears_only("<presence type='unavailable'/>")
    assert sorted(codes(own)) == [110, 307]
    assert find(own, "reason").text == "Enough"


@pytest.mark.requirement("G-071")
async def test_one_client_of_the_user_is_put_out(stage: PluginStage) -> None:
    stage.network.has_group("g1")
    muc = await stage.enters()
    laptop = stage.person("ada", "laptop")
    await laptop.joins()
    await laptop.has_heard()
    await stage.person("ada").has_heard()
    await muc.kick_resource("laptop")
    (own,) = await laptop.hears_only("<presence type='unavailable' from='{room}/ada'/>")
    assert sorted(codes(own)) == [110, 333]
    await stage.person("ada").hears_nothing()
    await muc.kick_resource("nowhere")
    assert muc.get_user_resources() == {"phone"}


@pytest.mark.parametrize(
    ("method", "show"),
    [("online", None), ("away", "away"), ("extended_away", "xa"), ("busy", "dnd")],
)
async def test_how_somebody_is(stage: PluginStage, method: str, show: str | None) -> None:
    stage.network.has_group("g1", "bao")
    muc = await stage.enters()
    getattr(await muc.get_participant("Bao"), method)("Cooking")
    (seen,) = await stage.person("ada").hears_only("<presence from='{room}/Bao'/>")
    assert seen.findtext("{*}show") == show
    assert seen.findtext("{*}status") == "Cooking"


async def test_what_changes_of_somebody_is_shown_once(stage: PluginStage) -> None:
    stage.network.has_group("g1", "bao")
    muc = await stage.enters()
    ada = stage.person("ada")
    bao = await muc.get_participant("Bao")
    for _ in range(2):
        bao.role = "moderator"
        bao.affiliation = "admin"
        bao.set_hats([Hat("urn:x", "Boss")])
    heard = await ada.has_heard()
    assert len(heard) == 3
    assert (bao.role, bao.affiliation) == ("moderator", "admin")
    assert bao.hats == [Hat("urn:x", "Boss")]
    muc.rename_participant("Bao", "Baobab")
    muc.rename_participant("Nobody", "Somebody")
    old, new = await ada.hears_only(
        "<presence type='unavailable' from='{room}/Bao'/>", "<presence from='{room}/Baobab'/>"
    )
    lacks(new, "status")
    assert codes(old) == [303]


async def test_how_all_is_after_a_restart(tmp_path: Path, database: Path) -> None:
    async with on_plugin_stage(tmp_path, database) as stage:
        stage.network.has_group("g1", "bao")
        muc = await stage.enters()
        bao = await muc.get_participant("Bao")
        bao.affiliation = "admin"
        bao.set_hats([Hat("urn:x", "Boss")])
        muc.user_nick = "Ada!"
        before = muc.room.face(bao.occupant)
        network = stage.network
    async with on_plugin_stage(tmp_path, database, network) as stage:
        await stage.starts()
        session = stage.gateway.sessions()[0]
        muc = session.bookmarks.known("g1")
        assert muc.user_nick == "Ada!"
        assert muc.get_user_resources() == {"phone"}
        bao = await muc.get_participant("Bao")
        assert muc.room.face(bao.occupant) == before
        assert bao.contact.legacy_id == "bao"
