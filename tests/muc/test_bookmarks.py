"""Rooms in their users' own bookmarks (XEP-0402), as far as their server lets us (XEP-0356)."""

from __future__ import annotations

import asyncio
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from slixmpp import JID

from conformance.client import PATIENCE
from legacy_backend.terms import GroupId
from tests.stage import DOMAIN, Person, Stage

PRIVILEGE = "urn:xmpp:privilege:2"
PUBSUB = "http://jabber.org/protocol/pubsub"
BOOKMARKS = "urn:xmpp:bookmarks:1"
ALL = f"""
    <perm access='roster' type='both'/><perm access='message' type='outgoing'/>
    <perm access='presence' type='managed_entity'/>
    <perm access='iq'><namespace ns='{PUBSUB}' type='both'/></perm>"""
ADA = "ada@example.org"


def grants(
    stage: Stage, perms: str = ALL, server: str = "example.org", ns: str = PRIVILEGE
) -> None:
    """A server tells what we may do."""
    stage.feed(f"<message to='{DOMAIN}'><privilege xmlns='{ns}'>{perms}</privilege></message>",
               server)  # fmt: skip


def granted(stage: Stage, server: str = "example.org") -> Any:
    return stage.gateway.plugin["xep_0356"].granted_privileges[server]


async def asked(stage: Stage, since: int = 0) -> ET.Element:
    """The next privileged IQ."""
    async with asyncio.timeout(PATIENCE):
        while True:
            await stage.settled()
            for stanza in stage.wire.stanzas[since:]:
                if stanza.find(f"{{{PRIVILEGE}}}privileged_iq") is not None:
                    return stanza
            await asyncio.sleep(0.002)


def inner(stanza: ET.Element) -> ET.Element:
    found = stanza.find(f"{{{PRIVILEGE}}}privileged_iq/{{jabber:client}}iq")
    assert found is not None, ET.tostring(stanza)
    return found


def answers(stage: Stage, stanza: ET.Element, payload: str = "", kind: str = "result") -> None:
    """The server answers, with what the user's account says inside of a result."""
    stage.feed(
        f"<iq type='result' id='{stanza.get('id')}' to='{DOMAIN}'>"
        f"<privilege xmlns='{PRIVILEGE}'><forwarded xmlns='urn:xmpp:forward:0'>"
        f"<iq xmlns='jabber:client' type='{kind}' id='x' to='{ADA}/x'>{payload}</iq>"
        "</forwarded></privilege></iq>",
        ADA,
    )


def items(conference: str = "") -> str:
    item = f"<item id='g1@{DOMAIN}'>{conference}</item>" if conference else ""
    return f"<pubsub xmlns='{PUBSUB}'><items node='{BOOKMARKS}'>{item}</items></pubsub>"


async def in_room(stage: Stage) -> tuple[Person, Any]:
    (ada,) = await stage.seated("ada", "CYD")
    session = stage.gateway.get_session_from_jid(JID(ADA))
    return ada, session.bookmarks.known(GroupId("g1"))


def invitations(heard: list[ET.Element]) -> int:
    return sum(s.find("{jabber:x:conference}x") is not None for s in heard)


def invited(stage: Stage, since: int) -> int:
    """How often the gateway has invited."""
    return invitations(stage.wire.stanzas[since:])


@pytest.mark.requirement("PRIV-01", "PRIV-07", "PRIV-09")
async def test_priv_01_nothing_is_granted_until_a_server_says_so(stage: Stage) -> None:
    assert granted(stage).roster == "none"
    assert granted(stage).iq[PUBSUB].name == "NONE"
    grants(stage)
    await stage.settled()
    assert (granted(stage).roster, granted(stage).message) == ("both", "outgoing")
    assert granted(stage).presence == "managed_entity"
    assert granted(stage).iq[PUBSUB].name == "BOTH"
    assert granted(stage, "example.com").iq[PUBSUB].name == "NONE", "that is another server"
    stage.gateway.event("disconnected", "")
    await stage.settled()
    assert granted(stage).roster == "none", "another stream has to be told again"


@pytest.mark.requirement("PRIV-01")
@pytest.mark.parametrize("sender", ["eve@example.org", "eve@example.org/x", "example.org/x"])
async def test_priv_01_only_servers_grant(stage: Stage, sender: str) -> None:
    grants(stage, server=sender)
    await stage.settled()
    assert granted(stage).roster == "none"
    assert not stage.gateway.plugin["xep_0356"].granted_privileges


async def test_namespaces_in_each_other_are_read_too(stage: Stage) -> None:
    nested = f"<perm access='iq'><namespace ns='a' type='get'><namespace ns='{PUBSUB}' type='set'/>"
    grants(stage, f"{nested}</namespace></perm>")
    await stage.settled()
    assert granted(stage).iq["a"].name == "GET"
    assert granted(stage).iq[PUBSUB].name == "SET"


