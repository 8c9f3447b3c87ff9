"""The subject of a room (XEP-0045 §7.2.15, §8.1)."""

from __future__ import annotations

import conformance.asking as ask
from conformance.reading import expect_refusal, find, lacks
from conformance.registry import requirement
from conformance.scene import Scene
from conformance.xml import PREFIXES

TEA = "<message type='groupchat' from='{ada}'><subject>Tea</subject></message>"


@requirement("SUBJ-01", "A-059", "A-100", "A-122")
async def a_newcomer_is_told_the_subject_last(scene: Scene) -> None:
    ada = await scene.create()
    await ada.send(ask.subject("Tea"))
    await ada.expect(TEA)
    bao = await scene.client("bao")
    told = (await scene.join("bao", bao)).subject
    assert told.get("from") in (scene.room, scene.occupant("ada"))
    assert find(told, "c:subject").text == "Tea"
    lacks(told, "c:body")


@requirement("SUBJ-02", "SUBJ-10")
async def the_subject_says_since_when(scene: Scene) -> None:
    ada = await scene.create()
    await ada.send(ask.subject("Tea"))
    await ada.expect(TEA)
    bao = await scene.client("bao")
    told = (await scene.join("bao", bao)).subject
    assert find(told, "delay:delay").get("from") == scene.room


@requirement("SUBJ-03", "A-122")
async def no_subject_is_an_empty_one(scene: Scene) -> None:
    await scene.create()
    bao = await scene.client("bao")
    told = (await scene.join("bao", bao)).subject
    assert not find(told, "c:subject").text
    lacks(told, "c:body")


@requirement("SUBJ-04")
async def a_subject_beside_a_body_changes_nothing(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    await ada.send(ask.subject("Tea"))
    await bao.expect(TEA)
    for more in ("<body>Look</body>", "<thread>t1</thread>"):
        await ada.send(ask.to_room(f"<subject>Coffee</subject>{more}"))
    await scene.settle(ada, bao)
    cyd = await scene.client("cyd")
    assert find((await scene.join("cyd", cyd)).subject, "c:subject").text == "Tea"


@requirement("SUBJ-05", "SUBJ-08", "A-080", "A-059")
async def a_change_is_shown_to_all(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    await ada.send(ask.subject("Tea"))
    for person in (ada, bao):
        seen = await person.expect("<message type='groupchat'><subject>Tea</subject></message>")
        assert seen.get("from") in (scene.room, scene.occupant("ada"))
        lacks(seen, "c:body")


@requirement("SUBJ-06", "SUBJ-07", "FIELD-05", "A-084", "A-182")
async def participants_may_if_the_room_says_so(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao", changesubject="0")
    await bao.send(ask.subject("Coffee"))
    no = await bao.expect("<message type='error'/>")
    expect_refusal(no, "forbidden", "auth")
    await ada.hears_nothing("<message><subject/></message>", until=scene.settle(ada, bao))
    await scene.configure(ada, {"changesubject": "1"})
    await bao.send(ask.subject("Coffee"))
    await ada.expect("<message type='groupchat'><subject>Coffee</subject></message>")


@requirement("SUBJ-09", "A-080")
async def an_empty_subject_clears_it(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    await ada.send(ask.subject("Tea"))
    await bao.expect(TEA)
    await ada.send(ask.subject(""))
    cleared = await bao.expect("<message type='groupchat'><subject/></message>")
    assert not find(cleared, "c:subject").text
    cyd = await scene.client("cyd")
    assert not find((await scene.join("cyd", cyd)).subject, "c:subject").text


@requirement("SVC-04", "A-058")
async def the_language_of_a_subject_is_kept(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    await ada.send(
        "<message type='groupchat' to='{room}' xml:lang='de'><subject>Tee</subject></message>"
    )
    seen = await bao.expect("<message type='groupchat'><subject>Tee</subject></message>")
    lang = "{http://www.w3.org/XML/1998/namespace}lang"
    assert "de" in (seen.get(lang), find(seen, "c:subject").get(lang))
    assert len(seen.findall("c:subject", PREFIXES)) == 1
