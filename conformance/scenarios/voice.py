"""Asking for a voice (XEP-0045 §7.13, §8.6)."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import conformance.asking as ask
from conformance.client import Client
from conformance.reading import NotOffered, find, lacks, values
from conformance.registry import requirement
from conformance.scene import Scene
from conformance.xml import PREFIXES, condition_of

WISH = ask.to_room(ask.form({"muc#role": "participant"}, "muc#request"), kind="normal")


async def asked(scene: Scene, ada: Client, bao: Client) -> ET.Element:
    """The form that ada gets when bao wants a voice. Raises NotOffered."""
    await bao.send(WISH)
    await scene.settle(ada, bao)
    for stanza in bao.inbox.stanzas:
        if condition_of(stanza):
            raise NotOffered(f"the answer is {condition_of(stanza)}")
    return await ada.expect(
        "<message from='{room}'><x type='form'><field var='FORM_TYPE'>"
        "<value>http://jabber.org/protocol/muc#request</value></field></x></message>"
    )


async def silenced(scene: Scene) -> tuple[Client, Client]:
    """Ada, and bao who has no voice."""
    ada, bao = await scene.enter("ada", "bao", moderatedroom="1")
    await scene.devoice(ada, "bao", bao)
    return ada, bao


def reply(asked: ET.Element, allow: str) -> str:
    """The form that a moderator was sent, filled in."""
    filled = values(asked.findall("data:x/data:field", PREFIXES))
    fields = {
        "muc#role": "participant",
        "muc#jid": filled["muc#jid"][0],
        "muc#roomnick": filled["muc#roomnick"][0],
        "muc#request_allow": allow,
    }
    return ask.to_room(ask.form(fields, "muc#request"), kind="normal")


@requirement("VOICE-01", "VOICE-02", "A-081", "A-105", "A-210", "A-212", "A-213")
async def moderators_get_a_form(scene: Scene) -> None:
    ada, bao = await silenced(scene)
    told = await asked(scene, ada, bao)
    assert told.get("type") in (None, "normal")
    fields = told.findall("data:x/data:field", PREFIXES)
    kinds = {field.get("var"): field.get("type") for field in fields}
    assert kinds["muc#jid"] == "jid-single"
    assert kinds["muc#roomnick"] == "text-single"
    assert kinds["muc#request_allow"] == "boolean"
    filled = values(fields)
    assert filled["muc#role"] == ["participant"]
    assert filled["muc#roomnick"] == [scene.nick("bao")]
    assert filled["muc#jid"] in ([bao.bare], [bao.full])
    assert filled["muc#request_allow"] in (["0"], ["false"], [])
    await bao.hears_nothing("<message><x type='form'/></message>")


@requirement("VOICE-03", "A-211")
async def a_moderator_grants_it(scene: Scene) -> None:
    ada, bao = await silenced(scene)
    await ada.send(reply(await asked(scene, ada, bao), "1"))
    for person in (ada, bao):
        await person.expect("<presence from='{bao}'><x><item role='participant'/></x></presence>")
    await scene.settle(bao, ada)


@requirement("VOICE-03", "A-211")
async def a_moderator_says_no(scene: Scene) -> None:
    ada, bao = await silenced(scene)
    await ada.send(reply(await asked(scene, ada, bao), "0"))
    await bao.hears_nothing("<presence/>", until=scene.settle(ada, bao))


@requirement("VOICE-04")
async def nobody_else_can_grant_it(scene: Scene) -> None:
    ada, bao = await silenced(scene)
    await bao.send(reply(await asked(scene, ada, bao), "1"))
    await bao.hears_nothing("<presence/>", until=scene.settle(ada, bao))
    await bao.say(scene.room, "May I?")
    no = await bao.expect("<message type='error'/>")
    lacks(no, "c:error/stanzas:internal-server-error")
    find(no, "c:error")


@requirement("VOICE-05")
async def who_has_a_voice_bothers_nobody(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    await bao.send(WISH)
    await ada.hears_nothing("<message><x type='form'/></message>", until=scene.settle(ada, bao))