@pytest.mark.requirement("PRIV-02", "BM-01", "BM-02", "BM-05", "PRIV-03")
async def test_bm_01_a_room_is_bookmarked_in_its_users_name(stage: Stage) -> None:
    _, muc = await in_room(stage)
    grants(stage)
    task = asyncio.create_task(muc.add_to_bookmarks(auto_join=True))
    get = await asked(stage)
    assert (get.get("type"), get.get("from"), get.get("to")) == ("get", DOMAIN, ADA)
    assert inner(get).get("type") == "get"
    since = len(stage.wire.stanzas)
    answers(stage, get, items())
    put = await asked(stage, since)
    assert (put.get("type"), put.get("from"), put.get("to")) == ("set", DOMAIN, ADA)
    assert inner(put).get("type") == "set"
    assert inner(put).get("from") in (None, ADA)
    assert inner(put).get("to") in (None, ADA)
    publish = inner(put).find(f"{{{PUBSUB}}}pubsub/{{{PUBSUB}}}publish")
    assert publish is not None
    assert publish.get("node") == BOOKMARKS
    assert publish[0].get("id") == f"g1@{DOMAIN}"
    conference = publish[0][0]
    assert conference.tag == f"{{{BOOKMARKS}}}conference"
    assert conference.get("autojoin") in ("true", "1")
    assert conference.findtext(f"{{{BOOKMARKS}}}nick") == "ada"
    options = {
        field.get("var"): field.findtext("{jabber:x:data}value")
        for field in inner(put).iter("{jabber:x:data}field")
    }
    assert options["pubsub#persist_items"] in ("true", "1")
    assert options["pubsub#max_items"] == "max"
    assert options["pubsub#send_last_published_item"] == "never"
    assert options["pubsub#access_model"] == "whitelist"
    answers(stage, put)
    await task
    assert invited(stage, since) == 0


@pytest.mark.requirement("BM-03", "BM-05")
async def test_bm_03_what_the_user_has_set_is_kept(stage: Stage) -> None:
    _, muc = await in_room(stage)
    grants(stage)
    task = asyncio.create_task(muc.add_to_bookmarks(auto_join=True))
    get = await asked(stage)
    since = len(stage.wire.stanzas)
    answers(
        stage,
        get,
        items(
            f"<conference xmlns='{BOOKMARKS}' autojoin='false' name='Mine'><nick>old</nick>"
            "<extensions><colour xmlns='urn:example:colour'>blue</colour></extensions></conference>"
        ),
    )
    put = await asked(stage, since)
    conference = next(inner(put).iter(f"{{{BOOKMARKS}}}conference"))
    assert conference.get("autojoin", "false") in ("false", "0")
    assert conference.findtext(f"{{{BOOKMARKS}}}extensions/{{urn:example:colour}}colour") == "blue"
    answers(stage, put)
    await task


@pytest.mark.requirement("BM-04")
async def test_bm_04_a_room_that_is_left_is_no_bookmark_any_more(stage: Stage) -> None:
    _, muc = await in_room(stage)
    grants(stage)
    await stage.settled()
    since = len(stage.wire.stanzas)
    await muc.session.bookmarks.remove(muc)
    gone = await asked(stage, since)
    retract = inner(gone).find(f"{{{PUBSUB}}}pubsub/{{{PUBSUB}}}retract")
    assert retract is not None
    assert retract.get("node") == BOOKMARKS
    assert retract.get("notify") in ("true", "1")
    assert retract[0].get("id") == f"g1@{DOMAIN}"
    answers(stage, gone)


