"""Changing what was said: corrections, reactions, retraction, moderation."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import conformance.asking as ask
from conformance.client import Client, Page
from conformance.reading import NotOffered, body, expect_refusal, expect_result, find
from conformance.registry import requirement
from conformance.scene import Scene
from conformance.xml import PREFIXES, condition_of

RETRACT = "urn:xmpp:message-retract:1"
MODERATE = "urn:xmpp:message-moderate:1"


async def said(who: Client, *others: Client) -> ET.Element:
    """Something that `who` has said, as everybody heard it."""
    await who.send(ask.to_room("<body>Good mornign</body>", id="first-1"))
    words = "<message id='first-1'><body>Good mornign</body></message>"
    for other in others:
        await other.expect(words)
    return await who.expect(words)


def stanza_id(heard: ET.Element) -> str:
    """The room's id of a message. Raises NotOffered."""
    found = heard.find("sid:stanza-id", PREFIXES)
    if found is None:
        raise NotOffered("the room gives no stanza ids")
    return found.get("id", "")


@requirement("CORR-01", "CORR-02")
async def a_correction_names_what_it_corrects(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    await said(ada, bao)
    for number, words in enumerate(("Good morning", "Good morning!")):
        await ada.send(
            ask.to_room(
                f"<body>{words}</body><replace xmlns='urn:xmpp:message-correct:0' id='first-1'/>",
                id=f"correction-{number}",
            )
        )
        heard = await bao.expect(
            f"<message from='{{ada}}'><body>{words}</body><replace id='first-1'/></message>"
        )
        assert heard.get("id") == f"correction-{number}"


@requirement("REAC-01", "REAC-05")
async def reactions_are_shown_to_all(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    id = stanza_id(await said(ada, bao))
    for emojis in (["👋", "🐢"], ["👋"], []):
        inner = "".join(f"<reaction>{one}</reaction>" for one in emojis)
        await bao.send(
            ask.to_room(f"<reactions xmlns='urn:xmpp:reactions:0' id='{{id}}'>{inner}</reactions>"),
            id=id,
        )
        for person in (ada, bao):
            seen = await person.expect(
                "<message type='groupchat' from='{bao}'><reactions id='{id}'/></message>", id=id
            )
            shown = seen.iterfind(".//{urn:xmpp:reactions:0}reaction")
            assert sorted(one.text or "" for one in shown) == sorted(emojis)


@requirement("RETR-01", "RETR-02")
async def the_author_takes_a_message_back(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    id = stanza_id(await said(ada, bao))
    await ada.send(
        ask.to_room(
            f"<retract xmlns='{RETRACT}' id='{{id}}'/>"
            f"<fallback xmlns='urn:xmpp:fallback:0' for='{RETRACT}'/>"
            "<body>took a message back</body><store xmlns='urn:xmpp:hints'/>"
        ),
        id=id,
    )
    for person in (ada, bao):
        await person.expect("<message from='{ada}'><retract id='{id}'/></message>", id=id)


@requirement("RETR-03", "MAM-27")
async def what_was_taken_back_is_not_shown_again(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    await scene.needs(ada, RETRACT)
    id = stanza_id(await said(ada, bao))
    await ada.send(ask.to_room(f"<retract xmlns='{RETRACT}' id='{{id}}'/>"), id=id)
    await bao.expect("<message from='{ada}'><retract id='{id}'/></message>", id=id)
    page = await without(scene, bao, "Good mornign")
    left = dict(zip(page.ids, page.messages, strict=True)).get(id)
    if left is not None:
        find(left, f"{{{RETRACT}}}retracted")
    cyd = await scene.client("cyd")
    assert "Good mornign" not in [body(m) for m in (await scene.join("cyd", cyd)).history]


@requirement("RETR-04")
async def nobody_takes_back_what_another_said(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    await scene.needs(ada, RETRACT)
    id = stanza_id(await said(ada, bao))
    await bao.send(ask.to_room(f"<retract xmlns='{RETRACT}' id='{{id}}'/>"), id=id)
    assert condition_of(await bao.expect("<message type='error'/>"))
    await ada.hears_nothing(
        "<message from='{bao}'><retract/></message>", until=scene.settle(ada, bao)
    )


async def without(scene: Scene, who: Client, words: str) -> Page:
    """The archive once these words are gone from it, which may be a moment later."""
    for _ in range(50):
        page = await who.page(scene.room)
        if words not in page.bodies:
            return page
    raise AssertionError(f"{words!r} is still in the archive")


def moderation(id: str) -> str:
    return (
        f"<iq type='set' to='{{room}}'><moderate xmlns='{MODERATE}' id='{id}'>"
        f"<retract xmlns='{RETRACT}'/><reason>Rude</reason></moderate></iq>"
    )


@requirement("MODR-01", "MODR-02")
async def a_moderator_takes_a_message_away(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    await scene.needs(ada, MODERATE)
    id = stanza_id(await said(bao, ada))
    expect_result(await ada.iq(moderation(id)))
    for person in (ada, bao):
        told = await person.expect(
            "<message type='groupchat' from='{room}'><retract id='{id}'><moderated/>"
            "<reason>Rude</reason></retract></message>",
            id=id,
        )
        moderated = find(told, f"{{{RETRACT}}}retract/{{{MODERATE}}}moderated")
        assert moderated.get("by") in (scene.occupant("ada"), None)


@requirement("MODR-03")
async def others_take_nothing_away(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    await scene.needs(ada, MODERATE)
    id = stanza_id(await said(ada, bao))
    expect_refusal(await bao.iq(moderation(id)), "forbidden")
    expect_refusal(await ada.iq(moderation("no-such-id")), "item-not-found")


@requirement("MODR-04", "MAM-27")
async def what_was_taken_away_leaves_a_mark(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    await scene.needs(ada, MODERATE)
    id = stanza_id(await said(bao, ada))
    expect_result(await ada.iq(moderation(id)))
    await bao.expect("<message from='{room}'><retract id='{id}'/></message>", id=id)
    page = await without(scene, bao, "Good mornign")
    left = dict(zip(page.ids, page.messages, strict=True)).get(id)
    if left is not None:
        find(left, f"{{{RETRACT}}}retracted/{{{MODERATE}}}moderated")
