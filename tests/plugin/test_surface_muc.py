"""The names of `LegacyMUC` that plugins use and `tests/group` does not show yet."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from slidge.core.mixins import AvatarMixin
from slidge.util.types import Avatar, MucType
from slixmpp import JID

from tests.muc.pictures import png
from tests.plugin_stage import PluginStage, on_plugin_stage

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def say(text: str, more: str = "", id: str = "m1") -> str:
    return f"<message to='{{room}}' type='groupchat' id='{id}'><body>{text}</body>{more}</message>"


def answers(stage: PluginStage, **callbacks: Any) -> list[tuple[Any, ...]]:
    """Give the plugin's rooms callbacks that answer thus; what they are called with."""
    called: list[tuple[Any, ...]] = []

    def callback(name: str, answer: Any) -> Any:
        async def called_back(_: Any, *args: Any, **kwargs: Any) -> Any:
            called.append((name, *args, *kwargs.values()))
            return next(answer) if isinstance(answer, Iterator) else answer

        return called_back

    for name, answer in callbacks.items():
        setattr(stage.plugin.MUC, name, callback(name, answer))
    return called


def ids() -> Iterator[str]:
    """What the network calls one message after the other."""
    return (f"l{number}" for number in range(1, 10))


async def test_what_a_handle_knows(stage: PluginStage) -> None:
    stage.network.has_group("g1", "fay")
    muc = await stage.enters()
    assert (muc.legacy_id, muc.jid, muc.is_group) == ("g1", JID(stage.room), True)
    assert muc.xmpp is stage.gateway
    assert muc.session.bookmarks.known("g1") is muc
    assert muc.user_jid == JID("ada@example.org")
    assert isinstance(muc, AvatarMixin)
    muc.log.debug("A logger")
    assert isinstance(muc.stored.id, int)
    assert (muc.stored.legacy_id, muc.stored.jid) == ("g1", muc.jid)
    muc.stored.history_filled = False
    muc.commit()
    muc.refresh()
    muc.merge()
    with muc.orm() as orm:
        assert orm is not None
    async with muc.lock("something"):
        assert muc.get_lock("something") is not None
    assert muc.get_lock("something") is None


async def test_what_is_set_while_it_is_described_is_shown_together(stage: PluginStage) -> None:
    stage.network.has_group("g1")
    muc = await stage.enters()
    ada = stage.person("ada")
    with muc.updating_info():
        muc.name, muc.type, muc.n_participants = "Tea", MucType.CHANNEL_NON_ANONYMOUS, 7
        muc.description, muc.subject = "Drinks", "Assam"
        muc.subject_date, muc.subject_setter = NOON, "fay"
        muc.user_nick = "ada the first"
    assert (muc.name, muc.type, muc.n_participants) == ("Tea", MucType.CHANNEL_NON_ANONYMOUS, 7)
    assert (muc.subject, muc.subject_date, muc.subject_setter) == ("Assam", NOON, "fay")
    assert muc.user_nick == "ada the first"
    await ada.receives("<message type='groupchat'><subject>Assam</subject></message>")
    muc.subject_setter = await muc.get_participant("Fay")
    assert muc.subject_setter == "Fay"
    muc.subject_setter = await muc.session.contacts.by_legacy_id(await known(stage, "gus"))
    assert muc.subject_setter == "Gus"


async def known(stage: PluginStage, name: str) -> str:
    stage.network.people.add(name)
    return name


async def test_participants_in_all_the_ways_to_ask(stage: PluginStage) -> None:
    stage.network.has_group("g1", "fay")
    muc = await stage.enters()
    fay = await muc.get_participant_by_legacy_id("fay", occupant_id="opaque-fay")
    assert await muc.get_participant_by_legacy_id("fay", create=False) is fay
    assert await muc.get_participant_by_legacy_id(await known(stage, "gus"), create=False) is None
    assert await muc.get_participant_by_contact(fay.contact, create=False) is fay
    assert await muc.get_participant("nobody", create=False) is None
    assert await muc.get_participant(occupant_id="nobody", create=False) is None
    own = await muc.get_participant(occupant_id="id-1")
    assert await muc.get_participant("Renamed", occupant_id="id-1") is own
    assert own.nickname == "Renamed"
    me = await muc.get_user_participant(occupant_id="opaque-me")
    assert me is await muc.get_user_participant()
    assert me.is_user
    assert muc.get_system_participant().is_system
    assert {p.nickname async for p in muc.get_participants()} == {"ada", "Fay", "Renamed"}
    muc.remove_participant(fay)
    assert await muc.get_participant("Fay", create=False) is None


