"""What the gateway can do with an account, against the running web chat."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from legacy_backend import abilities
from legacy_backend.api import LegacyAccount
from legacy_backend.events import (
    ChatStateChanged,
    Departure,
    DirectMessagePosted,
    GroupAdded,
    GroupChanged,
    GroupDestroyed,
    InvitationDeclined,
    Invited,
    LoginStateChanged,
    MemberChanged,
    MemberJoined,
    MemberLeft,
    MembershipRequested,
    MessageEdited,
    MessagePosted,
    MessageRetracted,
    PrivateMessagePosted,
    Reacted,
    ReadUpTo,
    SubjectChanged,
    VoiceRequested,
)
from legacy_backend.terms import (
    Affiliation,
    GroupId,
    GroupKind,
    LegacyError,
    MemberId,
    MessageId,
    Role,
    UserId,
)
from legacy_backend.values import Attachment, Draft, GroupConfig, Hat, LoginState, Picture, Quote
from legacy_backend.webchat import WebChatAccount, WebChatBackend
from tests.webchat.conftest import Comes, Sink


def refused(condition: str) -> Any:
    return pytest.raises(LegacyError, match=f"^{condition}")


async def a_group(owner: WebChatAccount, *others: WebChatAccount, **config: Any) -> GroupId:
    group = await owner.create_group("Verona", GroupConfig(name="Verona", **config))
    for other in others:
        await other.join_group(group.id, config.get("password", ""))
    return group.id


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (400, 300), "teal").save(out, "PNG")
    return out.getvalue()


def test_the_account_overrides_what_a_chat_has() -> None:
    of_friends = {"allow_subscription", "end_subscription"}  # everybody may see everybody
    optional = {
        name
        for name, value in vars(LegacyAccount).items()
        if callable(value) and not name.startswith("_")
    }
    assert abilities(WebChatAccount) == optional - of_friends


async def test_an_account_is_the_same_at_every_login(chat: WebChatBackend, sink: Sink) -> None:
    first = await chat.login(UserId("romeo@example.org"), {})
    again = await chat.login(UserId("romeo@example.org"), {})
    other = await chat.login(UserId("romeo@example.net"), {})
    assert (again.member_id, again.name) == (first.member_id, "romeo")
    assert (other.member_id != first.member_id, other.name) == (True, "romeo-2")
    told = await sink.hears(LoginStateChanged, count=1)
    assert (told.to, told.state) == ("romeo@example.org", LoginState.CONNECTED)


async def test_an_escaped_localpart_makes_a_readable_name(chat: WebChatBackend) -> None:
    account = await chat.login(UserId("d\\27artagnan\\20sr@example.org"), {})
    assert account.name == "d'artagnan sr"


async def test_a_forgotten_user_is_gone_and_their_group_has_an_heir(
    chat: WebChatBackend, romeo: WebChatAccount, juliet: WebChatAccount, sink: Sink
) -> None:
    group = await a_group(romeo, juliet)
    await chat.forget(romeo.user)
    await sink.hears(MemberLeft, id=romeo.member_id)
    (member,) = await juliet.members(group)
    assert (member.id, member.affiliation) == (juliet.member_id, Affiliation.OWNER)
    assert (await chat.login(romeo.user, {})).member_id != romeo.member_id


async def test_create_shows_the_group_and_its_owner(romeo: WebChatAccount, sink: Sink) -> None:
    group = await romeo.create_group("Montague-House", GroupConfig())
    assert (group.id, group.config.name) == ("Montague-House", "Montague-House")
    assert group.kind is GroupKind.PUBLIC
    added = await sink.hears(GroupAdded)
    assert added.info == group
    joined = await sink.hears(MemberJoined)
    assert joined.member.affiliation is Affiliation.OWNER
    assert joined.member.role is Role.MODERATOR
    assert joined.member.user == romeo.user
    with refused("conflict"):
        await romeo.create_group("Montague-House", GroupConfig())
    lower = await romeo.create_group("montague-house", GroupConfig())
    assert lower.id != group.id
    assert {one.id for one in await romeo.groups()} == {group.id, lower.id}


async def test_what_is_sent_comes_back_with_its_origin(
    romeo: WebChatAccount, juliet: WebChatAccount, sink: Sink
) -> None:
    group = await a_group(romeo, juliet)
    id = await romeo.send(group, Draft(body="But soft!", origin="o1"))
    told = await sink.hears(MessagePosted)
    assert told.to is None
    assert (told.message.id, told.message.origin) == (id, "o1")
    assert (told.message.author, told.message.author_name) == (romeo.member_id, "romeo")
    files = (Attachment(url="https://example.org/a.png", name="a.png"),)
    answer = Draft(body="Ay me!", reply_to=Quote(id=id), attachments=files, thread="t")
    await juliet.send(group, answer)
    told = await sink.hears(MessagePosted, count=2)
    assert told.message.reply_to == Quote(
        id=id, author=romeo.member_id, author_name="romeo", body="But soft!"
    )
    assert (told.message.attachments, told.message.thread) == (files, "t")
    assert [one.body for one in await juliet.history(group)] == ["But soft!", "Ay me!"]
    assert (await juliet.history(group))[-1] == told.message


async def test_a_quote_of_what_was_never_said_is_left_out(
    romeo: WebChatAccount, sink: Sink
) -> None:
    group = await a_group(romeo)
    forged = Quote(id=MessageId("x"), author_name="prince", body="Banished!")
    await romeo.send(group, Draft(body="He said", reply_to=forged))
    assert (await sink.hears(MessagePosted)).message.reply_to is None


async def test_edit_retract_and_moderate(
    romeo: WebChatAccount, juliet: WebChatAccount, sink: Sink
) -> None:
    group = await a_group(romeo, juliet)
    id = await juliet.send(group, Draft(body="teh nurse"))
    edit_id = await juliet.edit(group, id, Draft(body="the nurse"))
    edited = await sink.hears(MessageEdited)
    assert (edited.message.id, edited.message.body, edited.edit_id) == (id, "the nurse", edit_id)
    with refused("forbidden"):
        await romeo.edit(group, id, Draft(body="no"))
    with refused("forbidden"):
        await romeo.retract(group, id)
    await juliet.retract(group, id)
    gone = await sink.hears(MessageRetracted)
    assert (gone.id, gone.by, gone.by_author) == (id, juliet.member_id, True)
    with refused("item-not-found"):
        await juliet.edit(group, id, Draft(body="again"))
    other = await juliet.send(group, Draft(body="spam"))
    await romeo.moderate(group, other, "Spam")
    gone = await sink.hears(MessageRetracted, count=2)
    assert (gone.by, gone.by_author, gone.reason) == (romeo.member_id, False, "Spam")
    own = await romeo.send(group, Draft(body="mine"))
    with refused("forbidden"):
        await juliet.moderate(group, own, "")
    assert [one.body for one in await romeo.history(group)] == ["mine"]


async def test_reactions_are_a_full_set(
    romeo: WebChatAccount, juliet: WebChatAccount, sink: Sink
) -> None:
    group = await a_group(romeo, juliet)
    id = await romeo.send(group, Draft(body="hi"))
    await juliet.react(group, id, ["👍", "🎉", "👍"])
    assert (await sink.hears(Reacted)).emojis == ("👍", "🎉")
    await juliet.react(group, id, [])
    assert (await sink.hears(Reacted, count=2)).emojis == ()
    with refused("not-acceptable"):
        await juliet.react(group, id, [str(n) for n in range(21)])
    with refused("item-not-found"):
        await juliet.react(group, MessageId("none"), ["👍"])


async def test_read_marks_never_go_back(
    romeo: WebChatAccount, juliet: WebChatAccount, sink: Sink
) -> None:
    group = await a_group(romeo, juliet)
    first = await romeo.send(group, Draft(body="1"))
    second = await romeo.send(group, Draft(body="2"))
    await juliet.mark_read(group, second)
    await juliet.mark_read(group, first)
    await juliet.chat_state(group, "composing")
    assert (await sink.hears(ChatStateChanged)).by == juliet.member_id
    assert [one.id for one in sink.all(ReadUpTo)] == [second]


async def test_private_messages(
    romeo: WebChatAccount, juliet: WebChatAccount, browser: Comes, sink: Sink
) -> None:
    group = await a_group(romeo, juliet)
    id = await romeo.send_private(group, juliet.member_id, Draft(body="psst"))
    told = await sink.hears(PrivateMessagePosted)
    assert (told.to, told.message.id, told.message.body) == (juliet.user, id, "psst")
    nurse = await browser("nurse")
    with refused("item-not-found"):
        await romeo.send_private(group, MemberId(nurse.id), Draft(body="psst"))
    await romeo.set_config(group, GroupConfig(private_messages="moderators"))
    with refused("not-allowed"):
        await juliet.send_private(group, romeo.member_id, Draft(body="psst"))


async def test_direct_messages(
    romeo: WebChatAccount, juliet: WebChatAccount, browser: Comes, sink: Sink
) -> None:
    nurse = await browser("nurse")
    await romeo.send_direct(MemberId(nurse.id), Draft(body="Where is she?"))
    page = await nurse.ask("GET", f"/api/conversations/{romeo.member_id}")
    assert [one["body"] for one in page["messages"]] == ["Where is she?"]
    await romeo.send_direct(juliet.member_id, Draft(body="hi"))
    told = await sink.hears(DirectMessagePosted)
    assert (told.to, told.message.body) == (juliet.user, "hi")


async def test_a_kick_and_a_ban(romeo: WebChatAccount, juliet: WebChatAccount, sink: Sink) -> None:
    group = await a_group(romeo, juliet)
    with refused("forbidden"):
        await juliet.kick(group, romeo.member_id, "")
    with refused("conflict"):
        await romeo.kick(group, romeo.member_id, "")
    await romeo.kick(group, juliet.member_id, "Enough")
    left = await sink.hears(MemberLeft)
    assert left == MemberLeft(
        group=group, id=juliet.member_id, how=Departure.KICKED, by=romeo.member_id, reason="Enough"
    )
    with refused("item-not-found"):
        await romeo.kick(group, juliet.member_id, "")
    with refused("forbidden"):
        await juliet.send(group, Draft(body="hey"))
    await juliet.join_group(group)
    await romeo.set_affiliation(group, juliet.member_id, Affiliation.OUTCAST, "Out")
    assert (await sink.hears(MemberLeft, count=2)).how is Departure.BANNED
    with refused("forbidden"):
        await juliet.join_group(group)
    banned = {one.id: one for one in await romeo.members(group)}[juliet.member_id]
    assert (banned.affiliation, banned.present) == (Affiliation.OUTCAST, False)
    await romeo.set_affiliation(group, juliet.member_id, Affiliation.MEMBER, "")
    changed = await sink.hears(MemberChanged)
    assert (changed.member.affiliation, changed.member.present) == (Affiliation.MEMBER, False)
    await juliet.join_group(group)


async def test_who_may_give_which_standing(
    chat: WebChatBackend, romeo: WebChatAccount, juliet: WebChatAccount
) -> None:
    tybalt = await chat.login(UserId("tybalt@example.org"), {})
    group = await a_group(romeo, juliet, tybalt)
    with refused("conflict"):
        await romeo.set_affiliation(group, romeo.member_id, Affiliation.MEMBER, "")
    await romeo.set_affiliation(group, juliet.member_id, Affiliation.ADMIN, "")
    with refused("not-allowed"):
        await juliet.set_affiliation(group, tybalt.member_id, Affiliation.ADMIN, "")
    with refused("not-allowed"):
        await juliet.set_affiliation(group, romeo.member_id, Affiliation.OUTCAST, "")
    with refused("not-allowed"):
        await juliet.kick(group, romeo.member_id, "")
    with refused("conflict"):
        await juliet.set_affiliation(group, juliet.member_id, Affiliation.OUTCAST, "")
    with refused("forbidden"):
        await tybalt.set_affiliation(group, juliet.member_id, Affiliation.NONE, "")
    await juliet.set_affiliation(group, tybalt.member_id, Affiliation.OUTCAST, "")
    with refused("forbidden"):
        await juliet.set_config(group, GroupConfig(name="Mine"))
    with refused("forbidden"):
        await juliet.destroy_group(group, "")


async def test_a_moderated_group_gives_and_takes_voices(
    romeo: WebChatAccount, juliet: WebChatAccount, sink: Sink
) -> None:
    group = await a_group(romeo, juliet)
    await romeo.set_config(group, GroupConfig(moderated=True))
    changed = await sink.hears(MemberChanged)
    assert (changed.member.id, changed.member.role) == (juliet.member_id, Role.VISITOR)
    with refused("forbidden"):
        await juliet.send(group, Draft(body="May I?"))
    await juliet.request_voice(group)
    assert (await sink.hears(VoiceRequested)).by == juliet.member_id
    await romeo.set_role(group, juliet.member_id, Role.PARTICIPANT, "")
    assert (await sink.hears(MemberChanged, count=2)).member.role is Role.PARTICIPANT
    await juliet.send(group, Draft(body="Thanks"))
    await romeo.set_role(group, juliet.member_id, Role.MODERATOR, "")
    with refused("not-allowed"):
        await juliet.set_role(group, romeo.member_id, Role.VISITOR, "")
    with refused("not-allowed"):
        await juliet.request_voice(group)


async def test_the_muted_stay_so_when_they_come_again(
    romeo: WebChatAccount, juliet: WebChatAccount
) -> None:
    group = await a_group(romeo, juliet)
    await romeo.set_role(group, juliet.member_id, Role.VISITOR, "")
    await juliet.leave_group(group)
    await juliet.join_group(group)
    with refused("forbidden"):
        await juliet.send(group, Draft(body="hello again"))


async def test_settings_change_all_at_once_or_not_at_all(
    romeo: WebChatAccount, juliet: WebChatAccount, sink: Sink
) -> None:
    group = await a_group(romeo, juliet)
    with refused("not-acceptable"):
        await romeo.set_config(group, GroupConfig(name="New", language="not a tag"))
    assert (await romeo.group(group)).config.name == "Verona"
    await romeo.set_config(group, GroupConfig(name="Mantua", anonymous=True, language="it"))
    told = await sink.hears(GroupChanged)
    assert (told.info.config.name, told.info.kind) == ("Mantua", GroupKind.ANONYMOUS)
    assert told.info == await romeo.group(group)
    await romeo.set_config(group, GroupConfig(members_only=True))
    left = await sink.hears(MemberLeft)
    assert (left.id, left.how) == (juliet.member_id, Departure.REMOVED)


async def test_the_subject_remembers_by_whom_and_when(
    romeo: WebChatAccount, juliet: WebChatAccount, sink: Sink
) -> None:
    group = await a_group(romeo, juliet)
    assert (await romeo.group(group)).subject is None
    await juliet.set_subject(group, "The feast")
    told = await sink.hears(SubjectChanged)
    assert (told.subject.text, told.subject.by) == ("The feast", juliet.member_id)
    assert (await romeo.group(group)).subject == told.subject
    await romeo.set_config(group, GroupConfig(members_may_change_subject=False))
    with refused("forbidden"):
        await juliet.set_subject(group, "No")
    await romeo.set_subject(group, "")
    assert (await sink.hears(SubjectChanged, count=2)).subject.text == ""


async def test_a_picture_is_drawn_anew(romeo: WebChatAccount, sink: Sink) -> None:
    group = await a_group(romeo)
    await romeo.set_picture(group, Picture("mine", png(), "image/png"))
    picture = (await sink.hears(GroupChanged)).info.picture
    assert picture is not None
    with Image.open(io.BytesIO(picture.data)) as image:
        assert (image.format, image.size) == ("PNG", (256, 256))
    assert (await romeo.group(group)).picture == picture
    with refused("not-acceptable"):
        await romeo.set_picture(group, Picture("x", b"<svg onload=alert(1)>", "image/png"))
    await romeo.set_picture(group, None)
    assert (await sink.hears(GroupChanged, count=2)).info.picture is None


async def test_entering_is_refused_for_the_right_reasons(
    romeo: WebChatAccount, juliet: WebChatAccount
) -> None:
    closed = await romeo.create_group("closed", GroupConfig(members_only=True, public=False))
    locked = await romeo.create_group("locked", GroupConfig(password="rosemary"))
    full = await romeo.create_group("full", GroupConfig(max_users=1))
    with refused("registration-required"):
        await juliet.join_group(closed.id)
    with refused("item-not-found"):
        await juliet.group(closed.id)
    with refused("item-not-found"):
        await juliet.members(closed.id)
    with refused("not-authorized"):
        await juliet.join_group(locked.id, "thyme")
    with refused("service-unavailable"):
        await juliet.join_group(full.id)
    with refused("item-not-found"):
        await juliet.join_group(GroupId("nowhere"))
    assert (await juliet.join_group(locked.id, "rosemary")).id == locked.id
    await romeo.set_affiliation(closed.id, juliet.member_id, Affiliation.MEMBER, "")
    await juliet.join_group(closed.id)


async def test_an_invitation_opens_a_closed_group(
    chat: WebChatBackend, romeo: WebChatAccount, juliet: WebChatAccount, sink: Sink
) -> None:
    group = await a_group(romeo, members_only=True, public=False)
    await romeo.invite(group, juliet.member_id, "Come")
    told = await sink.hears(Invited)
    assert (told.to, told.by, told.reason) == (juliet.user, romeo.member_id, "Come")
    assert (await juliet.group(group)).id == group
    await juliet.join_group(group)
    with refused("conflict"):
        await romeo.invite(group, juliet.member_id, "")
    tybalt = await chat.login(UserId("tybalt@example.org"), {})
    await juliet.invite(group, tybalt.member_id, "")
    await tybalt.decline(group, juliet.member_id, "Never")
    no = await sink.hears(InvitationDeclined)
    assert (no.to, no.by, no.reason) == (juliet.user, tybalt.member_id, "Never")
    with refused("item-not-found"):
        await tybalt.decline(group, None, "")
    await romeo.set_config(group, GroupConfig(members_may_invite=False))
    with refused("forbidden"):
        await juliet.invite(group, tybalt.member_id, "")


async def test_nicks_are_one_person_s_in_a_group(
    romeo: WebChatAccount, juliet: WebChatAccount, sink: Sink
) -> None:
    group = await a_group(romeo, juliet)
    with refused("conflict"):
        await juliet.change_nick(group, "ROMEO")
    assert await juliet.change_nick(group, "  the   sun ") == "the sun"
    changed = await sink.hears(MemberChanged)
    assert (changed.member.id, changed.member.name) == (juliet.member_id, "the sun")
    assert (await juliet.person(juliet.member_id)).name == "juliet"


async def test_leave_and_destroy(romeo: WebChatAccount, juliet: WebChatAccount, sink: Sink) -> None:
    group = await a_group(romeo, juliet)
    await juliet.leave_group(group)
    assert (await sink.hears(MemberLeft)).how is Departure.LEFT
    assert list(await juliet.groups()) == []
    await romeo.leave_group(group)
    await romeo.join_group(group)
    await romeo.destroy_group(group, "The end")
    assert (await sink.hears(GroupDestroyed)).reason == "The end"
    with refused("item-not-found"):
        await romeo.group(group)


async def test_public_groups_are_found(chat: WebChatBackend, romeo: WebChatAccount) -> None:
    await romeo.create_group("garden", GroupConfig(name="Capulet's Garden", language="en"))
    await romeo.create_group("cell", GroupConfig(name="Laurence's cell", public=False))
    (found,) = await chat.search_groups("garden capulet")
    assert (found.id, found.member_count, found.languages) == ("garden", 1, ("en",))
    assert [one.id for one in await chat.search_groups("")] == ["garden"]
    assert list(await chat.search_groups("100%")) == []


async def test_what_one_sends_is_cleaned_or_refused(romeo: WebChatAccount, sink: Sink) -> None:
    group = await a_group(romeo)
    await romeo.send(group, Draft(body="a\x00b\ud800c\r\n  d\uffff\n"))
    assert (await sink.hears(MessagePosted)).message.body == "abc\n  d"
    for draft in (
        Draft(body=""),
        Draft(body=" \n "),
        Draft(body="x" * 5001),
        Draft(body="x", attachments=(Attachment(url="javascript:alert(1)"),)),
        Draft(body="x", attachments=(Attachment(url="http://[broken"),)),
    ):
        with refused("not-acceptable"):
            await romeo.send(group, draft)


async def test_asking_to_be_let_in(
    romeo: WebChatAccount, juliet: WebChatAccount, sink: Sink
) -> None:
    group = await a_group(romeo, members_only=True, public=True)
    await juliet.request_membership(group, "Capulet")
    asked = await sink.hears(MembershipRequested, group=group)
    assert (asked.member.id, asked.member.name) == (juliet.member_id, "Capulet")
    assert asked.member.user == juliet.user
    await juliet.request_membership(group, "Capulet")
    with refused("conflict"):
        await juliet.request_membership(group, "romeo")
    with refused("forbidden"):
        await juliet.answer_membership(group, juliet.member_id, accept=True)
    await romeo.answer_membership(group, juliet.member_id, accept=True)
    assert len(sink.all(MembershipRequested)) == 1
    await sink.hears(Invited, group=group, to=juliet.user)
    with refused("item-not-found"):
        await romeo.answer_membership(group, juliet.member_id, accept=True)
    await juliet.join_group(group)
    joined = await sink.hears(MemberJoined, group=group, count=2)
    assert (joined.member.name, joined.member.affiliation) == ("Capulet", Affiliation.MEMBER)
    with refused("conflict"):
        await juliet.request_membership(group, "Capulet")


async def test_being_turned_down(romeo: WebChatAccount, juliet: WebChatAccount) -> None:
    group = await a_group(romeo, members_only=True, public=True)
    await juliet.request_membership(group, "")
    await romeo.answer_membership(group, juliet.member_id, accept=False)
    with refused("registration-required"):
        await juliet.join_group(group)
    hidden = await romeo.create_group("hidden", GroupConfig(members_only=True, public=False))
    with refused("item-not-found"):
        await juliet.request_membership(hidden.id, "")
    await romeo.set_affiliation(group, juliet.member_id, Affiliation.OUTCAST, "")
    with refused("forbidden"):
        await juliet.request_membership(group, "")


async def test_calling_somebody_else_otherwise(
    romeo: WebChatAccount, juliet: WebChatAccount, sink: Sink
) -> None:
    group = await a_group(romeo, juliet)
    assert await romeo.rename_member(group, juliet.member_id, "Sun") == "Sun"
    changed = await sink.hears(MemberChanged, group=group)
    assert (changed.member.name, changed.by) == ("Sun", romeo.member_id)
    with refused("conflict"):
        await romeo.rename_member(group, juliet.member_id, "romeo")
    with refused("forbidden"):
        await juliet.rename_member(group, romeo.member_id, "Moon")
    assert await romeo.rename_member(group, juliet.member_id, "") == "juliet"


async def test_badges(romeo: WebChatAccount, juliet: WebChatAccount, sink: Sink) -> None:
    group = await a_group(romeo, juliet)
    host = Hat("urn:x:host", "Host", "120")
    with refused("forbidden"):
        await juliet.put_hat(group, host)
    await romeo.put_hat(group, host)
    assert await juliet.hats(group) == [host]
    with refused("item-not-found"):
        await romeo.give_hat(group, juliet.member_id, "urn:x:other")
    await romeo.give_hat(group, juliet.member_id, host.uri)
    await romeo.give_hat(group, juliet.member_id, host.uri)
    changed = await sink.hears(MemberChanged, group=group)
    assert changed.member.hats == (host,)
    await romeo.put_hat(group, Hat(host.uri, "Hostess"))
    members = {one.id: one.hats for one in await romeo.members(group)}
    assert members == {romeo.member_id: (), juliet.member_id: (Hat(host.uri, "Hostess"),)}
    await romeo.take_hat(group, juliet.member_id, host.uri)
    with refused("item-not-found"):
        await romeo.take_hat(group, juliet.member_id, host.uri)
    await romeo.give_hat(group, juliet.member_id, host.uri)
    await romeo.remove_hat(group, host.uri)
    assert await romeo.hats(group) == []
    assert all(not one.hats for one in await romeo.members(group))


async def test_becoming_a_member_of_an_open_group(
    romeo: WebChatAccount, juliet: WebChatAccount, sink: Sink
) -> None:
    group = await a_group(romeo, juliet)
    await juliet.become_member(group)
    changed = await sink.hears(MemberChanged, group=group)
    assert (changed.member.id, changed.member.affiliation) == (
        juliet.member_id,
        Affiliation.MEMBER,
    )
    await juliet.become_member(group)
    await romeo.become_member(group)
    assert len(sink.all(MemberChanged)) == 1
