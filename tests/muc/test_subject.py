"""What the room is about (XEP-0045 §8.1)."""

from __future__ import annotations

import pytest

from legacy_backend.events import SubjectChanged
from legacy_backend.terms import MemberId
from legacy_backend.values import Subject
from tests.fake_network import EPOCH, FakeNetwork
from tests.muc.reading import find, lacks
from tests.muc.saying import G1, refusal
from tests.stage import Stage

SET = "<message to='{room}' type='groupchat' id='s1'><subject>{text}</subject></message>"


@pytest.mark.parametrize("first", ["event", "answer"])
@pytest.mark.requirement("SUBJ-08", "SUBJ-05", "OCC-01", "SID-01", "G-109")
async def test_subj_08_another_subject_once_the_network_agrees(
    stage: Stage, network: FakeNetwork, first: str
) -> None:
    ada, bao = await stage.seated("ada", "bao")
    ada.sends(SET, text="Tea")
    asked = await network.is_asked("set_subject", "g1", "Tea")
    event = SubjectChanged(group=G1, subject=Subject(text="Tea", by=MemberId("ada"), at=EPOCH))
    await bao.hears_nothing()
    if first == "event":
        await network.tells(event)
        await stage.settled()
    asked.agrees()
    await stage.settled()
    if first == "answer":
        await network.tells(event)
    for person in (ada, bao):
        (seen,) = await person.hears_only(
            """<message type='groupchat' from='{room}/ada' id='s1'><subject>Tea</subject>
            <occupant-id xmlns='urn:xmpp:occupant-id:0'/>
            <stanza-id xmlns='urn:xmpp:sid:0' by='{room}'/></message>"""
        )
        lacks(seen, "delay")
        lacks(seen, "body")


@pytest.mark.requirement("SVC-04", "A-058")
async def test_svc_04_the_language_of_a_subject_is_kept(stage: Stage, network: FakeNetwork) -> None:
    ada, bao = await stage.seated("ada", "bao")
    network.obeys("set_subject")
    ada.sends(SET.replace("<message ", "<message xml:lang='de' "), text="Tee")
    await bao.hears_only("<message xml:lang='de'><subject>Tee</subject></message>")
    laptop = stage.person("bao", "laptop")
    laptop.sends("<presence to='{room}/bao'><x xmlns='http://jabber.org/protocol/muc'/></presence>")
    await laptop.receives("<message xml:lang='de'><subject>Tee</subject></message>")
    ada.sends(SET, text="Tea")
    (seen,) = await bao.hears_only("<message><subject>Tea</subject></message>")
    assert seen.get("{http://www.w3.org/XML/1998/namespace}lang") is None


@pytest.mark.requirement("SUBJ-02", "SUBJ-01", "SUBJ-10", "A-122")
async def test_subj_02_who_joins_is_told_since_when(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada", "bao", but="bao")
    subject = Subject(text="Tea", by=MemberId("ada"), at=EPOCH)
    await network.tells(SubjectChanged(group=G1, subject=subject))
    await ada.receives("<message><subject>Tea</subject></message>")
    bao = stage.person("bao")
    bao.sends("<presence to='{room}/bao'><x xmlns='http://jabber.org/protocol/muc'/></presence>")
    told = (await bao.has_heard())[-1]
    assert told.get("from") == f"{stage.room}/ada"
    assert find(told, "subject").text == "Tea"
    assert find(told, "delay").get("stamp") == "2026-01-01T12:00:00.000Z"
    assert find(told, "delay").get("from") == stage.room
    find(told, "occupant-id")


@pytest.mark.requirement("SUBJ-09", "SUBJ-03")
async def test_subj_09_an_empty_subject_clears_it(stage: Stage, network: FakeNetwork) -> None:
    network.obeys("set_subject")
    ada, bao = await stage.seated("ada", "bao")
    ada.sends(SET, text="Tea")
    await bao.receives("<message><subject>Tea</subject></message>")
    ada.sends("<message to='{room}' type='groupchat' id='s2'><subject/></message>")
    (seen,) = await bao.hears_only("<message id='s2'><subject/></message>")
    assert not find(seen, "subject").text


async def test_subj_08_the_same_subject_again_is_confirmed(
    stage: Stage, network: FakeNetwork
) -> None:
    network.obeys("set_subject")
    ada, bao = await stage.seated("ada", "bao")
    for id in ("s1", "s2"):
        ada.sends(SET.replace("s1", id), text="Tea")
        await ada.hears_only(f"<message id='{id}'><subject>Tea</subject></message>")
        await bao.hears_only(f"<message id='{id}'><subject>Tea</subject></message>")


@pytest.mark.parametrize("more", ["<body>Hi</body>", "<thread>t</thread><body>Hi</body>"])
@pytest.mark.requirement("SUBJ-04")
async def test_subj_04_a_message_with_a_subject_changes_none(
    stage: Stage, network: FakeNetwork, more: str
) -> None:
    network.obeys("send")
    ada, bao = await stage.seated("ada", "bao")
    ada.sends(
        f"<message to='{{room}}' type='groupchat' id='s1'><subject>Tea</subject>{more}</message>"
    )
    await bao.hears_only("<message id='s1'><body>Hi</body></message>")
    assert stage.gateway.rooms.of("", G1).room.subject.text == ""


@pytest.mark.requirement("SUBJ-06", "SUBJ-07", "ROLE-03")
@pytest.mark.parametrize(
    ("who", "config"),
    [("bao::visitor", {}), ("bao", {"members_may_change_subject": False})],
)
async def test_subj_07_who_may_not(
    stage: Stage, network: FakeNetwork, who: str, config: dict[str, bool]
) -> None:
    ada, bao = await stage.seated("ada", who, **config)
    bao.sends(SET, text="Tea")
    await bao.hears_only(
        """<message type='error' from='{room}/bao' id='s1'><subject>Tea</subject>
        <error type='auth' by='{room}'>
          <forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"""
    )
    await ada.hears_nothing()
    network.was_not_asked()


async def test_subj_07_the_network_refuses(stage: Stage, network: FakeNetwork) -> None:
    ada, bao = await stage.seated("ada", "bao")
    ada.sends(SET, text="Tea")
    (await network.is_asked("set_subject", "g1", "Tea")).refuses("not-acceptable", "Coffee only.")
    (no,) = await ada.hears_only(refusal("not-acceptable", "modify", "s1"))
    assert find(no, "text").text == "Coffee only."
    await bao.hears_nothing()


@pytest.mark.requirement("SUBJ-07", "SUBJ-01", "G-037")
async def test_subj_07_where_groups_have_no_subject(
    stage: Stage, network: FakeNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    (ada,) = await stage.seated("ada", description="All about tea")
    muc = type(stage.gateway.sessions()[0].bookmarks.known(G1))
    monkeypatch.setattr(muc, "HAS_SUBJECT", False)
    ada.sends(SET, text="Tea")
    await ada.hears_only(refusal("feature-not-implemented", "cancel", "s1"))
    ada.sends("<presence to='{room}/ada'><x xmlns='http://jabber.org/protocol/muc'/></presence>")
    told = (await ada.has_heard())[-1]
    assert find(told, "subject").text == "All about tea"


async def test_subj_08_a_member_changes_it(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    for by, origin in ((MemberId("CYD"), "{room}/CYD"), (None, "{room}")):
        text = f"By {by}"
        subject = Subject(text=text, by=by, at=EPOCH)
        for _ in range(2):
            await network.tells(SubjectChanged(group=G1, subject=subject))
        await ada.hears_only(f"<message from='{origin}'><subject>{text}</subject></message>")