async def test_a_constructor_of_the_plugins_own(tmp_path: Path, database: Path) -> None:
    async with on_plugin_stage(tmp_path, database) as stage:
        base = stage.plugin.MUC

        def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
            super(base, self).__init__(*args, **kwargs)
            self.threads_seen = {}

        base.__init__ = __init__
        stage.network.has_group("g1")
        assert (await stage.enters()).threads_seen == {}


async def test_join_can_be_overridden_and_called(stage: PluginStage) -> None:
    base = stage.plugin.MUC

    async def join(self: Any, presence: Any) -> None:
        await super(base, self).join(presence)
        stage.network.called.append(("joined", str(presence.get_from())))

    base.join = join
    stage.network.has_group("g1")
    await stage.enters()
    assert ("joined", "ada@example.org/phone") in stage.network.called


async def test_every_callback_of_a_message(stage: PluginStage) -> None:
    stage.network.has_group("g1")
    called = answers(
        stage, on_message=ids(), on_react=None, on_retract=None, on_displayed=None,
        on_chat_state=None, on_moderate=None, on_leave=None,
    )  # fmt: skip
    await stage.enters()
    ada = stage.person("ada")
    ada.sends(say("Hello"))
    (told,) = await ada.receives("<message id='m1'><body>Hello</body></message>")
    stanza_id = told.find("{urn:xmpp:sid:0}stanza-id").get("id")  # type: ignore[union-attr]
    (fact,) = called
    assert (fact[0], fact[1].body, fact[1].attachments, fact[1].mentions) == (
        "on_message", "Hello", (), (),
    )  # fmt: skip
    called.clear()
    for inner in (
        f"<reactions xmlns='urn:xmpp:reactions:0' id='{stanza_id}'/>",
        f"<displayed xmlns='urn:xmpp:chat-markers:0' id='{stanza_id}'/>",
        "<composing xmlns='http://jabber.org/protocol/chatstates'/>",
        f"<retract xmlns='urn:xmpp:message-retract:1' id='{stanza_id}'/>",
    ):
        ada.sends(f"<message to='{{room}}' type='groupchat' id='m2'>{inner}</message>")
        await stage.settled()
    assert called == [
        ("on_react", "l1", [], None),
        ("on_displayed", "l1", None),
        ("on_chat_state", "composing", None),
        ("on_retract", "l1", None),
    ]


async def test_a_correction_and_a_reply_and_a_file(stage: PluginStage) -> None:
    stage.network.has_group("g1", "fay")
    called = answers(stage, on_message=ids())
    muc = await stage.enters()
    ada = stage.person("ada")
    fay = await muc.get_participant_by_legacy_id("fay")
    fay.send_text("Tea?", "l0")
    (asked,) = await ada.receives("<message><body>Tea?</body></message>")
    id = asked.get("id")
    ada.sends(
        say(
            "&gt; Tea?\nYes, @Fay",
            f"<reply xmlns='urn:xmpp:reply:0' id='{id}' to='{{room}}/Fay'/>"
            "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'>"
            "<body start='0' end='7'/></fallback>",
        )
    )
    await ada.receives("<message id='m1'/>")
    ada.sends(say("No", "<replace xmlns='urn:xmpp:message-correct:0' id='m1'/>", id="m2"))
    await ada.receives("<message id='m2'/>")
    ada.sends(
        say(
            "https://x.example/a.png",
            "<x xmlns='jabber:x:oob'><url>https://x.example/a.png</url></x>"
            "<file-sharing xmlns='urn:xmpp:sfs:0'><file xmlns='urn:xmpp:file:metadata:0'>"
            "<media-type>image/png</media-type></file><sources>"
            "<url-data xmlns='http://jabber.org/protocol/url-data'"
            " target='https://x.example/a.png'/></sources></file-sharing>",
            id="m3",
        )
    )
    await ada.receives("<message id='m3'/>")
    reply, correction, sent = (message for _, message in called)
    assert (reply.body, reply.reply.msg_id, reply.reply.to) == ("Yes, @Fay", "l0", fay)
    assert reply.reply.fallback == "> Tea?\n"
    assert [(m.contact.legacy_id, m.start, m.end) for m in reply.mentions] == [("fay", 6, 9)]
    assert (correction.replace, correction.body) == ("l1", "No")
    (file,) = sent.attachments
    assert (sent.body, file.url, file.content_type) == (
        None, "https://x.example/a.png", "image/png",
    )  # fmt: skip


