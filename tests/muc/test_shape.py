"""Stanzas that no client makes are refused in one answer, which is never too long."""

from __future__ import annotations

import pytest

from tests.muc.reading import find, lacks
from tests.stage import Stage

STANZAS = "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'"
ERROR = f"<iq type='error' id='i'><error><bad-request {STANZAS}/></error></iq>"


@pytest.mark.parametrize("namespace", ["", "xmlns='jabber:client'"])
async def test_an_iq_that_asks_by_an_error_is_answered(stage: Stage, namespace: str) -> None:
    [ada] = await stage.seated("ada")
    ada.sends(f"<iq type='get' id='i' to='nobody@{{gw}}'><error {namespace} type='cancel'/></iq>")
    await ada.hears_only(ERROR)


async def test_what_an_error_repeats_is_cut(stage: Stage) -> None:
    [ada] = await stage.seated("ada:owner")
    ada.sends(
        "<iq type='get' id='i' to='{room}'>"
        "<query xmlns='http://jabber.org/protocol/muc#admin'><item affiliation='{long}'/></query>"
        "</iq>",
        long="&gt;" * 100_000,
    )
    (answer,) = await ada.hears_only(ERROR)
    assert len(find(find(answer, "error"), "text").text or "") <= 1000


async def test_a_message_of_two_kinds_to_nobody_gets_one_error(stage: Stage) -> None:
    [ada] = await stage.seated("ada")
    ada.sends(
        "<message type='chat' id='m' to='nobody@{gw}'>"
        "<displayed xmlns='urn:xmpp:chat-markers:0' id='x'/>"
        "<retract xmlns='urn:xmpp:message-retract:1' id='x'/></message>"
    )
    await ada.hears_only(
        f"<message type='error' id='m'><error><item-not-found {STANZAS}/></error></message>"
    )


async def test_a_reason_is_cut(stage: Stage) -> None:
    ada, bao = await stage.seated("ada:owner", "bao")
    stage.network.obeys("kick")
    ada.sends(
        "<iq type='set' id='i' to='{room}'><query xmlns='http://jabber.org/protocol/muc#admin'>"
        "<item nick='bao' role='none'><reason>{long}</reason></item></query></iq>",
        long="&gt;" * 200_000,
    )
    (gone,) = await bao.receives("<presence type='unavailable' from='{room}/bao'/>")
    assert len(find(gone, "reason").text or "") <= 2000


async def test_a_message_of_an_unknown_type_is_a_normal_one(stage: Stage) -> None:
    [ada] = await stage.seated("ada")
    ada.sends(
        "<message type='result' id='m' to='{gw}'><body>hello</body><error type='cancel'/></message>"
    )
    words, error = await ada.hears_only(
        "<message from='{gw}'><body/></message>",
        f"<message type='error' id='m'><error><item-not-found {STANZAS}/></error></message>",
    )
    assert words.get("type") is None
    lacks(error, "body")


async def test_a_time_that_is_none_is_left_out(stage: Stage) -> None:
    [ada] = await stage.seated("ada")
    ada.sends(
        "<message type='chat' id='m' to='nobody@{gw}'><body>Hello</body>"
        "<delay xmlns='urn:xmpp:delay' stamp='20260101T00:00:00'/></message>"
    )
    await ada.hears_only(
        f"<message type='error' id='m'><error><item-not-found {STANZAS}/></error></message>"
    )


async def test_the_card_of_nobody_is_not_changed(stage: Stage) -> None:
    [ada] = await stage.seated("ada")
    for to in ("nobody@{gw}", "{gw}"):
        ada.sends(
            "<iq type='set' id='i' to='" + to + "'><vCard xmlns='vcard-temp'>"
            "<PHOTO><TYPE>image/png</TYPE><BINVAL>a</BINVAL></PHOTO></vCard></iq>"
        )
        await ada.hears_only(f"<iq type='error' id='i'><error><forbidden {STANZAS}/></error></iq>")


async def test_an_invitation_to_what_is_no_address_is_refused(stage: Stage) -> None:
    [ada] = await stage.seated("ada")
    ada.sends(
        "<message id='m' to='{gw}'><x xmlns='jabber:x:conference' jid='{long}'/></message>",
        long="9" * 2000,
    )
    await ada.hears_only(
        f"<message type='error' id='m'><error><jid-malformed {STANZAS}/></error></message>"
    )
