"""Messages to everybody (XEP-0045 §7.4)."""

from __future__ import annotations

import conformance.asking as ask
from conformance.reading import body, codes, expect_refusal, expect_result, find, lacks
from conformance.registry import requirement
from conformance.scene import Scene
from conformance.xml import condition_of

SAYS = "<message type='groupchat' from='{ada}'><body>Good morning</body></message>"


@requirement("MSG-01", "A-074", "A-095")
async def everybody_hears_it_the_sender_too(scene: Scene) -> None:
    ada, bao, cyd = await scene.enter("ada", "bao", "cyd")
    await ada.say(scene.room, "Good morning")
    for person in (ada, bao, cyd):
        assert (await person.expect(SAYS)).get("to", "").partition("/")[0] == person.bare


@requirement("MSG-02")
async def a_visitor_in_a_moderated_room_is_not_heard(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao", moderatedroom="1")
    await scene.devoice(ada, "bao", bao)
    await bao.say(scene.room, "Hello?")
    no = await bao.expect("<message type='error' from='{room}'/>")
    expect_refusal(no, "forbidden", "auth")
    await ada.hears_nothing("<message><body>Hello?</body></message>", until=scene.settle(ada, bao))


@requirement("MSG-03", "AMB-03")
async def somebody_outside_is_not_heard(scene: Scene) -> None:
    ada = await scene.create()
    bao = await scene.client("bao")
    await bao.say(scene.room, "Hello?")
    no = await bao.expect("<message type='error' from='{room}'/>")
    expect_refusal(no, "not-acceptable")
    await ada.hears_nothing("<message><body>Hello?</body></message>", until=scene.settle(ada))


@requirement("MSG-05", "A-074", "A-075", "A-076")
async def the_id_is_the_senders(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    await ada.send(ask.to_room("<body>Good morning</body>", id="my-id-1"))
    for person in (ada, bao):
        assert (await person.expect(SAYS)).get("id") == "my-id-1"


@requirement("MSG-06")
async def a_normal_message_to_the_room_is_not_shown(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    for kind in ("normal", "chat", "headline"):
        await ada.send(ask.to_room("<body>Psst</body>", kind=kind))
    await bao.hears_nothing("<message><body>Psst</body></message>", until=scene.settle(ada, bao))


@requirement("MSG-07")
async def a_message_to_a_room_that_is_not_there(scene: Scene) -> None:
    ada = await scene.client("ada")
    await ada.say(scene.room, "Hello?")
    expect_refusal(await ada.expect("<message type='error'/>"), "item-not-found", "cancel")


@requirement("MSG-08", "MSG-09")
async def what_is_beside_the_body_passes_or_is_told_to_be_dropped(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    await ada.send(ask.to_room("<body>Good morning</body><shine xmlns='urn:example:sun'/>"))
    heard = await bao.expect(SAYS)
    if heard.find("{urn:example:sun}shine") is None:
        expect_result(await scene.info(bao, node="http://jabber.org/protocol/muc#traffic"))


@requirement("ALSO-01")
async def one_is_seen_to_write(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    chat_state = "<composing xmlns='http://jabber.org/protocol/chatstates'/>"
    await ada.send(ask.to_room(chat_state))
    await bao.expect(f"<message type='groupchat' from='{{ada}}'>{chat_state}</message>")
    cyd = await scene.client("cyd")
    assert (await scene.join("cyd", cyd)).history == []


@requirement("MSG-11", "SVC-07")
async def a_client_cannot_speak_for_the_room(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    lie = ask.user("<item affiliation='owner' role='moderator'/><status code='104'/>")
    await bao.send(ask.to_room(f"<body>True</body>{lie}"))
    heard = await ada.expect("<message from='{bao}'><body>True</body></message>")
    lacks(heard, "user:x/user:item", "user:x/user:status")


@requirement("MSG-15", "A-054", "CODE-104", "A-225", "CONF-14")
async def the_room_speaks_in_its_own_name(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    await scene.configure(ada, {"roomname": "Another name"})
    for person in (ada, bao):
        told = await person.expect(
            "<message type='groupchat' from='{room}'><x><status code='104'/></x></message>"
        )
        assert codes(told) == {"104"}


@requirement("MSG-16")
async def an_error_is_never_answered(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    cyd = await scene.client("cyd")
    error = (
        "<error type='modify'><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
    )
    # Not by somebody inside: a room may take them out for it (§18.1.2).
    for to in ("{room}", "{room}/nobody"):
        await cyd.send(f"<message type='error' to='{to}'>{error}</message>")
        await cyd.send(f"<iq type='error' to='{to}'>{error}</iq>")
    await cyd.fence()
    await scene.settle(ada, bao)
    assert [s for s in cyd.inbox.stanzas if condition_of(s)] == []


@requirement("REPL-01", "FALL-01")
async def an_answer_names_what_it_answers(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    await scene.needs(ada, "urn:xmpp:sid:0")
    await ada.say(scene.room, "Good morning")
    id = find(await bao.expect(SAYS), "sid:stanza-id").get("id")
    await bao.send(
        ask.to_room(
            "<body>> Good morning\nTo you as well</body>"
            "<reply xmlns='urn:xmpp:reply:0' id='{id}' to='{ada}'/>"
            "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'>"
            "<body start='0' end='15'/></fallback>"
        ),
        id=id,
    )
    heard = await ada.expect("<message from='{bao}'><body/></message>")
    assert (body(heard) or "").endswith("To you as well")
    assert find(heard, "{urn:xmpp:reply:0}reply").get("id") == id


@requirement("SVC-04")
async def the_language_of_a_message_is_kept(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    await ada.send(
        "<message type='groupchat' to='{room}' xml:lang='de'><body>Guten Tag</body></message>"
    )
    heard = await bao.expect("<message from='{ada}'><body>Guten Tag</body></message>")
    lang = "{http://www.w3.org/XML/1998/namespace}lang"
    assert "de" in (heard.get(lang), find(heard, "c:body").get(lang))
