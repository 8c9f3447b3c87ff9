"""Inviting people and declining (XEP-0045 §7.8, §7.9)."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import conformance.asking as ask
from conformance.client import Client
from conformance.reading import NotOffered, expect_refusal, find, lacks
from conformance.registry import requirement
from conformance.scene import PASSWORD, PROTECTED, Scene
from conformance.xml import condition_of

INVITED = "<message from='{room}'><x><invite/></x></message>"


def invitation(role: str = "bao", inner: str = "<reason>Come in</reason>") -> str:
    inside = f"<invite to='{{{role}_jid}}'>{inner}</invite>"
    return f"<message to='{{room}}'>{ask.user(inside)}</message>"


async def invited(scene: Scene, ada: Client, bao: Client, inner: str = "") -> ET.Element:
    """What bao gets when ada invites him."""
    await ada.send(invitation("bao", inner or "<reason>Come in</reason>"))
    await known(scene, ada)
    return await bao.expect(INVITED)


async def known(scene: Scene, inviter: Client) -> None:
    """Raises NotOffered if the service does not know the invited by the address of an account."""
    await scene.settle(inviter)
    if any(condition_of(stanza) == "item-not-found" for stanza in inviter.inbox.stanzas):
        raise NotOffered("people who have not come are not known by their addresses")


def inviters(scene: Scene, ada: Client) -> tuple[str, ...]:
    """What may be said of who invites: the XEP leaves the choice."""
    return ada.bare, ada.full, scene.occupant("ada")


@requirement("INV-01", "INV-02", "A-040", "A-043", "A-044", "A-046", "A-047", "A-251")
async def an_invitation_passes_through_the_room(scene: Scene) -> None:
    ada = await scene.create()
    bao = await scene.client("bao")
    told = await invited(scene, ada, bao)
    assert told.get("type") in (None, "normal")
    invite = find(told, "user:x/user:invite")
    assert invite.get("from") in inviters(scene, ada)
    assert invite.get("to") is None
    assert find(invite, "user:reason").text == "Come in"


@requirement("A-048")
async def an_invitation_does_not_come_back(scene: Scene) -> None:
    ada, cyd = await scene.enter("ada", "cyd")
    bao = await scene.client("bao")
    await invited(scene, ada, bao)
    for person in (ada, cyd):
        await person.hears_nothing(
            "<message><x><invite/></x></message>", until=scene.settle(ada, cyd)
        )


@requirement("INV-02", "A-011")
async def an_invitation_to_a_room_with_a_password_tells_it(scene: Scene) -> None:
    ada = await scene.create(**PROTECTED)
    bao = await scene.client("bao")
    told = await invited(scene, ada, bao)
    assert find(told, "user:x/user:password").text == PASSWORD


@requirement("INV-03", "FIELD-06", "A-180")
async def who_may_invite_to_a_room_for_members(scene: Scene) -> None:
    ada = await scene.create(membersonly="1", allowinvites="0")
    await scene.affiliate(ada, "bao", "member")
    bao = await scene.seat("bao", ada)
    cyd = await scene.client("cyd")
    await bao.send(invitation("cyd"))
    no = await bao.expect("<message type='error' from='{room}'/>")
    expect_refusal(no, "forbidden", "auth")
    await cyd.hears_nothing(INVITED, until=scene.settle(ada, bao))
    await scene.configure(ada, {"allowinvites": "1"})
    await bao.send(invitation("cyd"))
    await cyd.expect(INVITED)


@requirement("INV-04")
async def being_invited_lets_one_into_a_room_for_members(scene: Scene) -> None:
    ada = await scene.create(membersonly="1")
    bao = await scene.client("bao")
    await invited(scene, ada, bao)
    assert (await scene.join("bao", bao)).nick


@requirement("INV-05")
async def being_invited_to_an_open_room_makes_no_member(scene: Scene) -> None:
    ada = await scene.create(membersonly="0")
    bao = await scene.client("bao")
    await invited(scene, ada, bao)
    members = await ada.iq(ask.listing("affiliation", "member"))
    lacks(members, f"admin:query/admin:item[@jid='{bao.bare}']")


@requirement("INV-06")
async def inviting_nobody(scene: Scene) -> None:
    ada = await scene.create()
    await ada.send(
        ask.to_room(ask.user("<invite to='nobody.of.that.name@{domain}'/>"), kind="normal")
    )
    await scene.settle(ada)
    for stanza in ada.inbox.stanzas:
        if condition_of(stanza):
            expect_refusal(stanza, "item-not-found", "cancel")
            return
    raise NotOffered("the room does not tell whether an account exists")


@requirement("INV-07")
async def several_people_are_invited_at_once(scene: Scene) -> None:
    ada = await scene.create()
    bao, cyd = await scene.clients("bao", "cyd")
    await ada.send(
        ask.to_room(ask.user("<invite to='{bao_jid}'/><invite to='{cyd_jid}'/>"), kind="normal")
    )
    await known(scene, ada)
    for person in (bao, cyd):
        await person.expect(INVITED)


@requirement("INV-08", "A-254")
async def a_conversation_is_continued(scene: Scene) -> None:
    ada = await scene.create()
    bao = await scene.client("bao")
    told = await invited(scene, ada, bao, "<continue thread='t1'/>")
    assert find(told, "user:x/user:invite/user:continue").get("thread") == "t1"


@requirement("INV-09", "INV-10", "A-250")
async def declining_is_told_to_the_inviter(scene: Scene) -> None:
    ada = await scene.create()
    bao = await scene.client("bao")
    invite = find(await invited(scene, ada, bao), "user:x/user:invite")
    await bao.send(
        ask.to_room(
            ask.user("<decline to='{inviter}'><reason>Too late</reason></decline>"),
            kind="normal",
        ),
        inviter=invite.get("from"),
    )
    told = await ada.expect("<message from='{room}'><x><decline/></x></message>")
    decline = find(told, "user:x/user:decline")
    assert decline.get("from") in (bao.bare, bao.full)
    assert find(decline, "user:reason").text == "Too late"


@requirement("INV-11")
async def somebody_outside_cannot_invite(scene: Scene) -> None:
    _, bao = await scene.enter("ada", "bao")
    await bao.leave(scene.room, scene.nick("bao"))
    cyd = await scene.client("cyd")
    await bao.send(invitation("cyd"))
    no = await bao.expect("<message type='error' from='{room}'/>")
    assert condition_of(no) in ("not-acceptable", "forbidden", "not-allowed")
    await cyd.hears_nothing(INVITED)


@requirement("INV-13", "MEM-08")
async def a_new_member_of_a_room_for_members_is_invited(scene: Scene) -> None:
    ada = await scene.create(membersonly="1")
    bao = await scene.client("bao")
    await scene.affiliate(ada, "bao", "member")
    await scene.settle(ada)
    await bao.fence()
    if not any(s.find(".//{*}invite") is not None for s in bao.inbox.stanzas):
        raise NotOffered("nothing is sent")
    invite = find(await bao.expect(INVITED), "user:x/user:invite")
    assert invite.get("from") in (*inviters(scene, ada), scene.room)


@requirement("DIR-01", "A-044", "A-244", "A-260")
async def a_direct_invitation_reaches_a_person(scene: Scene) -> None:
    ada = await scene.create()
    bao = await scene.client("bao")
    await ada.send(
        "<message to='{bao_jid}'>"
        "<x xmlns='jabber:x:conference' jid='{room}' reason='Come in'/></message>"
    )
    told = await bao.expect("<message><x jid='{room}' reason='Come in'/></message>")
    room = find(told, "{jabber:x:conference}x").get("jid", "")
    assert (await bao.join(room, scene.nick("bao"))).nick