async def test_messages_of_the_archive_are_found_by_either_id(stage: PluginStage) -> None:
    stage.network.has_group("g1", "fay")
    muc = await stage.enters()
    fay = await muc.get_participant_by_legacy_id("fay")
    fay.send_text("Tea?", "l0", when=NOON)
    (told,) = await stage.person("ada").receives("<message><body>Tea?</body></message>")
    for id in ("l0", told.get("id")):
        (found,) = muc.get_archived_messages(id)
        assert (found.stanza["body"], found.occupant_id) == ("Tea?", fay.occupant_id)
        assert found.when == NOON
    assert list(muc.get_archived_messages("nothing")) == []


async def test_emojis_that_a_network_allows(stage: PluginStage) -> None:
    stage.plugin.MUC.REACTIONS_SINGLE_EMOJI = True
    stage.network.has_group("g1")
    called = answers(stage, available_emojis={"👍"}, on_react=None, on_message=ids())
    await stage.enters()
    ada = stage.person("ada")
    ada.sends(say("Hello"))
    (told,) = await ada.receives("<message id='m1'/>")
    stanza_id = told.find("{urn:xmpp:sid:0}stanza-id").get("id")  # type: ignore[union-attr]
    for emojis, refused in ((["🍵"], True), (["👍"], False)):
        inner = "".join(f"<reaction>{emoji}</reaction>" for emoji in emojis)
        ada.sends(
            f"<message to='{{room}}' type='groupchat' id='r'><reactions id='{stanza_id}'"
            f" xmlns='urn:xmpp:reactions:0'>{inner}</reactions></message>"
        )
        await ada.receives("<message type='error'/>" if refused else "<message id='r'/>")
    assert ("on_react", "l1", ["👍"], None) in called
    assert ("on_react", "l1", ["🍵"], None) not in called


@pytest.mark.parametrize("delete", [True, False])
async def test_a_picture_from_a_file(stage: PluginStage, tmp_path: Path, delete: bool) -> None:
    stage.network.has_group("g1")
    muc = await stage.enters()
    path = tmp_path / "tea.png"
    path.write_bytes(png())
    await muc.set_avatar(Avatar(path=path, unique_id="p1"), delete=delete)
    assert muc.avatar.unique_id == "p1"
    assert path.exists() is not delete
    muc.avatar = None
    await stage.settled()
    assert muc.avatar is None


async def test_a_thread_has_the_networks_name_there_and_the_clients_here(
    stage: PluginStage,
) -> None:
    stage.network.has_group("g1", "fay")
    called = answers(stage, on_message=ids(), create_thread="99", on_retract=None)
    muc = await stage.enters()
    ada = stage.person("ada")
    for number in ("1", "2"):
        ada.sends(say("Hello", "<thread>of mine</thread>", id=f"m{number}"))
        await ada.receives(f"<message id='m{number}'/>")
    assert [(name, getattr(what, "thread", what)) for name, what in called] == [
        ("create_thread", "of mine"),
        ("on_message", "99"),
        ("on_message", "99"),
    ]
    fay = await muc.get_participant_by_legacy_id("fay")
    fay.send_text("Hello", "x2", thread="99")
    await ada.receives("<message><body>Hello</body><thread>of mine</thread></message>")
    fay.send_text("And here", "x3", thread=100)
    await ada.receives("<message><body>And here</body><thread>100</thread></message>")
    fay.react("l1", ["🍵"], thread="99")
    await ada.receives("<message><reactions xmlns='urn:xmpp:reactions:0'/><thread/></message>")
    fay.set_thread_subject("99", "About tea")
    await ada.receives("<message><thread>of mine</thread><subject>About tea</subject></message>")


