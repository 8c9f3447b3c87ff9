"""What bad input gets: one standard error, and nothing else (RFC 6120 §8.3)."""

from __future__ import annotations

import logging

import pytest

from tests.fake_network import FakeAccount, FakeNetwork
from tests.muc.asking import iq_refusal
from tests.muc.reading import find
from tests.muc.saying import G1, refusal
from tests.stage import Stage

PING = "<iq type='get' id='p' to='{room}'><ping xmlns='urn:xmpp:ping'/></iq>"
HELLO = "<message to='{room}' type='groupchat' id='m1'><body>Hello</body></message>"


@pytest.mark.requirement("IQ-01", "COMP-06")
@pytest.mark.parametrize("kind", ["get", "set"])
async def test_iq_01_a_request_that_the_room_does_not_know(stage: Stage, kind: str) -> None:
    ada, bao = await stage.seated("ada", "bao")
    ada.sends("<iq type='{kind}' id='k1' to='{room}'><made-up xmlns='of:this'/></iq>", kind=kind)
    await ada.hears_only(iq_refusal("service-unavailable", "cancel"))
    await bao.hears_nothing()


@pytest.mark.parametrize("kind", ["get", "set"])
@pytest.mark.requirement("PREFS-01")
async def test_prefs_01_a_room_has_no_preferences(stage: Stage, kind: str) -> None:
    (ada,) = await stage.seated("ada")
    ada.sends(
        "<iq type='{kind}' id='k1' to='{room}'><prefs xmlns='urn:xmpp:mam:2'/></iq>", kind=kind
    )
    await ada.hears_only(iq_refusal("feature-not-implemented", "cancel"))


@pytest.mark.parametrize(
    "payload", ["", "<ping xmlns='urn:xmpp:ping'/><ping xmlns='urn:xmpp:ping'/>"]
)
@pytest.mark.parametrize("kind", ["get", "set"])
async def test_iq_01_none_or_two_payloads(stage: Stage, kind: str, payload: str) -> None:
    (ada,) = await stage.seated("ada")
    ada.sends(f"<iq type='{kind}' id='k1' to='{{room}}'>{payload}</iq>")
    await ada.hears_only(iq_refusal("bad-request", "modify"))


async def test_iq_01_a_type_that_is_none(stage: Stage) -> None:
    (ada,) = await stage.seated("ada")
    ada.sends("<iq type='ask' id='k1' to='{room}'><ping xmlns='urn:xmpp:ping'/></iq>")
    await ada.hears_only(iq_refusal("bad-request", "modify"))


@pytest.mark.requirement("IQ-02", "IQ-03")
@pytest.mark.parametrize(
    ("resource", "condition"), [("phone", "service-unavailable"), ("laptop", "not-acceptable")]
)
@pytest.mark.parametrize("kind", ["get", "set"])
async def test_iq_02_a_request_to_an_occupant(
    stage: Stage, kind: str, resource: str, condition: str
) -> None:
    _, bao = await stage.seated("ada", "bao")
    client = stage.person("ada", resource)
    client.sends(f"<iq type='{kind}' id='k1' to='{{room}}/bao'><made-up xmlns='of:this'/></iq>")
    await client.hears_only(iq_refusal(condition, "cancel").replace("{room}'>", "{room}/bao'>", 1))
    await bao.hears_nothing()


@pytest.mark.requirement("IQ-04", "MSG-16")
@pytest.mark.parametrize(
    "stanza",
    [
        "<iq type='result' id='k1' to='{room}'/>",
        "<iq type='error' id='k1' to='{room}'><error/></iq>",
        "<message type='error' id='k1' to='{room}'><body>x</body></message>",
        "<message type='error' id='k1' to='{room}/bao'><error/></message>",
        "<presence type='error' id='k1' to='{room}/ada'><error/></presence>",
        "<presence type='error' id='k1' to='{room}/ada'/>",
    ],
)
async def test_msg_16_an_error_is_never_answered(stage: Stage, stanza: str) -> None:
    ada, bao = await stage.seated("ada", "bao")
    ada.sends(stanza)
    await ada.hears_nothing()
    await bao.hears_nothing()
    ada.sends(PING)
    await ada.hears_only("<iq type='result' id='p'/>")


