"""What a plugin says of a room, and what it is asked (seed: LegacyMUC, LegacyBookmarks)."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from slidge.util.types import Avatar, MucType
from slixmpp import JID
from slixmpp.exceptions import XMPPError
from slixmpp.plugins.xep_0356.permissions import IqPermission

from gateway.link.privileges import Granted
from tests.muc.asking import RESULT, admin, form, owner
from tests.muc.pictures import png
from tests.muc.reading import codes, find
from tests.plugin_stage import PluginStage, on_plugin_stage
from tests.stage import DOMAIN

JOIN = "<presence to='{room}/{me}'><x xmlns='http://jabber.org/protocol/muc'/></presence>"
INFO = (
    "<iq type='get' id='i' to='{room}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>"
)


async def features(stage: PluginStage) -> set[str]:
    ada = stage.person("ada")
    ada.sends(INFO)
    (answer,) = await ada.receives("<iq type='result' id='i'/>")
    return {f.get("var", "") for f in answer.iterfind(".//{*}feature")}


async def own(stage: PluginStage) -> Any:
    """Ada's handle on g1, which is hers to run."""
    muc = await stage.enters()
    me = await muc.get_user_participant()
    me.affiliation = "owner"
    await stage.person("ada").has_heard()
    return muc


def refusal(condition: str) -> str:
    return (
        f"<iq type='error' id='k1'><error><{condition}"
        " xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
    )


@pytest.mark.parametrize(
    ("kind", "has"),
    [
        (MucType.GROUP, {"muc_membersonly", "muc_nonanonymous", "muc_hidden"}),
        (MucType.CHANNEL, {"muc_open", "muc_semianonymous", "muc_public"}),
        (MucType.CHANNEL_NON_ANONYMOUS, {"muc_open", "muc_nonanonymous", "muc_public"}),
    ],
)
@pytest.mark.requirement("G-002", "G-003", "G-004")
async def test_kinds_of_groups(stage: PluginStage, kind: MucType, has: set[str]) -> None:
    stage.network.has_group("g1", describe=lambda muc: setattr(muc, "type", kind))
    muc = await stage.enters()
    assert muc.type is kind
    assert has <= await features(stage)
    assert muc.is_anonymous is (kind is MucType.CHANNEL)


@pytest.mark.requirement("G-013", "G-015", "G-040")
async def test_login_then_fill_then_each_group_is_described_once(stage: PluginStage) -> None:
    stage.network.has_group("g1")
    await stage.enters()
    stage.person("ada").sends(INFO)
    await stage.settled()
    assert stage.network.called[:3] == [
        ("login", "ada@example.org"),
        ("fill",),
        ("update_info", "g1"),
    ]
    assert stage.network.called.count(("update_info", "g1")) == 1


@pytest.mark.requirement("G-014", "G-030")
async def test_a_group_has_one_handle_for_each_user(stage: PluginStage) -> None:
    stage.network.has_group("g1")
    ada, bao = await stage.enters("ada"), await stage.enters("bao")
    assert await ada.session.bookmarks.by_legacy_id("g1") is ada
    assert ada is not bao
    assert ada.live is not bao.live
    (await ada.get_participant("Cyd")).send_text("Only for ada")
    await stage.person("bao").hears_nothing()


async def test_a_group_that_is_none_is_not_made(stage: PluginStage) -> None:
    stage.network.has_group("g1")
    muc = await stage.enters()
    bookmarks = muc.session.bookmarks
    assert await bookmarks.by_legacy_id("nothing", create=False) is None
    with pytest.raises(XMPPError) as refused:
        await bookmarks.by_legacy_id("nothing")
    assert refused.value.condition == "item-not-found"
    assert len(list(stage.gateway.rooms)) == 1


