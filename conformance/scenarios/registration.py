"""Becoming a member and reserving a nickname (XEP-0045 §7.10)."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import conformance.asking as ask
from conformance.client import Client, Refusal
from conformance.reading import NotOffered, expect_refusal, expect_result, find, item
from conformance.registry import requirement
from conformance.scene import Scene
from conformance.xml import PREFIXES, condition_of

REGISTER = "<iq type='{kind}' to='{room}'><query xmlns='jabber:iq:register'>{inner}</query></iq>"


def register(inner: str = "", kind: str = "set") -> str:
    return REGISTER.replace("{kind}", kind).replace("{inner}", inner)


async def asked(client: Client) -> ET.Element:
    """What the room wants to know from who registers. Raises NotOffered."""
    answer = await client.iq(register(kind="get"))
    if condition_of(answer) in ("not-allowed", "registration-required"):
        raise NotOffered(f"the answer is {condition_of(answer)}")
    return expect_result(answer)


async def registered(scene: Scene, role: str, client: Client) -> ET.Element:
    """The answer to somebody who registers."""
    await asked(client)
    fields = {"muc#register_roomnick": scene.nick(role)}
    return await client.iq(register(ask.form(fields, "muc#register")))


@requirement("REG-01")
async def in_a_room_that_is_not_there(scene: Scene) -> None:
    ada = await scene.client("ada")
    answer = await ada.iq(register(kind="get"))
    expect_refusal(answer, "item-not-found", "cancel")


@requirement("REG-04")
async def a_form_is_to_be_filled_in(scene: Scene) -> None:
    await scene.create()
    bao = await scene.client("bao")
    form = find(await asked(bao), "{jabber:iq:register}query/data:x")
    assert form.get("type") == "form"
    kind = find(form, "data:field[@var='FORM_TYPE']/data:value").text
    assert kind == "http://jabber.org/protocol/muc#register"
    find(form, "data:field[@var='muc#register_roomnick']")


@requirement("REG-03", "REG-08", "AFF-05")
async def who_registers_becomes_a_member(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    expect_result(await registered(scene, "bao", bao))
    await ada.expect("<presence from='{bao}'><x><item affiliation='member'/></x></presence>")
    again = await asked(bao)
    find(again, "{jabber:iq:register}query/{jabber:iq:register}registered")
    username = find(again, "{jabber:iq:register}query/{jabber:iq:register}username")
    assert username.text == scene.nick("bao")


@requirement("REG-05")
async def a_nick_reserved_by_another(scene: Scene) -> None:
    _, bao, cyd = await scene.enter("ada", "bao", "cyd")
    expect_result(await registered(scene, "bao", bao))
    fields = {"muc#register_roomnick": scene.nick("bao")}
    answer = await cyd.iq(register(ask.form(fields, "muc#register")))
    expect_refusal(answer, "conflict", "cancel")


@requirement("REG-07")
async def a_submission_that_is_no_form(scene: Scene) -> None:
    _, bao = await scene.enter("ada", "bao")
    await asked(bao)
    answer = await bao.iq(register(ask.form({"muc#register_roomnick": "x"}, "muc#other")))
    expect_refusal(answer, "bad-request", "modify")


@requirement("REG-10")
async def a_registration_can_be_given_up(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    expect_result(await registered(scene, "bao", bao))
    await ada.expect("<presence from='{bao}'><x><item affiliation='member'/></x></presence>")
    expect_result(await bao.iq(register("<remove/>")))
    seen = await ada.expect("<presence from='{bao}'><x><item affiliation='none'/></x></presence>")
    assert item(seen).get("affiliation") == "none"


@requirement("REG-12", "JERR-07")
async def a_reserved_nick_is_kept_for_its_owner(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    expect_result(await registered(scene, "bao", bao))
    await bao.leave(scene.room, scene.nick("bao"))
    await ada.expect("<presence type='unavailable' from='{bao}'/>")
    cyd = await scene.client("cyd")
    try:
        joined = await cyd.join(scene.room, scene.nick("bao"))
    except Refusal as no:
        expect_refusal(no.stanza, "conflict", "cancel")
    else:
        assert joined.nick != scene.nick("bao")
        assert "210" in joined.codes
        raise NotOffered("the service gives another nickname")


@requirement("IBR-05")
async def a_form_of_a_registered_person_has_one_query(scene: Scene) -> None:
    await scene.create()
    bao = await scene.client("bao")
    answer = await asked(bao)
    assert len(answer.findall("{jabber:iq:register}query", PREFIXES)) == 1
