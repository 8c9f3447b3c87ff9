"""What presences say of roles and affiliations, and how long those last (XEP-0045 §5)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from legacy_backend.terms import MemberId, Role
from tests.fake_network import FakeNetwork
from tests.muc.asking import RESULT, admin
from tests.muc.reading import codes, find, item
from tests.muc.saying import G1
from tests.stage import Stage

JOIN = "<presence to='{room}/{nick}' id='j1'><x xmlns='http://jabber.org/protocol/muc'/></presence>"
RANKS = {"owner", "admin", "member", "none", "outcast"}
ROLES = {"moderator", "participant", "visitor", "none"}


@pytest.mark.requirement("ROLE-01", "AFF-01")
async def test_role_01_every_role_and_affiliation_is_shown(stage: Stage) -> None:
    people = {
        "ADM": ("admin", "moderator"),
        "MEM": ("member", "participant"),
        "MOD": ("member", "moderator"),
        "VIS": ("none", "visitor"),
    }
    stage.group("ada:owner", *(f"{nick}:{rank}:{role}" for nick, (rank, role) in people.items()))
    ada = stage.person("ada")
    ada.sends(JOIN, nick="ada")
    await ada.receives("<message type='groupchat'><subject/></message>")
    shown = {
        s.get("from", "").partition("/")[2]: (item(s).get("affiliation"), item(s).get("role"))
        for s in ada._inbox()
        if s.tag.endswith("}presence")
    }
    assert shown == people | {"ada": ("owner", "moderator")}


@pytest.mark.requirement("AFF-02", "ROLE-02", "XML-01", "XML-03", "XML-06", "AFF-01", "A-248")
async def test_aff_02_every_presence_states_both_whatever_happens(
    stage: Stage, network: FakeNetwork
) -> None:
    network.obeys("set_role", "set_affiliation", "kick", "change_nick", "destroy_group")
    ada, bao, cyd, dan = await stage.seated("ada:owner", "bao", "cyd", "dan")
    dan.sends("<presence to='{room}/dan'><show>away</show></presence>")
    ada.sends(admin("<item nick='bao' role='visitor'/>"))
    ada.sends(admin("<item jid='cyd@example.org' affiliation='admin'/>"))
    bao.sends("<presence to='{room}/Bo'/>")
    ada.sends(admin("<item nick='dan' role='none'><reason>Late</reason></item>"))
    cyd.sends("<presence to='{room}/cyd' type='unavailable'/>")
    ada.sends(admin("<item jid='bao@example.org' affiliation='outcast'/>"))
    await cyd.joins()
    await stage.settled()
    kinds = set()
    for stanza in stage.wire.stanzas:
        assert stanza.get("from")
        assert stanza.get("to")
        if not stanza.tag.endswith("}presence") or "@" not in stanza.get("from", ""):
            continue
        assert item(stanza).get("affiliation") in RANKS
        assert item(stanza).get("role") in ROLES
        assert all(100 <= code <= 999 for code in codes(stanza))
        assert (item(stanza).get("role") == "none") is (stanza.get("type") == "unavailable")
        kinds.add((item(stanza).get("affiliation"), item(stanza).get("role")))
    assert {("member", "visitor"), ("admin", "moderator"), ("outcast", "none")} <= kinds
    kicked = next(s for s in stage.wire.stanzas if 307 in codes(s))
    assert find(kicked, "actor").get("nick") == "ada"
    assert item(kicked).findtext("{*}reason") == "Late"


@pytest.mark.requirement("ROLE-05", "ROLE-08")
async def test_role_05_a_voice_outlasts_the_visit_and_the_client(
    stage: Stage, network: FakeNetwork
) -> None:
    network.obeys("set_role")
    network.joins_nobody = True
    ada, bao = await stage.seated("ada:owner", "bao:none", moderated=True, members_only=False)
    ada.sends(admin("<item nick='bao' role='participant'/>"))
    await ada.receives(RESULT)
    members = network.groups[G1].members
    voiced = replace(members[MemberId("bao")], role=Role.PARTICIPANT)
    members[MemberId("bao")] = voiced
    bao.sends("<presence to='{room}/bao' type='unavailable'/>")
    (gone,) = await ada.receives("<presence type='unavailable' from='{room}/bao'/>")
    assert (item(gone).get("affiliation"), item(gone).get("role")) == ("none", "none")
    laptop = stage.person("bao", "laptop")
    laptop.sends(JOIN, nick="bao")
    (own,) = await laptop.receives("<presence from='{room}/bao' id='j1'/>")
    assert (item(own).get("affiliation"), item(own).get("role")) == ("none", "participant")


@pytest.mark.requirement("ROLE-08", "AFF-03")
async def test_role_08_an_affiliation_is_of_the_person_whatever_they_are_called(
    stage: Stage, network: FakeNetwork
) -> None:
    network.obeys("set_affiliation", "change_nick")
    ada, bao = await stage.seated("ada:owner", "bao")
    ada.sends(admin("<item jid='bao@example.org/phone' affiliation='admin'/>"))
    await ada.receives(RESULT)
    bao.sends("<presence to='{room}/bao' type='unavailable'/>")
    laptop = stage.person("bao", "laptop")
    laptop.sends(JOIN, nick="Bo")
    (own,) = await laptop.receives("<presence from='{room}/Bo' id='j1'/>")
    assert item(own).get("affiliation") == "admin"
    room = stage.gateway.rooms.of("", G1).room
    assert room.people[MemberId("bao")].nick == "Bo"
