"""What moderators do (XEP-0045 §8)."""

from __future__ import annotations

import conformance.asking as ask
from conformance.client import Client
from conformance.reading import codes, expect_refusal, expect_result, find, item
from conformance.registry import requirement
from conformance.scene import Scene
from conformance.xml import PREFIXES

KICK = ask.admin("<item nick='{bao_nick}' role='none'><reason>Spam</reason></item>")
GONE = "<presence type='unavailable' from='{bao}'><x><item role='none'/></x></presence>"


async def with_moderator(scene: Scene, *roles: str) -> list[Client]:
    """Ada, bao who is a moderator of no affiliation, and others."""
    people = await scene.enter("ada", "bao", *roles)
    expect_result(await people[0].iq(ask.admin("<item nick='{bao_nick}' role='moderator'/>")))
    for person in people:
        await person.expect("<presence from='{bao}'><x><item role='moderator'/></x></presence>")
    return people


@requirement("MOD-01", "A-036", "A-084")
async def others_may_not(scene: Scene) -> None:
    ada, bao, cyd = await scene.enter("ada", "bao", "cyd")
    no = await bao.iq(ask.admin("<item nick='{cyd_nick}' role='none'/>"))
    expect_refusal(no, "forbidden", "auth")
    await cyd.hears_nothing("<presence/>", until=scene.settle(ada, cyd))


@requirement("MOD-02", "MOD-03", "CODE-307", "A-072", "A-102", "A-234", "A-252")
async def the_kicked_is_told_by_whom_and_why(scene: Scene) -> None:
    ada, bao, cyd = await scene.enter("ada", "bao", "cyd")
    expect_result(await ada.iq(KICK))
    own = await bao.expect(GONE)
    assert {"110", "307"} <= codes(own)
    assert find(item(own), "user:reason").text == "Spam"
    for person in (ada, cyd):
        seen = await person.expect(GONE)
        assert "307" in codes(seen)
        assert "110" not in codes(seen)
    await bao.say(scene.room, "Hello?")
    expect_refusal(await bao.expect("<message type='error'/>"), "not-acceptable")
    assert (await scene.join("bao", bao)).nick


@requirement("MOD-03", "XML-02", "XML-03", "A-091", "A-253")
async def the_actor_is_named_by_nick(scene: Scene) -> None:
    ada, bao, cyd = await scene.enter("ada", "bao", "cyd", whois="moderators")
    expect_result(await ada.iq(KICK))
    for person in (bao, cyd):
        actor = find(item(await person.expect(GONE)), "user:actor")
        assert actor.get("nick") == scene.nick("ada")
        assert actor.get("jid") is None


