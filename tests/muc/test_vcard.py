"""Pictures of rooms and of people (XEP-0054, XEP-0153, XEP-0486)."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from legacy_backend import Member
from legacy_backend.events import GroupChanged, MemberChanged
from legacy_backend.terms import MemberId
from legacy_backend.values import Picture
from tests.fake_network import FakeNetwork
from tests.muc.asking import RESULT, iq_refusal
from tests.muc.pictures import png
from tests.muc.reading import codes, find, values
from tests.muc.saying import G1
from tests.stage import Stage, on_stage

GET = "<iq type='get' id='k1' to='{to}'><vCard xmlns='vcard-temp'/></iq>"


def put(inner: str) -> str:
    return f"<iq type='set' id='k1' to='{{room}}'><vCard xmlns='vcard-temp'>{inner}</vCard></iq>"


def photo(data: bytes) -> str:
    text = base64.b64encode(data).decode()
    return put(f"<PHOTO><TYPE>image/png</TYPE><BINVAL>{text}</BINVAL></PHOTO>")


@pytest.mark.requirement("AVA-01", "AVA-03", "INFO-13", "G-041", "G-042")
async def test_ava_01_the_picture_of_a_room(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada")
    ada.sends(GET, to=stage.room)
    (answer,) = await ada.hears_only("<iq type='result' id='k1'/>")
    assert list(find(answer, "vCard")) == []
    group = replace(network.groups[G1].group, picture=Picture("p1", png()))
    await network.tells(GroupChanged(group=G1, info=group))
    (notice,) = await ada.receives("<message type='groupchat' from='{room}'/>")
    assert codes(notice) == [104]
    ada.sends(GET, to=stage.room)
    (answer,) = await ada.hears_only("<iq type='result' id='k1'/>")
    data = base64.b64decode(find(answer, "BINVAL").text or "")
    ada.sends("""<iq type='get' id='d' to='{room}'>
      <query xmlns='http://jabber.org/protocol/disco#info'/></iq>""")
    (info,) = await ada.hears_only("<iq type='result' id='d'/>")
    assert values(info)["muc#roominfo_avatarhash"] == [hashlib.sha1(data).hexdigest()]


@pytest.mark.requirement("AVA-02", "G-090", "G-092", "CODE-104")
async def test_ava_02_an_owner_changes_it(stage: Stage, network: FakeNetwork) -> None:
    ada, bao = await stage.seated("ada:owner", "bao")
    ada.sends(photo(png()))
    asked = await network.is_asked("set_picture", "g1", Picture("", png(), "image/png"))
    await bao.hears_nothing()
    group = network.groups[G1]
    group.group = replace(group.group, picture=Picture("p1", png()))
    asked.agrees()
    await ada.receives(RESULT)
    (notice,) = await bao.receives("<message type='groupchat' from='{room}'/>")
    assert codes(notice) == [104]
    await bao.hears_nothing()


@pytest.mark.requirement("AVA-02", "G-091")
async def test_ava_02_an_owner_takes_it_away(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada:owner")
    ada.sends(put(""))
    (await network.is_asked("set_picture", "g1", None)).agrees()
    await ada.receives(RESULT)


@pytest.mark.parametrize(
    ("who", "sent", "condition", "kind"),
    [
        ("ada:admin", photo(b"x"), "forbidden", "auth"),
        ("ada:owner", put("<PHOTO><BINVAL>***</BINVAL></PHOTO>"), "bad-request", "modify"),
        ("ada:owner", photo(b"x" * ((2 << 20) + 1)), "not-acceptable", "modify"),
        ("ada:owner", photo(b"<svg/>"), "not-acceptable", "modify"),
        ("ada:owner", photo(png()[:45]), "not-acceptable", "modify"),
    ],
)
@pytest.mark.requirement("AVA-02", "G-094", "AVA-08")
async def test_ava_02_what_is_refused(
    stage: Stage, network: FakeNetwork, who: str, sent: str, condition: str, kind: str
) -> None:
    ada, bao = await stage.seated(who, "bao")
    ada.sends(sent)
    await ada.hears_only(iq_refusal(condition, kind))
    await bao.hears_nothing()
    network.was_not_asked()


async def test_ava_02_the_networks_no(stage: Stage, network: FakeNetwork) -> None:
    ada, bao = await stage.seated("ada:owner", "bao")
    ada.sends(photo(png()))
    asked = await network.is_asked("set_picture", "g1", Picture("", png(), "image/png"))
    asked.refuses("not-acceptable", "Too blue.")
    await ada.hears_only(iq_refusal("not-acceptable", "modify"))
    await bao.hears_nothing()


@pytest.mark.requirement("AVA-06", "AVA-05", "IQ-02", "IQ-03", "TRAP-07")
async def test_ava_06_the_picture_of_a_member(stage: Stage, network: FakeNetwork) -> None:
    ada, _ = await stage.seated("ada", "bao", "CYD")
    shown = Member(id=MemberId("CYD"), name="CYD", picture=Picture("p1", png()))
    network.groups[G1].members[shown.id] = shown
    await network.tells(MemberChanged(group=G1, member=shown))
    (presence,) = await ada.hears_only("<presence from='{room}/CYD'/>")
    assert find(presence, "photo").text == hashlib.sha1(png()).hexdigest()
    ada.sends(GET, to=f"{stage.room}/CYD")
    (answer,) = await ada.hears_only("<iq type='result' id='k1' from='{room}/CYD'/>")
    assert base64.b64decode(find(answer, "BINVAL").text or "") == png()
    ada.sends(GET, to=f"{stage.room}/bao")
    (answer,) = await ada.hears_only("<iq type='result' id='k1' from='{room}/bao'/>")
    assert list(find(answer, "vCard")) == []
    ada.sends(GET, to=f"{stage.room}/nobody")
    await ada.hears_only("<iq type='error' id='k1' from='{room}/nobody'/>")
    laptop = stage.person("ada", "laptop")
    laptop.sends(GET, to=f"{stage.room}/CYD")
    await laptop.hears_only(
        """<iq type='error' id='k1'><error type='cancel'>
        <not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"""
    )


@pytest.mark.requirement("G-094")
async def test_g_094_the_bytes_tell_what_kind_of_picture_it_is(
    stage: Stage, network: FakeNetwork
) -> None:
    (ada,) = await stage.seated("ada:owner")
    ada.sends(photo(png()).replace("image/png", "text/html"))
    await network.is_asked("set_picture", "g1", Picture("", png(), "image/png"))


@pytest.mark.requirement("AVA-04")
@pytest.mark.parametrize("wanted", [True, False])
async def test_ava_04_a_presence_of_the_rooms_own_only_where_it_is_wanted(
    tmp_path: Path, database: Path, wanted: bool
) -> None:
    more = f"[rooms]\npicture_presence = {str(wanted).lower()}"
    async with on_stage(tmp_path, database, more=more) as stage:
        (ada,) = await stage.seated("ada")
        group = replace(stage.network.groups[G1].group, picture=Picture("p1", png()))
        await stage.network.tells(GroupChanged(group=G1, info=group))
        (notice,) = await ada.receives("<message type='groupchat' from='{room}'/>")
        assert codes(notice) == [104]
        await ada.joins()
        await stage.settled()
        sha1 = stage.gateway.rooms.of("", G1).room.avatar
        told = [s for s in stage.wire.stanzas if s.tag.endswith("}presence")
                and s.get("from") == stage.room]  # fmt: skip
        photos = [find(s, "photo").text or "" for s in told]
        assert photos == (["", sha1, sha1] if wanted else [])
