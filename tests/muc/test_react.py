"""Reacting to messages (XEP-0444)."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

import pytest

from legacy_backend.events import Reacted
from legacy_backend.terms import MemberId, MessageId
from tests.fake_network import FakeNetwork
from tests.muc.reading import stanza_id
from tests.muc.saying import G1, refusal, said
from tests.stage import Stage

REACT = """<message to='{room}' type='groupchat' id='r1'>
  <reactions xmlns='urn:xmpp:reactions:0' id='{sid}'>{emojis}</reactions>
  <store xmlns='urn:xmpp:hints'/></message>"""
EMOJI = "<reaction>\U0001f44d</reaction>"


def reaction(sid: str, *emojis: str) -> str:
    inner = "".join(f"<reaction>{emoji}</reaction>" for emoji in emojis)
    return REACT.replace("{sid}", sid).replace("{emojis}", inner)


@pytest.mark.parametrize("first", ["event", "answer"])
@pytest.mark.requirement("REAC-01", "REAC-05", "MAM-24")
async def test_reac_01_a_reaction_is_shown_once_the_network_agrees(
    stage: Stage, network: FakeNetwork, first: str
) -> None:
    ada, bao = await stage.seated("ada", "bao")
    sid = await said(stage, network)
    bao.sends(reaction(sid, "\U0001f44d", "\u2764"))
    asked = await network.is_asked("react", "g1", "m100", ("\U0001f44d", "\u2764"))
    echo = Reacted(
        group=G1, id=MessageId("m100"), by=MemberId("bao"), emojis=("\u2764", "\U0001f44d")
    )
    if first == "event":
        await network.tells(echo)
    await ada.hears_nothing()
    asked.agrees()
    await stage.settled()
    if first == "answer":
        await network.tells(echo)
    for person in (ada, bao):
        (shown,) = await person.hears_only(
            """<message type='groupchat' from='{room}/bao' id='r1'>
            <reactions xmlns='urn:xmpp:reactions:0' id='{sid}'>
              <reaction>\U0001f44d</reaction><reaction>\u2764</reaction>
            </reactions></message>""",
            sid=sid,
        )
        assert stanza_id(shown) != sid
    assert await stage.gateway.rooms.host.archive.count(1) == 2


@pytest.mark.requirement("REAC-01")
async def test_reac_01_no_reactions_take_all_away(stage: Stage, network: FakeNetwork) -> None:
    ada, _ = await stage.seated("ada", "bao")
    sid = await said(stage, network)
    ada.sends(reaction(sid))
    (await network.is_asked("react", "g1", "m100", ())).agrees()
    await ada.hears_only("<message><reactions xmlns='urn:xmpp:reactions:0'/></message>")


@pytest.mark.requirement("REAC-03", "REAC-05")
async def test_reac_03_what_the_network_refuses_is_not_shown(
    stage: Stage, network: FakeNetwork
) -> None:
    ada, bao = await stage.seated("ada", "bao")
    sid = await said(stage, network)
    bao.sends(reaction(sid, "x"))
    (await network.is_asked("react", "g1", "m100", ("x",))).refuses("not-acceptable", "No letters.")
    await bao.hears_only(refusal("not-acceptable", "modify", "r1"))
    await ada.hears_nothing()


@pytest.mark.requirement("REAC-02", "REAC-03")
async def test_reac_02_only_those_reactions_that_there_are(
    stage: Stage, network: FakeNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    (ada,) = await stage.seated("ada")
    sid = await said(stage, network)

    async def available(_: object, __: object = None) -> AbstractSet[str]:
        return {"a", "b"}

    muc = type(stage.gateway.sessions()[0].bookmarks.known(G1))
    monkeypatch.setattr(muc, "available_emojis", available)
    monkeypatch.setattr(muc, "REACTIONS_SINGLE_EMOJI", True)
    for emojis in (("a", "b"), ("c",)):
        ada.sends(reaction(sid, *emojis))
        await ada.hears_only(refusal("not-acceptable", "modify", "r1"))
    network.was_not_asked()
    ada.sends("""<iq type='get' id='d' to='{room}'>
      <query xmlns='http://jabber.org/protocol/disco#info'/></iq>""")
    await ada.hears_only("""<iq id='d'><query xmlns='http://jabber.org/protocol/disco#info'>
      <x xmlns='jabber:x:data' type='result'>
        <field var='FORM_TYPE'><value>urn:xmpp:reactions:0:restrictions</value></field>
        <field var='max_reactions_per_user'><value>1</value></field>
        <field var='allowlist'><value>a</value><value>b</value></field></x></query></iq>""")


@pytest.mark.parametrize("id", ["", "nothing"])
async def test_reac_01_to_a_message_nobody_knows(
    stage: Stage, network: FakeNetwork, id: str
) -> None:
    (ada,) = await stage.seated("ada")
    ada.sends(reaction(id, "a"))
    await ada.hears_only(refusal("item-not-found", "cancel", "r1"))
    network.was_not_asked()


@pytest.mark.requirement("MSG-02", "MSG-03")
async def test_reac_01_by_those_without_a_voice_or_a_seat(
    stage: Stage, network: FakeNetwork
) -> None:
    _, bao = await stage.seated("ada", "bao::visitor")
    sid = await said(stage, network)
    bao.sends(reaction(sid, "a"))
    await bao.hears_only(refusal("forbidden", "auth", "r1"))
    laptop = stage.person("ada", "laptop")
    laptop.sends(reaction(sid, "a"))
    await laptop.hears_only(refusal("not-acceptable", "cancel", "r1"))
    network.was_not_asked()


@pytest.mark.requirement("REAC-04")
async def test_reac_04_reactions_of_a_member(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    sid = await said(stage, network)
    for emojis in (("a", "b"), ()):
        event = Reacted(group=G1, id=MessageId("m100"), by=MemberId("CYD"), emojis=emojis)
        await network.tells(event)
    first, second = await ada.hears_only(
        """<message from='{room}/CYD'><reactions xmlns='urn:xmpp:reactions:0' id='{sid}'>
        <reaction>a</reaction><reaction>b</reaction></reactions></message>""",
        "<message from='{room}/CYD'><reactions xmlns='urn:xmpp:reactions:0' id='{sid}'/></message>",
        sid=sid,
    )
    assert len(first.findall(".//{*}reaction")) == 2
    assert not second.findall(".//{*}reaction")


async def test_reac_04_a_change_like_an_earlier_one_is_news_again(
    stage: Stage, network: FakeNetwork
) -> None:
    """This network does not tell of what was done through the gateway, only of the rest."""
    network.obeys("react")
    ada, bao = await stage.seated("ada", "bao")
    sid = await said(stage, network)
    for own in (("a",), ()):
        bao.sends(reaction(sid, *own))
        await ada.hears_only(
            "<message from='{room}/bao'><reactions xmlns='urn:xmpp:reactions:0'/></message>"
        )
    for emojis in (("a",), (), ("a",)):
        event = Reacted(group=G1, id=MessageId("m100"), by=MemberId("bao"), emojis=emojis)
        await network.tells(event)
    shown = await ada.has_heard()
    assert [len(s.findall(".//{*}reaction")) for s in shown] == [1, 0, 1]