@requirement("MOD-04", "A-072")
async def the_moderator_has_the_result_before_the_room_hears(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    await ada.send(KICK, id="k1")
    await bao.expect(GONE)
    await ada.receives("<iq type='result'/>", GONE)


@requirement("MOD-05")
async def nobody_kicks_who_is_above_them(scene: Scene) -> None:
    ada, bao = await with_moderator(scene)
    no = await bao.iq(ask.admin("<item nick='{ada_nick}' role='none'/>"))
    expect_refusal(no, "not-allowed", "cancel")
    await ada.hears_nothing("<presence/>", until=scene.settle(ada, bao))


@requirement("MOD-07")
async def nobody_of_that_name(scene: Scene) -> None:
    ada = await scene.create()
    no = await ada.iq(ask.admin("<item nick='nobody here' role='none'/>"))
    expect_refusal(no, "item-not-found")


@requirement("MOD-08", "MOD-09", "MOD-15", "ROLE-04", "A-082", "A-112")
async def a_voice_is_taken_and_given(scene: Scene) -> None:
    ada, bao, cyd = await scene.enter("ada", "bao", "cyd", moderatedroom="1")
    await scene.devoice(ada, "bao", bao, cyd)
    for role in ("participant", "visitor", "participant"):
        item_ = f"<item nick='{{bao_nick}}' role='{role}'><reason>So</reason></item>"
        expect_result(await ada.iq(ask.admin(item_)))
        for person in (ada, bao, cyd):
            seen = await person.expect(
                f"<presence from='{{bao}}'><x><item role='{role}'/></x></presence>"
            )
            assert ("110" in codes(seen)) == (person is bao)
    await scene.settle(bao, ada, cyd)


@requirement("MOD-10", "ROLE-06")
async def an_owner_keeps_their_voice(scene: Scene) -> None:
    ada, bao = await with_moderator(scene)
    no = await bao.iq(ask.admin("<item nick='{ada_nick}' role='visitor'/>"))
    expect_refusal(no, "not-allowed", "cancel")
    await ada.hears_nothing("<presence/>", until=scene.settle(ada, bao))


@requirement("MOD-11", "A-255", "A-256")
async def those_with_a_voice_are_listed(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    answer = expect_result(await ada.iq(ask.listing("role", "participant")))
    (entry,) = answer.findall("admin:query/admin:item", PREFIXES)
    assert (entry.get("nick"), entry.get("role")) == (scene.nick("bao"), "participant")
    assert entry.get("affiliation") in ("none", "member")
    assert entry.get("jid") == bao.full


@requirement("MOD-12", "A-255")
async def several_are_changed_at_once(scene: Scene) -> None:
    ada, bao, cyd = await scene.enter("ada", "bao", "cyd", moderatedroom="1")
    for role in ("bao", "cyd"):
        await scene.devoice(ada, role, bao, cyd)
    both = [f"<item nick='{{{role}_nick}}' role='participant'/>" for role in ("bao", "cyd")]
    expect_result(await ada.iq(ask.admin(*both)))
    for role in ("bao", "cyd"):
        await ada.expect(
            f"<presence from='{{{role}}}'><x><item role='participant'/></x></presence>"
        )


@requirement("MOD-13")
async def role_and_affiliation_at_once(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    no = await ada.iq(ask.admin("<item nick='{bao_nick}' role='visitor' affiliation='member'/>"))
    expect_refusal(no, "bad-request")
    await bao.hears_nothing("<presence/>", until=scene.settle(ada, bao))


@requirement("MOD-16")
async def a_role_that_there_is_not(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    no = await ada.iq(ask.admin("<item nick='{bao_nick}' role='king'/>"))
    assert no.get("type") == "error"
    await bao.hears_nothing("<presence/>", until=scene.settle(ada, bao))


@requirement("AMOD-01", "A-082", "A-112")
async def an_owner_makes_a_moderator(scene: Scene) -> None:
    _ada, bao, cyd = await with_moderator(scene, "cyd")
    expect_result(await bao.iq(ask.admin("<item nick='{cyd_nick}' role='none'/>")))
    seen = await cyd.expect("<presence type='unavailable' from='{cyd}'/>")
    assert "307" in codes(seen)


@requirement("AMOD-02")
async def an_owner_unmakes_a_moderator(scene: Scene) -> None:
    ada, bao = await with_moderator(scene)
    expect_result(await ada.iq(ask.admin("<item nick='{bao_nick}' role='participant'/>")))
    for person in (ada, bao):
        await person.expect("<presence from='{bao}'><x><item role='participant'/></x></presence>")


@requirement("AMOD-02", "ROLE-07")
async def an_owner_stays_moderator(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    await scene.affiliate(ada, "bao", "admin")
    await bao.expect("<presence from='{bao}'><x><item affiliation='admin'/></x></presence>")
    no = await bao.iq(ask.admin("<item nick='{ada_nick}' role='participant'/>"))
    expect_refusal(no, "not-allowed", "cancel")


@requirement("AMOD-03")
async def moderators_are_listed(scene: Scene) -> None:
    ada, _bao = await scene.enter("ada", "bao")
    answer = expect_result(await ada.iq(ask.listing("role", "moderator")))
    (entry,) = answer.findall("admin:query/admin:item", PREFIXES)
    assert (entry.get("nick"), entry.get("role")) == (scene.nick("ada"), "moderator")