async def test_update_info_that_fails_is_told_as_that(stage: PluginStage) -> None:
    def broken(_: Any) -> None:
        raise ZeroDivisionError

    stage.network.has_group("g1")
    muc = await stage.enters()
    stage.network.has_group("g2", describe=broken)
    ada = stage.person("ada")
    ada.sends(JOIN, room=f"g2@{DOMAIN}", me="ada")
    await ada.receives(
        "<presence type='error'><error><internal-server-error"
        " xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>"
    )
    stage.network.has_group("g2")
    await ada.joins(room=f"g2@{DOMAIN}")
    assert muc.session.bookmarks.known("g2") is not None


@pytest.mark.requirement("G-040")
async def test_what_update_info_says_is_shown(stage: PluginStage) -> None:
    def describe(muc: Any) -> None:
        muc.name = "The group"
        muc.description = "Where we meet"
        muc.subject = "Tea"
        muc.subject_setter = "Bao"
        muc.n_participants = 77

    stage.network.has_group("g1", describe=describe)
    ada = stage.person("ada")
    ada.sends(JOIN, me="ada")
    await ada.receives("<message from='{room}/Bao'><subject>Tea</subject></message>")
    ada.sends(INFO)
    (answer,) = await ada.receives("<iq id='i'/>")
    assert find(answer, "identity").get("name") == "The group"
    values = {f.get("var"): f.findtext("{*}value") for f in answer.iterfind(".//{*}field")}
    assert values["muc#roominfo_description"] == "Where we meet"
    assert values["muc#roominfo_occupants"] == "77"
    assert values["muc#roominfo_subject"] == "Tea"


@pytest.mark.requirement("G-106")
async def test_what_the_plugin_changes_is_told_once(stage: PluginStage) -> None:
    stage.network.has_group("g1")
    muc = await stage.enters()
    ada = stage.person("ada")
    for _ in range(2):
        muc.name = "Another name"
        muc.description = "Another description"
    heard = await ada.has_heard()
    assert [codes(s) for s in heard] == [[104], [104]]
    muc.subject = "Coffee"
    await ada.hears_only("<message><subject>Coffee</subject></message>")


@pytest.mark.requirement("G-011", "G-012")
@pytest.mark.parametrize("ident", ["Mixed Case", "mixed case", "!a:b/c@d", "\u00e9\u4f60", "#x"])
async def test_addresses_of_odd_ids_lead_back_to_them(
    tmp_path: Path, database: Path, ident: str
) -> None:
    async with on_plugin_stage(tmp_path, database) as stage:
        stage.network.has_group("g1")
        stage.network.has_group(ident)
        stage.network.has_group(ident.swapcase())
        muc = await stage.enters()
        one = await muc.session.bookmarks.by_legacy_id(ident)
        two = await muc.session.bookmarks.by_legacy_id(ident.swapcase())
        assert (one.jid == two.jid) is (ident == ident.swapcase())
        assert await muc.session.bookmarks.by_jid(one.jid) is one
        await stage.person("ada").joins(room=str(one.jid))
        network, before = stage.network, one.jid
    async with on_plugin_stage(tmp_path, database, network) as stage:
        await stage.starts()
        session = stage.gateway.sessions()[0]
        assert session.bookmarks.known(ident).jid == before


@pytest.mark.requirement("G-011")
async def test_a_plugin_may_refuse_an_id(stage: PluginStage) -> None:
    stage.network.has_group("g1")

    async def refuse(bookmarks: Any, legacy_id: str) -> str:
        raise XMPPError("not-acceptable", "That is no group.")

    async def back(bookmarks: Any, username: str) -> str:
        return username

    muc = await stage.enters()
    stage.plugin.Bookmarks.legacy_id_to_jid_username = refuse
    stage.plugin.Bookmarks.jid_username_to_legacy_id = back
    with pytest.raises(XMPPError):
        await muc.session.bookmarks.by_legacy_id("g2")
    ada = stage.person("ada")
    ada.sends(JOIN, room=f"g2@{DOMAIN}", me="ada")
    await ada.receives(
        "<presence type='error'><error><not-acceptable"
        " xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>"
    )