async def test_threads_may_be_named_after_messages(stage: PluginStage) -> None:
    stage.plugin.Session.MESSAGE_IDS_ARE_THREAD_IDS = True
    stage.network.has_group("g1", "fay")
    called = answers(stage, on_message=ids())
    muc = await stage.enters()
    ada = stage.person("ada")
    (await muc.get_participant_by_legacy_id("fay")).send_text("Tea?", "l0", thread="l0")
    (told,) = await ada.receives("<message><body>Tea?</body><thread>l0</thread></message>")
    for number, thread in enumerate((told.get("id"), "l0")):
        ada.sends(say("Yes", f"<thread>{thread}</thread>", id=f"m{number}"))
        await ada.receives(f"<message id='m{number}'/>")
    assert [message.thread for _, message in called] == ["l0", "l0"]


DIGEST = hashlib.sha256(png())
HASH = base64.b64encode(DIGEST.digest()).decode()
STICKER = (
    "<sticker xmlns='urn:xmpp:stickers:0' pack='p'/><file-sharing xmlns='urn:xmpp:sfs:0'>"
    "<file xmlns='urn:xmpp:file:metadata:0'><media-type>image/png</media-type>"
    f"<hash xmlns='urn:xmpp:hashes:2' algo='sha-256'>{HASH}</hash></file><sources>"
    "<url-data xmlns='http://jabber.org/protocol/url-data' target='https://x.example/s.png'/>"
    "</sources></file-sharing>"
)


async def test_a_sticker_that_is_known(stage: PluginStage, tmp_path: Path) -> None:
    stage.network.has_group("g1")
    called = answers(stage, on_message=ids(), on_sticker="s1")
    await stage.enters()
    await stage.keeps_sticker(f"sha-256+{DIGEST.hexdigest()}", png(), "image/png")
    ada = stage.person("ada")
    ada.sends(say("🍵", STICKER))
    await ada.receives("<message id='m1'/>")
    ((name, sticker),) = called
    assert (name, sticker.content_type, sticker.reply) == ("on_sticker", "image/png", None)
    assert sticker.path.read_bytes() == png()
    assert sticker.hashes


async def test_a_sticker_is_a_file_for_those_who_have_none(stage: PluginStage) -> None:
    stage.network.has_group("g1")
    called = answers(stage, on_message=ids())
    await stage.enters()
    ada = stage.person("ada")
    ada.sends(say("🍵", STICKER))
    await ada.receives("<message id='m1'/>")
    ((_, message),) = called
    assert [a.url for a in message.attachments] == ["https://x.example/s.png"]


async def test_a_network_that_wants_every_message_marked(stage: PluginStage) -> None:
    stage.plugin.Gateway.MARK_ALL_MESSAGES = True
    stage.network.has_group("g1", "fay")
    called = answers(stage, on_displayed=None)
    muc = await stage.enters()
    ada = stage.person("ada")
    fay = await muc.get_participant_by_legacy_id("fay")
    stage.gateway.rooms.host.now = lambda: NOON + timedelta(hours=1)
    ids = []
    for number in range(6):
        old = timedelta(days=30 if number == 0 else 0)
        fay.send_text(f"Cup {number}", f"l{number}", when=NOON + timedelta(minutes=number) - old)
        (told,) = await ada.receives(f"<message><body>Cup {number}</body></message>")
        ids.append(told.get("id"))

    async def reads(number: int) -> list[str]:
        called.clear()
        ada.sends(
            "<message to='{room}' type='groupchat'>"
            f"<displayed xmlns='urn:xmpp:chat-markers:0' id='{ids[number]}'/></message>"
        )
        await stage.settled()
        return [legacy_id for _, legacy_id, _ in called]

    assert await reads(2) == ["l1", "l2"]
    assert await reads(1) == []
    assert await reads(4) == ["l3", "l4"]
    await ada.has_heard()
    me = await muc.get_user_participant()
    me.displayed("l3", carbon=True)
    await ada.hears_nothing()
    me.displayed("l5", carbon=True)
    await stage.settled()
    assert await reads(5) == []