@pytest.mark.parametrize(
    ("name", "domain", "condition"),
    [
        ("eve", "example.org", "registration-required"),
        ("eve", "evil.example", "not-allowed"),
        ("eve", "example.org.evil.example", "not-allowed"),
    ],
)
@pytest.mark.parametrize("room", ["g1", "nothing"])
@pytest.mark.parametrize(
    "stanza",
    [
        "<message type='groupchat' id='k1' to='{room}'><body>Hi</body></message>",
        "<iq type='set' id='k1' to='{room}'><query xmlns='urn:xmpp:mam:2'/></iq>",
        (
            "<iq type='get' id='k1' to='{room}'><query xmlns='http://jabber.org/protocol/muc#admin'>"
            "<item affiliation='member'/></query></iq>"
        ),
        (
            "<iq type='get' id='k1' to='{room}'><query xmlns='http://jabber.org/protocol/muc#owner'/>"
            "</iq>"
        ),
    ],
)
@pytest.mark.requirement("JERR-06", "DISCO-24", "GW-06")
async def test_jerr_06_strangers_learn_nothing(
    stage: Stage, name: str, domain: str, condition: str, room: str, stanza: str
) -> None:
    await stage.seated("ada")
    stranger = stage.person(name, domain=domain)
    stranger.sends(stanza, room=f"{room}@gw.example.org")
    (no,) = await stranger.hears_only(
        f"<{stanza[1:].partition(' ')[0]} type='error' id='k1'><error>"
        f"<{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
        f"</{stanza[1:].partition(' ')[0]}>"
    )
    assert "g1" not in (find(no, "text").text or "")


async def test_a_bug_is_told_as_one_and_the_next_stanza_works(
    stage: Stage, network: FakeNetwork, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    ada, bao = await stage.seated("ada", "bao")

    async def broken(*_: object) -> str:
        raise RuntimeError("a secret detail")

    with monkeypatch.context() as patch:
        patch.setattr(FakeAccount, "send", broken)
        ada.sends(HELLO)
        (no,) = await ada.hears_only(refusal("internal-server-error", "cancel", "m1"))
    assert "secret" not in (find(no, "text").text or "")
    assert "a secret detail" in caplog.text
    assert "<body>Hello</body>" in caplog.text.replace("ns0:", "")
    assert [r.levelno for r in caplog.records if r.name == "gateway.muc.errors"] == [logging.ERROR]
    await bao.hears_nothing()
    ada.sends(HELLO)
    (await network.is_asked("send", "g1", "Hello")).agrees()
    await bao.hears_only("<message id='m1'/>")


async def test_the_network_that_does_not_answer_in_time(
    stage: Stage, network: FakeNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bao = await stage.seated("ada", "bao")
    monkeypatch.setattr("gateway.muc.router.PATIENCE_SECONDS", 1)
    ada.sends(HELLO)
    await network.is_asked("send", "g1", "Hello")
    await ada.receives(refusal("remote-server-timeout", "wait", "m1"))
    await bao.hears_nothing()


@pytest.mark.parametrize(
    "stanza",
    [
        "<presence to='{room}/ada' type='made-up'/>",
        "<message to='{room}'/>",
        "<message to='{room}' type='groupchat'/>",
        "<message to='{room}' type='made-up'/>",
        "<message to='{room}' type='groupchat'><made-up xmlns='of:this'/></message>",
        "<made-up to='{room}'/>",
    ],
)
async def test_a_stanza_that_says_nothing_gets_nothing(stage: Stage, stanza: str) -> None:
    ada, bao = await stage.seated("ada", "bao")
    ada.sends(stanza)
    await bao.hears_nothing()
    ada.sends(PING)
    await ada.receives("<iq type='result' id='p'/>")


async def test_a_group_that_is_gone_is_a_room_that_is_not_there(
    stage: Stage, network: FakeNetwork
) -> None:
    stage.group("ada")
    ada = stage.person("ada")
    await ada.joins()
    await ada.has_heard()
    bao = stage.person("bao")
    del network.groups[G1]
    bao.sends("<presence to='{room}/bao'><x xmlns='http://jabber.org/protocol/muc'/></presence>")
    (await network.is_asked("create_group", "g1")).refuses("item-not-found", "No such group.")
    await bao.hears_only(
        """<presence type='error'><error>
        <item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>"""
    )