@pytest.mark.requirement("G-016", "G-017")
async def test_a_group_that_was_left_elsewhere_is_gone(tmp_path: Path, database: Path) -> None:
    async with on_plugin_stage(tmp_path, database) as stage:
        stage.network.has_group("g1", "bao")
        stage.network.has_group("g2")
        muc = await stage.enters()
        (await muc.get_participant("Bao")).send_text("Hello", "1")
        ada = stage.person("ada")
        await ada.has_heard()
        await muc.session.bookmarks.remove(muc)
        (own,) = await ada.hears_only("<presence type='unavailable' from='{room}/ada'/>")
        assert sorted(codes(own)) == [110, 307]
        assert "left" in (find(own, "reason").text or "")
        ada.sends(
            "<iq type='get' id='l' to='{gw}'>"
            "<query xmlns='http://jabber.org/protocol/disco#items'/></iq>"
        )
        (answer,) = await ada.receives("<iq id='l'/>")
        assert [i.get("jid") for i in answer.iterfind(".//{*}item")] == [f"g2@{DOMAIN}"]
        network = stage.network
    async with on_plugin_stage(tmp_path, database, network) as stage:
        assert [live.room.group for live in stage.gateway.rooms] == ["g2"]
        await stage.starts()
        ada = stage.person("ada")
        ada.sends(JOIN, me="ada")
        heard = await ada.has_heard()
        assert not [s for s in heard if s.findtext("{*}body")]


async def test_who_unregisters_takes_the_archives_of_groups_they_left_along(
    stage: PluginStage,
) -> None:
    stage.network.has_group("g1", "bao")
    muc = await stage.enters()
    (await muc.get_participant("Bao")).send_text("Hello", "1")
    await stage.person("ada").has_heard()
    muc.session.bookmarks.left(muc, None)
    archive = muc.live.host.archive
    assert await archive.count(muc.live.id) == 1
    await stage.gateway.kill_session(JID("ada@example.org"))
    assert await archive.count(muc.live.id) == 0
    assert list(stage.gateway.rooms) == []


@pytest.mark.requirement("G-016", "G-018")
async def test_the_words_are_the_plugins_and_so_is_the_kick(stage: PluginStage) -> None:
    stage.network.has_group("g1")
    muc = await stage.enters()
    await muc.session.bookmarks.remove(muc, reason="Gone for good")
    (own,) = await stage.person("ada").hears_only("<presence type='unavailable'/>")
    assert find(own, "reason").text == "Gone for good"
    muc = await stage.enters()
    await muc.session.bookmarks.remove(muc, kick=False)
    await stage.person("ada").hears_nothing()


def invitations(stage: PluginStage, since: int) -> int:
    return len([
        s for s in stage.wire.stanzas[since:] if s.find("{jabber:x:conference}x") is not None
    ])  # fmt: skip


@pytest.mark.requirement("G-081", "G-083")
@pytest.mark.parametrize(
    "how",
    [
        {},
        {"auto_join": False},
        {"auto_join": True, "invite": True, "preserve": False},
        {"pin": True},
        {"invite": False},
    ],
)
async def test_without_a_privilege_a_bookmark_is_an_invitation(
    stage: PluginStage, how: dict[str, Any]
) -> None:
    stage.network.has_group("g1")
    muc = await stage.enters()
    before = len(stage.wire.stanzas)
    await muc.add_to_bookmarks(**how)
    await stage.settled()
    assert invitations(stage, before) == 1


