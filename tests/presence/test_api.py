"""Presence as plugins send, read and hear of it: slixmpp's names, from any address of ours."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

import pytest
from slixmpp import JID, Presence

from gateway.presence.standing import KINDS
from tests.presence.watching import CYD, registered, subscribes
from tests.stage import DOMAIN, NS, Stage, matches

ADA = "ada@example.org"
NICK = "{http://jabber.org/protocol/nick}nick"
ALICE = f"""<presence xmlns='{NS}' from='alice@{DOMAIN}'>
    <show>xa</show><status>Curiouser and curiouser!</status></presence>"""


async def sent(stage: Stage, since: int) -> list[ET.Element]:
    await stage.settled()
    return stage.wire.stanzas[since:]


@pytest.mark.requirement("S-001", "S-060", "S-061", "S-063", "S-064")
async def test_a_presence_by_hand(stage: Stage) -> None:
    presence: Any = stage.gateway.Presence()
    presence["from"] = f"alice@{DOMAIN}"
    presence["to"] = ADA
    presence["id"] = "p1"
    presence["type"] = "xa"
    presence["status"] = "Curiouser and curiouser!"
    since = len(stage.wire.stanzas)
    presence.send()
    (stanza,) = await sent(stage, since)
    assert matches(stanza, ET.fromstring(ALICE)), ET.tostring(stanza)
    assert (stanza.get("to"), stanza.get("id")) == (ADA, "p1")
    assert presence["from"] == JID(f"alice@{DOMAIN}")
    assert presence["status"] == "Curiouser and curiouser!"


@pytest.mark.requirement("S-002", "S-006")
async def test_a_presence_by_keywords_is_not_sent(stage: Stage) -> None:
    since = len(stage.wire.stanzas)
    made = stage.gateway.make_presence(
        pfrom=f"alice@{DOMAIN}", pstatus="Curiouser and curiouser!", pshow="xa", ppriority=0
    )
    assert matches(made.xml, ET.fromstring(ALICE.replace(NS, "jabber:client"))) or matches(
        made.xml, ET.fromstring(ALICE)
    )
    assert made["priority"] == 0
    assert await sent(stage, since) == []


@pytest.mark.requirement("S-003", "S-036", "S-060")
async def test_a_presence_by_keywords_that_is_sent_has_a_from(stage: Stage) -> None:
    since = len(stage.wire.stanzas)
    gateway = stage.gateway
    gateway.send_presence(pfrom=f"alice@{DOMAIN}", pto=ADA, pshow="xa", pstatus="Hm")
    gateway.send_presence(pto=ADA, pshow="away")
    alice, own = await sent(stage, since)
    assert alice.get("from") == f"alice@{DOMAIN}"
    assert (own.get("from"), own.findtext("{*}show")) == (DOMAIN, "away")


@pytest.mark.requirement("S-004", "S-005", "S-015", "S-016", "SUB-10", "SUB-14")
async def test_a_subscription_has_bare_addresses_and_may_have_a_nick(stage: Stage) -> None:
    since = len(stage.wire.stanzas)
    stage.gateway.send_presence_subscription(
        pfrom=f"alice@{DOMAIN}/wonderland", pto=f"{ADA}/phone", ptype="subscribe", pnick="Alice"
    )
    (stanza,) = await sent(stage, since)
    assert (stanza.get("from"), stanza.get("to")) == (f"alice@{DOMAIN}", ADA)
    assert stanza.get("type") == "subscribe"
    assert stanza.findtext(NICK) == "Alice"


@pytest.mark.requirement("S-015", "S-013", "S-010")
@pytest.mark.parametrize("by", ["send_presence", "send_presence_subscription"])
async def test_a_plugin_may_answer_by_itself_in_both_ways(stage: Stage, by: str) -> None:
    watcher = await registered(stage)

    async def later(*_: Any) -> None:
        return None

    stage.gateway.allow_subscription = later
    send: Any = getattr(stage.gateway, by)
    stage.gateway.add_event_handler(
        "presence_subscribe", lambda p: send(pto=p["from"], pfrom=p["to"], ptype="unsubscribed")
    )
    subscribes(stage, CYD)
    assert (await watcher.told())[0] == (CYD, "unsubscribed")


@pytest.mark.requirement("S-030", "S-031", "S-032", "S-033", "S-050")
@pytest.mark.parametrize("kind", [*sorted(KINDS), "probe"])
async def test_an_event_for_each(stage: Stage, kind: str) -> None:
    await registered(stage)
    heard: list[Any] = []
    stage.gateway.add_event_handler(f"presence_{kind}", heard.append)
    for _ in range(3):
        subscribes(stage, CYD, kind)
    await stage.settled()
    assert [(p["type"], p["from"], p["to"]) for p in heard] == [(kind, ADA, CYD)] * 3


@pytest.mark.requirement("S-054")
async def test_a_probe_at_any_time(stage: Stage) -> None:
    since = len(stage.wire.stanzas)
    stage.gateway.send_presence(pto="eve@example.com", ptype="probe", pfrom=CYD)
    (probe,) = await sent(stage, since)
    assert (probe.get("type"), probe.get("from"), probe.get("to")) == (
        "probe", CYD, "eve@example.com"
    )  # fmt: skip


@pytest.mark.requirement("S-065")
@pytest.mark.parametrize(
    ("value", "attribute", "show"),
    [
        ("available", None, None),
        *((show, None, show) for show in ("away", "chat", "dnd", "xa")),
        *((kind, kind, None) for kind in ("error", "probe", "unavailable", *sorted(KINDS))),
    ],
)
async def test_one_key_for_type_and_show(
    stage: Stage, value: str, attribute: str | None, show: str | None
) -> None:
    presence = stage.gateway.Presence()
    presence["type"] = value
    assert presence["type"] == value
    assert presence.xml.get("type") == attribute
    assert presence.xml.findtext("{*}show") == show


@pytest.mark.requirement("S-062")
async def test_a_priority_is_a_number(stage: Stage) -> None:
    presence = stage.gateway.make_presence(ppriority=5)
    assert presence["priority"] == 5
    assert stage.gateway.make_presence()["priority"] == 0
    assert stage.gateway.make_presence().xml.find("{*}priority") is None


@pytest.mark.requirement("S-066")
@pytest.mark.parametrize("kind", ["subscribe", "unsubscribe"])
async def test_a_reply_says_yes_the_other_way_round(stage: Stage, kind: str) -> None:
    presence = stage.gateway.make_presence(pfrom=ADA, pto=CYD, ptype=kind)
    reply = presence.reply()
    assert (reply["type"], reply["from"], reply["to"]) == (f"{kind}d", CYD, ADA)


@pytest.mark.requirement("S-070", "S-071", "S-072", "S-073", "S-074", "S-075", "GW-12")
async def test_what_a_room_shows_by_the_names_of_the_muc_plugin(stage: Stage) -> None:
    ada, _ = await stage.seated("ada:owner", "bao", "CYD:none:visitor")
    ada.sends("<presence to='{room}/bao' type='probe'/>")
    ada.sends("<presence to='{room}/ada' type='probe'/>")
    bao, own = (Presence(xml=s, recv=True) for s in await ada.has_heard())
    assert (bao["muc"]["affiliation"], bao["muc"]["role"]) == ("member", "participant")
    assert (own["muc"]["affiliation"], own["muc"]["role"]) == ("owner", "moderator")
    assert own["muc"]["jid"] == ada.jid
    assert bao["muc"]["nick"] == "bao" == bao["from"].resource
    assert bao["muc"]["room"] == stage.room == bao["from"].bare
    bao["muc"]["nick"], bao["muc"]["room"] = "other", "other@example.org"
    assert (bao["muc"]["nick"], bao["muc"]["room"]) == ("bao", stage.room)


@pytest.mark.requirement("S-070", "S-071", "S-074")
async def test_what_a_room_does_not_show_is_empty(stage: Stage) -> None:
    presence = stage.gateway.make_presence(pfrom=f"{stage.room}/bao")
    assert (presence["muc"]["affiliation"], presence["muc"]["role"]) == ("", "")
    assert str(presence["muc"]["jid"]) == ""


@pytest.mark.requirement("S-076")
async def test_without_a_nickname_nobody_gets_in(stage: Stage) -> None:
    stage.group("ada")
    ada = stage.person("ada")
    ada.sends("<presence to='{room}'><x xmlns='http://jabber.org/protocol/muc'/></presence>")
    (no,) = await ada.receives("<presence type='error' from='{room}'/>")
    assert no.find(".//{urn:ietf:params:xml:ns:xmpp-stanzas}jid-malformed") is not None