@pytest.mark.requirement("PRIV-04", "TRAP-09", "PRIV-08")
@pytest.mark.parametrize("told", ["nothing", "the old namespace", "without pubsub", "get alone"])
async def test_trap_09_where_we_may_not_bookmark_we_invite(
    stage: Stage, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    _, muc = await in_room(stage)
    if told == "the old namespace":
        grants(stage, ns="urn:xmpp:privilege:1")
        await stage.settled()
        assert "old version of XEP-0356" in caplog.text
    elif told == "without pubsub":
        grants(stage, "<perm access='roster' type='both'/>")
    elif told == "get alone":
        grants(stage, f"<perm access='iq'><namespace ns='{PUBSUB}' type='get'/></perm>")
    await stage.settled()
    since = len(stage.wire.stanzas)
    await muc.add_to_bookmarks()
    await stage.settled()
    assert invited(stage, since) == 1
    assert not [s for s in stage.wire.stanzas[since:] if s.tag.endswith("}iq")]


@pytest.mark.requirement("PRIV-03", "PRIV-04", "TRAP-09")
@pytest.mark.filterwarnings("ignore:Something went wrong:UserWarning")
@pytest.mark.filterwarnings("ignore:Cannot fetch:UserWarning")
@pytest.mark.parametrize("outer", ["result", "error"])
async def test_trap_09_a_refusal_inside_or_outside_is_one(stage: Stage, outer: str) -> None:
    _, muc = await in_room(stage)
    grants(stage)
    task = asyncio.create_task(muc.add_to_bookmarks(preserve=False))
    put = await asked(stage)
    since = len(stage.wire.stanzas)
    no = "<error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
    if outer == "result":
        answers(stage, put, no, "error")
    else:
        stage.feed(f"<iq type='error' id='{put.get('id')}' to='{DOMAIN}'>{no}</iq>", ADA)
    await task
    await stage.settled()
    assert invited(stage, since) == 1


@pytest.mark.requirement("PRIV-09")
async def test_priv_09_who_is_of_another_server_is_invited(stage: Stage) -> None:
    _, muc = await in_room(stage)
    grants(stage, server="example.com")
    await stage.settled()
    since = len(stage.wire.stanzas)
    await muc.add_to_bookmarks()
    await stage.settled()
    assert invited(stage, since) == 1


@pytest.mark.requirement("PRIV-05")
async def test_priv_05_what_the_user_wrote_elsewhere_is_shown_as_theirs(stage: Stage) -> None:
    await in_room(stage)
    grants(stage)
    await stage.settled()
    (session,) = stage.gateway.sessions()
    contact = await session.contacts.by_legacy_id("CYD")
    since = len(stage.wire.stanzas)
    contact.send_text("From my other phone", "d1", carbon=True)
    await stage.settled()
    (sent,) = stage.wire.stanzas[since:]
    assert (sent.get("from"), sent.get("to")) == (DOMAIN, "example.org")
    message = next(sent.iter("{jabber:client}message"))
    assert message.get("from", "").partition("/")[0] == ADA
    assert message.get("to") == contact.jid.bare
    path = f"{{{PRIVILEGE}}}privilege/{{urn:xmpp:forward:0}}forwarded/{{jabber:client}}message"
    assert sent.find(path) is message


@pytest.mark.requirement("PRIV-06", "GW-09")
async def test_priv_06_contacts_and_the_gateway_go_to_the_roster(stage: Stage) -> None:
    grants(stage, "<perm access='roster' type='both'/>")
    await stage.settled()
    stage.group("ada", "CYD")
    ada = stage.person("ada")
    ada.sends("<presence to='{room}/ada'><x xmlns='http://jabber.org/protocol/muc'/></presence>")
    own = await rostered(stage, 0)
    item = own[0][0]
    assert (own.get("type"), own.get("from"), own.get("to")) == ("set", DOMAIN, ADA)
    assert (item.get("jid"), item.get("subscription")) == (DOMAIN, "both")
    stage.feed(f"<iq type='result' id='{own.get('id')}' to='{DOMAIN}'/>", ADA)
    await ada.receives("<message type='groupchat'><subject/></message>")
    (session,) = stage.gateway.sessions()
    contact = await session.contacts.by_legacy_id("CYD")
    since = len(stage.wire.stanzas)
    contact.is_friend = True
    task = asyncio.create_task(contact.add_to_roster())
    put = await rostered(stage, since)
    assert put[0][0].get("jid") == contact.jid.bare
    stage.feed(f"<iq type='result' id='{put.get('id')}' to='{DOMAIN}'/>", ADA)
    await task
    assert not [s for s in stage.wire.stanzas if s.get("type") in ("subscribe", "subscribed")]


async def rostered(stage: Stage, since: int) -> ET.Element:
    async with asyncio.timeout(PATIENCE):
        while True:
            await stage.settled()
            for stanza in stage.wire.stanzas[since:]:
                if stanza.find("{jabber:iq:roster}query") is not None:
                    return stanza
            await asyncio.sleep(0.002)


@pytest.mark.requirement("GW-09")
@pytest.mark.filterwarnings("ignore:Slidge does not have the privilege:UserWarning")
async def test_gw_09_otherwise_contacts_ask_and_never_say_yes_unasked(stage: Stage) -> None:
    await in_room(stage)
    (session,) = stage.gateway.sessions()
    contact = await session.contacts.by_legacy_id("CYD")
    since = len(stage.wire.stanzas)
    await contact.add_to_roster()
    stage.gateway.send_presence_subscription(pto=ADA, pfrom=contact.jid.bare, ptype="subscribed")
    await stage.settled()
    told = [(s.get("from"), s.get("type")) for s in stage.wire.stanzas[since:]]
    assert told == [(contact.jid.bare, "subscribe")]