@pytest.mark.requirement("G-080", "G-082", "G-083", "G-085", "G-016")
async def test_with_a_privilege_it_is_put_where_the_user_has_theirs(stage: PluginStage) -> None:
    stage.network.has_group("g1")
    muc = await stage.enters()
    asked: list[Any] = []

    async def answer(iq: Any) -> Any:
        asked.append(iq)
        result = iq.reply()
        result.set_from(iq.get_to())
        return result

    privilege = stage.gateway.plugin["xep_0356"]
    granted = privilege.granted_privileges["example.org"] = Granted()
    granted.iq["http://jabber.org/protocol/pubsub"] = IqPermission.BOTH
    privilege.send_privileged_iq = answer
    before = len(stage.wire.stanzas)
    await muc.add_to_bookmarks(auto_join=True, invite=True, preserve=False)
    await stage.settled()
    assert invitations(stage, before) == 1
    (put,) = asked
    item = put["pubsub"]["publish"]["item"]
    assert item["id"] == stage.room
    assert item["conference"]["autojoin"]
    assert item["conference"]["nick"] == "ada"
    await muc.session.bookmarks.remove(muc)
    await stage.settled()
    assert asked[-1]["pubsub"]["retract"]["item"]["id"] == stage.room


@pytest.mark.requirement("G-041", "G-042")
async def test_the_same_picture_is_not_set_again(stage: PluginStage) -> None:
    stage.network.has_group("g1")
    muc = await stage.enters()
    ada = stage.person("ada")
    await muc.set_avatar(Avatar(data=png(), unique_id="p1"))
    (told,) = await ada.hears_only("<message from='{room}'/>")
    assert codes(told) == [104]
    assert muc.avatar.unique_id == "p1"
    sha1 = muc.room.avatar
    await muc.set_avatar(Avatar(data=png("blue"), unique_id="p1"))
    await ada.hears_nothing()
    muc.avatar = Avatar(data=png("blue"), unique_id="p2")
    (told,) = await ada.hears_only("<message from='{room}'/>")
    assert muc.room.avatar != sha1
    await muc.set_avatar(None)
    await ada.hears_only("<message from='{room}'/>")
    assert muc.avatar is None


