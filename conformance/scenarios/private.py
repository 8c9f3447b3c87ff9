"""Private messages and questions between occupants (XEP-0045 §7.5, §17.4)."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from conformance.asking import ping
from conformance.reading import NotOffered, expect_refusal, expect_result, find
from conformance.registry import requirement
from conformance.scene import Scene

PSST = "<message type='chat' to='{bao}'><body>Psst</body></message>"


@requirement("PM-01", "PM-02", "PM-09", "A-006", "ALSO-06")
async def a_whisper_reaches_one_person_only(scene: Scene) -> None:
    ada, bao, cyd = await scene.enter("ada", "bao", "cyd")
    await ada.send(PSST)
    heard = await bao.expect("<message type='chat' from='{ada}'><body>Psst</body></message>")
    find(heard, "user:x")
    assert scene.jid("ada") not in ET.tostring(heard, "unicode")
    await cyd.hears_nothing(
        "<message><body>Psst</body></message>", until=scene.settle(ada, bao, cyd)
    )


@requirement("PM-03")
async def a_whisper_is_no_groupchat(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    await ada.send("<message type='groupchat' to='{bao}'><body>Psst</body></message>")
    no = await ada.expect("<message type='error' from='{bao}'/>")
    expect_refusal(no, "bad-request", "modify")
    await bao.hears_nothing("<message><body>Psst</body></message>", until=scene.settle(ada, bao))


@requirement("PM-04")
async def a_whisper_to_nobody(scene: Scene) -> None:
    ada = await scene.create()
    await ada.send(PSST)
    expect_refusal(await ada.expect("<message type='error'/>"), "item-not-found")


@requirement("PM-05")
async def a_whisper_from_outside(scene: Scene) -> None:
    _, bao = await scene.enter("ada", "bao")
    cyd = await scene.client("cyd")
    await cyd.send(PSST)
    expect_refusal(await cyd.expect("<message type='error'/>"), "not-acceptable")
    await bao.hears_nothing("<message/>")


@requirement("PM-06", "FIELD-07", "A-181")
async def whispering_can_be_forbidden(scene: Scene) -> None:
    ada, bao, cyd = await scene.enter("ada", "bao", "cyd")
    field = (await scene.form(ada)).get("muc#roomconfig_allowpm")
    if field is None:
        raise NotOffered("the form has no muc#roomconfig_allowpm")
    assert field.get("type") == "list-single"
    await scene.configure(ada, {"allowpm": "none"})
    await cyd.send(PSST)
    await cyd.expect("<message type='error'/>")
    await bao.hears_nothing(
        "<message><body>Psst</body></message>", until=scene.settle(ada, bao, cyd)
    )


@requirement("PM-07")
async def a_whisper_reaches_a_person_on_some_client(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    phone = await scene.client("bao")
    await scene.join("bao", phone)
    await ada.send(PSST)
    await scene.settle(ada, bao, phone)
    got = [
        stanza
        for client in (bao, phone)
        for stanza in client.inbox.stanzas
        if stanza.findtext("{jabber:client}body") == "Psst"
    ]
    assert got
    assert all(stanza.get("from") == scene.occupant("ada") for stanza in got)


@requirement("PM-08")
async def whispers_are_not_kept_by_the_room(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    await scene.needs(ada, "urn:xmpp:mam:2")
    await ada.send(PSST)
    await bao.expect("<message from='{ada}'><body>Psst</body></message>")
    await scene.settle(ada, bao)
    assert "Psst" not in (await ada.page(scene.room)).bodies
    cyd = await scene.client("cyd")
    history = (await scene.join("cyd", cyd)).history
    assert "Psst" not in [m.findtext("{jabber:client}body") for m in history]


@requirement("IQ-02", "IQ-04", "PING-03")
async def a_question_to_an_occupant_is_answered_by_their_client(scene: Scene) -> None:
    _, bao, cyd = await scene.enter("ada", "bao", "cyd")
    answer = expect_result(await bao.iq(ping("{cyd}")))
    assert answer.get("from") == scene.occupant("cyd")
    asked = [s for s in cyd.inbox.everything if s.tag.endswith("iq") and s.get("type") == "get"]
    assert [s.get("from") for s in asked] in ([], [scene.occupant("bao")])


@requirement("IQ-03")
async def a_question_from_outside_to_an_occupant_is_refused(scene: Scene) -> None:
    _, bao = await scene.enter("ada", "bao")
    cyd = await scene.client("cyd")
    expect_refusal(await cyd.iq(ping("{bao}")), "not-acceptable")
    await bao.hears_nothing("<iq type='get'/>")