async def test_a_picture_that_is_none_is_logged_and_no_more(
    stage: PluginStage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.network.has_group("g1")
    muc = await stage.enters()
    await muc.set_avatar(Avatar(data=b"no picture", unique_id="p1"))
    assert "cannot be used" in caplog.text
    assert muc.avatar is None


PUT = """<iq type='set' id='k1' to='{room}'><vCard xmlns='vcard-temp'>
  <PHOTO><TYPE>image/png</TYPE><BINVAL>{data}</BINVAL></PHOTO></vCard></iq>"""


@pytest.mark.requirement("G-090", "G-091", "G-092", "G-093")
@pytest.mark.parametrize("answer", ["p9", 9, None])
async def test_on_avatar(stage: PluginStage, answer: Any) -> None:
    stage.network.has_group("g1")
    asked = []

    async def on_avatar(muc: Any, data: bytes | None, mime: str | None) -> Any:
        asked.append((data, mime))
        return answer

    stage.plugin.MUC.on_avatar = on_avatar
    muc = await own(stage)
    ada = stage.person("ada")
    ada.sends(PUT, data=base64.b64encode(png()).decode())
    await ada.receives(RESULT)
    assert asked == [(png(), "image/png")]
    await ada.has_heard()
    assert bool(muc.room.avatar) is (answer is not None)
    ada.sends("<iq type='set' id='k1' to='{room}'><vCard xmlns='vcard-temp'/></iq>")
    await ada.receives(RESULT)
    assert asked[1:] == [(None, None)]
    assert not muc.room.avatar


@pytest.mark.requirement("G-035", "G-105", "G-107")
@pytest.mark.parametrize("has", [True, False])
async def test_on_set_config(tmp_path: Path, database: Path, has: bool) -> None:
    async with on_plugin_stage(tmp_path, database, HAS_DESCRIPTION=has) as stage:
        stage.network.has_group("g1")
        asked = []

        async def on_set_config(muc: Any, name: str | None, description: str | None) -> None:
            asked.append((name, description))
            muc.name = name
            muc.description = description

        stage.plugin.MUC.on_set_config = on_set_config
        await own(stage)
        ada = stage.person("ada")
        ada.sends(owner(kind="get"))
        (answer,) = await ada.receives(RESULT)
        fields = {f.get("var") for f in answer.iterfind(".//{*}field")}
        assert "muc#roomconfig_roomname" in fields
        assert ("muc#roomconfig_roomdesc" in fields) is has
        changes = {"muc#roomconfig_roomname": "New"}
        if has:
            changes["muc#roomconfig_roomdesc"] = "Words"
        ada.sends(owner(form(changes)))
        await ada.receives(RESULT)
        assert asked == [("New", "Words" if has else None)]
        heard = [s for s in stage.wire.stanzas if 104 in codes(s)]
        assert 1 <= len(heard) <= 2


@pytest.mark.requirement("G-036", "G-037", "G-109")
async def test_on_set_subject(stage: PluginStage) -> None:
    stage.network.has_group("g1")
    asked = []

    async def on_set_subject(muc: Any, subject: str) -> None:
        asked.append(subject)
        muc.subject = subject

    stage.plugin.MUC.on_set_subject = on_set_subject
    await own(stage)
    ada = stage.person("ada")
    ada.sends("<message to='{room}' type='groupchat' id='s1'><subject>Tea</subject></message>")
    await ada.hears_only("<message id='s1'><subject>Tea</subject></message>")
    assert asked == ["Tea"]


@pytest.mark.requirement("G-037")
async def test_without_subjects_the_description_is_shown(tmp_path: Path, database: Path) -> None:
    async with on_plugin_stage(tmp_path, database, HAS_SUBJECT=False) as stage:
        stage.network.has_group("g1", describe=lambda m: setattr(m, "description", "Words"))
        ada = stage.person("ada")
        ada.sends(JOIN, me="ada")
        await ada.receives("<message><subject>Words</subject></message>")
        ada.sends("<message to='{room}' type='groupchat' id='s1'><subject>x</subject></message>")
        await ada.receives("<message type='error' id='s1'/>")


@pytest.mark.requirement("G-100", "G-101", "G-102", "G-103", "G-104")
@pytest.mark.parametrize("style", ["seed", "slidge"])
async def test_on_kick_and_on_set_affiliation(stage: PluginStage, style: str) -> None:
    stage.network.has_group("g1", "bao")
    asked: list[Any] = []

    async def kick_contact(muc: Any, contact: Any, reason: str | None) -> None:
        asked.append(("kick", contact.legacy_id, reason))

    async def kick(participant: Any, reason: str | None) -> None:
        asked.append(("kick", participant.contact.legacy_id, reason))

    async def rank_contact(
        muc: Any, contact: Any, affiliation: str, reason: str | None, nickname: str | None
    ) -> None:
        asked.append((affiliation, contact.legacy_id, reason, nickname))

    async def rank(
        participant: Any, affiliation: str, reason: str | None, nickname: str | None
    ) -> None:
        asked.append((affiliation, participant.contact.legacy_id, reason, nickname))

    if style == "seed":
        stage.plugin.MUC.on_kick = kick_contact
        stage.plugin.MUC.on_set_affiliation = rank_contact
    else:
        stage.plugin.Participant.on_kick = kick
        stage.plugin.Participant.on_set_affiliation = rank
    await own(stage)
    ada = stage.person("ada")
    for word in ("admin", "owner", "member", "none", "outcast"):
        ada.sends(admin(f"<item jid='bao@{DOMAIN}' affiliation='{word}'/>"))
        await ada.receives(RESULT)
        assert asked.pop() == (word, "bao", None, None)
        if word == "none":
            ada.sends(admin(f"<item jid='bao@{DOMAIN}' affiliation='member'/>"))
            await ada.receives(RESULT)
            asked.clear()
            muc = stage.gateway.sessions()[0].bookmarks.known("g1")
            (await muc.get_participant("Bao")).online()
            ada.sends(admin("<item nick='Bao' role='none'><reason>Spam</reason></item>"))
            await ada.receives(RESULT)
            assert asked.pop() == ("kick", "bao", "Spam")
    ada.sends(admin(f"<item jid='nobody@{DOMAIN}' affiliation='admin'/>"))
    await ada.receives(refusal("item-not-found"))


@pytest.mark.requirement("G-108")
async def test_on_destroy_request(stage: PluginStage) -> None:
    stage.network.has_group("g1")
    asked = []

    async def on_destroy_request(muc: Any, reason: str | None) -> None:
        asked.append(reason)

    stage.plugin.MUC.on_destroy_request = on_destroy_request
    await own(stage)
    ada = stage.person("ada")
    ada.sends(owner("<destroy><reason>Over</reason></destroy>"))
    await ada.receives(RESULT)
    assert asked == ["Over"]


@pytest.mark.requirement("G-110")
@pytest.mark.parametrize(
    "asks",
    [
        admin("<item nick='Bao' role='none'/>"),
        admin("<item nick='Bao' affiliation='admin'/>"),
        admin("<item nick='Bao' role='visitor'/>"),
        owner("<destroy/>"),
    ],
)
async def test_what_a_plugin_lacks_is_told(
    stage: PluginStage, asks: str, caplog: pytest.LogCaptureFixture
) -> None:
    stage.network.has_group("g1", "bao")
    await own(stage)
    ada = stage.person("ada")
    ada.sends(asks)
    await ada.receives(refusal("feature-not-implemented"))
    assert "Traceback" not in caplog.text


@pytest.mark.requirement("G-032", "G-033")
@pytest.mark.parametrize(
    "stable",
    [True, False],
)
async def test_stable_archive(tmp_path: Path, database: Path, stable: bool) -> None:
    async with on_plugin_stage(tmp_path, database, STABLE_ARCHIVE=stable) as stage:
        stage.network.has_group("g1")
        await stage.enters()
        ada = stage.person("ada")
        ada.sends("<iq type='set' id='q' to='{room}'><query xmlns='urn:xmpp:mam:2'/></iq>")
        (fin,) = await ada.receives("<iq id='q'/>")
        assert find(fin, "fin").get("stable") == (None if stable else "false")


async def test_attributes_of_the_plugins_own_outlast_the_process(
    tmp_path: Path, database: Path
) -> None:
    def serialize(muc: Any) -> Any:
        return {"colour": getattr(muc, "colour", "grey")}

    def deserialize(muc: Any, data: Any) -> None:
        muc.colour = data["colour"]

    extra = {"serialize_extra_attributes": serialize, "deserialize_extra_attributes": deserialize}
    async with on_plugin_stage(tmp_path, database, **extra) as stage:
        stage.network.has_group("g1")
        muc = await stage.enters()
        muc.colour = "green"
        muc.commit()
        network = stage.network
    async with on_plugin_stage(tmp_path, database, network, **extra) as stage:
        await stage.starts()
        muc = stage.gateway.sessions()[0].bookmarks.known("g1")
        assert muc.colour == "green"


async def test_what_a_plugin_raises_ends_nothing(
    stage: PluginStage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.network.has_group("g1")

    async def broken(*_: Any) -> None:
        raise ZeroDivisionError

    stage.plugin.MUC.on_message = broken
    muc = await stage.enters()
    ada = stage.person("ada")
    ada.sends("<message to='{room}' type='groupchat' id='m1'><body>Hello</body></message>")
    await ada.receives(
        "<message type='error' id='m1'><error><internal-server-error"
        " xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
    )
    task = muc.session.create_task(broken())
    await stage.settled()
    assert task.done()
    (await muc.get_participant("Bao")).send_text("Still here", "1")
    await ada.receives("<message><body>Still here</body></message>")
    assert "ZeroDivisionError" in caplog.text
    assert isinstance(muc.jid, JID)


async def test_a_client_whose_name_slixmpp_refuses_is_put_out_like_the_others(
    stage: PluginStage,
) -> None:
    stage.network.has_group("g1")
    muc = await stage.enters()
    muc.add_user_resource("\U0001f4f1")
    assert "\U0001f4f1" in muc.get_user_resources()
    assert len(list(muc.user_full_jids())) == 1
    muc.shutdown()
    assert muc.room.seats == {}
