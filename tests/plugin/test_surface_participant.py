"""The names of `LegacyParticipant` that plugins use and `tests/group` does not show yet."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from slidge.core import config as slidge_config
from slidge.util.types import Hat, LegacyAttachment, LinkPreview, MessageReference

from tests.muc.pictures import png
from tests.plugin_stage import PluginStage

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
async def room(stage: PluginStage) -> Any:
    """Ada's handle on a group with Fay in it."""
    stage.network.has_group("g1", "fay")
    return await stage.enters()


async def fay_of(room: Any) -> Any:
    return await room.get_participant_by_legacy_id("fay")


async def test_what_a_participant_knows(stage: PluginStage, room: Any) -> None:
    fay = await fay_of(room)
    assert (fay.muc, fay.session, fay.xmpp) == (room, room.session, stage.gateway)
    assert fay.contact.jid == (await room.session.contacts.by_legacy_id("fay")).jid
    assert (fay.name, fay.nickname, fay.is_user, fay.is_participant) == ("Fay", "Fay", False, True)
    assert fay.occupant_id == (await fay_of(room)).occupant_id
    assert fay.user_jid == room.user_jid
    fay.log.debug("A logger")
    fay.DISCO_CATEGORY = "account"
    fay.commit()


async def test_everything_a_text_can_carry(stage: PluginStage, room: Any) -> None:
    fay, ada = await fay_of(room), stage.person("ada")
    me = await room.get_user_participant()
    me.send_text("Tea?", "l0", carbon=True)
    (asked,) = await ada.receives("<message from='{room}/ada'><body>Tea?</body></message>")
    fay.send_text(
        body="Yes", legacy_msg_id="l1", when=NOON, carbon=False, correction=False,
        reply_to=MessageReference(legacy_id="l0", body="Tea?", author=me), thread="t",
        link_previews=[LinkPreview(
            about="https://x.example", title="X", description=None, url=None,
            image=None, type=None, site_name=None,
        )],
    )  # fmt: skip
    await ada.receives(
        "<message from='{room}/Fay'><body/><thread>t</thread></message>",
    )
    said = stage.wire.stanzas[-1]
    assert said.findtext("{*}body") == "> ada:\n> Tea?\nYes"
    reply = said.find("{urn:xmpp:reply:0}reply")
    assert reply is not None
    assert (reply.get("id"), reply.get("to")) == (asked.get("id"), f"{stage.room}/ada")
    assert said.find("{urn:xmpp:delay}delay").get("stamp") == "2026-01-01T12:00:00.000Z"  # type: ignore[union-attr]
    assert "https://x.example" in ET.tostring(said, encoding="unicode")
    fay.send_text("Yes!", "l1", correction=True)
    corrected = said.get("id") or ""
    await ada.receives(
        f"<message><body>Yes!</body><replace id='{corrected}' xmlns='urn:xmpp:message-correct:0'/>"
        "</message>"
    )
    fay.correct(
        legacy_msg_id="l1", new_text="No", when=NOON, reply_to=None, carbon=False,
        correction_event_id="l1-edited",
    )  # fmt: skip
    await ada.receives(
        f"<message><body>No</body><replace id='{corrected}' xmlns='urn:xmpp:message-correct:0'/>"
        "</message>"
    )


@pytest.mark.parametrize("archive_only", [False, True])
async def test_reactions_retractions_and_moderation(
    stage: PluginStage, room: Any, archive_only: bool
) -> None:
    fay, ada = await fay_of(room), stage.person("ada")
    for number in (1, 2):
        fay.send_text("Hello", f"l{number}")
    heard = await ada.receives(
        "<message><body>Hello</body></message>", "<message><body/></message>"
    )
    first, second = (message.get("id") for message in heard)
    fay.react(legacy_msg_id="l1", emojis=["🍵"], carbon=False, archive_only=archive_only)
    if archive_only:
        await ada.hears_nothing()
    else:
        await ada.receives(
            f"<message><reactions xmlns='urn:xmpp:reactions:0' id='{first}'>"
            "<reaction>🍵</reaction></reactions></message>"
        )
    fay.retract(legacy_msg_id="l1", carbon=False)
    await ada.receives(
        f"<message><retract xmlns='urn:xmpp:message-retract:1' id='{first}'/></message>"
    )
    fay.moderate(legacy_msg_id="l2")
    await ada.receives(
        f"<message from='{{room}}'><retract xmlns='urn:xmpp:message-retract:1' id='{second}'>"
        "<moderated xmlns='urn:xmpp:message-moderate:1'/></retract></message>"
    )


async def test_typing_and_markers(stage: PluginStage, room: Any) -> None:
    fay, ada = await fay_of(room), stage.person("ada")
    fay.send_text("Hello", "l1")
    fay.composing()
    fay.paused()
    fay.displayed(legacy_msg_id="l1", carbon=False)
    fay.received("l1")
    await ada.receives(
        "<message><composing xmlns='http://jabber.org/protocol/chatstates'/></message>",
        "<message><paused xmlns='http://jabber.org/protocol/chatstates'/></message>",
        "<message><displayed xmlns='urn:xmpp:chat-markers:0'/></message>",
        "<message><received xmlns='urn:xmpp:chat-markers:0'/></message>",
    )


async def test_presence_and_standing(stage: PluginStage, room: Any) -> None:
    fay, ada = await fay_of(room), stage.person("ada")
    seen = datetime.now(tz=UTC) - timedelta(hours=1)
    for how, show in (("away", "away"), ("busy", "dnd"), ("extended_away", "xa")):
        getattr(fay, how)(last_seen=seen)
        await ada.receives(f"<presence from='{{room}}/Fay'><show>{show}</show></presence>")
    fay.online(last_seen=seen)
    fay.affiliation = "admin"
    fay.role = "moderator"
    fay.set_hats([Hat("https://x.example/hat", "Brewer")])
    assert (fay.affiliation, fay.role, fay.hats[0].title) == ("admin", "moderator", "Brewer")
    await ada.receives(
        "<presence from='{room}/Fay'><x xmlns='http://jabber.org/protocol/muc#user'>"
        "<item affiliation='admin' role='moderator'/></x></presence>"
    )
    fay.nickname = "Fay B."
    await ada.receives("<presence from='{room}/Fay B.'/>")
    fay.leave()
    await ada.receives("<presence type='unavailable' from='{room}/Fay B.'/>")


async def test_overrides_that_call_slidges(stage: PluginStage) -> None:
    base = stage.plugin.Participant

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        super(base, self).__init__(*args, **kwargs)
        self.seen = 0

    def online(self: Any, status: str | None = None, last_seen: datetime | None = None) -> None:
        self.seen += 1
        super(base, self).online(status, last_seen)

    base.__init__, base.online = __init__, online
    stage.network.has_group("g1", "fay")
    fay = await fay_of(await stage.enters())
    fay.online("Brewing")
    await stage.person("ada").receives("<presence><status>Brewing</status></presence>")
    assert fay.seen >= 1


@pytest.fixture
async def uploaded(stage: PluginStage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which files for XMPP are put, instead of an upload service."""
    folder = tmp_path / "public"
    folder.mkdir()
    monkeypatch.setattr(slidge_config, "NO_UPLOAD_PATH", str(folder))
    monkeypatch.setattr(slidge_config, "NO_UPLOAD_URL_PREFIX", "https://files.example")
    return folder


def urls(stage: PluginStage) -> list[str]:
    """The files that were shown."""
    found = (s.findtext("{jabber:x:oob}x/{jabber:x:oob}url") for s in stage.wire.stanzas)
    return [url for url in found if url]


async def test_files_are_put_where_clients_find_them(
    stage: PluginStage, room: Any, uploaded: Path
) -> None:
    fay = await fay_of(room)
    picture = LegacyAttachment(
        data=png(), content_type="image/png", legacy_file_id="f1", name="tea.png", caption="Tea",
        disposition="inline",
    )  # fmt: skip
    note = LegacyAttachment(data=b"Assam", content_type="text/plain", name="note.txt")
    await fay.send_files(
        attachments=[picture, note], legacy_msg_id="l1", body="Look", body_first=True, when=None,
        thread=None, reply_to=None, correction=False, carbon=False, archive_only=False,
    )  # fmt: skip
    await stage.settled()
    assert [url.rpartition("/")[2] for url in urls(stage)] == ["tea.png", "note.txt"]
    files = await asyncio.to_thread(lambda: {f.name for f in uploaded.rglob("*") if f.is_file()})
    assert files == {"tea.png", "note.txt"}
    await fay.send_file(
        LegacyAttachment(data=b"Ceylon", name="more.txt"), "l2", when=NOON, carbon=False,
        archive_only=False, reply_to=None, correction=False,
    )  # fmt: skip
    await stage.settled()
    assert urls(stage)[-1].endswith("/more.txt")


async def test_a_message_of_several_files_is_taken_back_as_a_whole(
    stage: PluginStage, room: Any, uploaded: Path
) -> None:
    fay, ada = await fay_of(room), stage.person("ada")
    files = [LegacyAttachment(data=b"x", name=f"{n}.txt") for n in range(3)]
    await fay.send_files(files, "l1", body="Look")
    parts = [s.get("id") for s in await ada.has_heard() if s.find("{*}body") is not None]
    assert len(parts) == 4
    fay.retract("l1")
    heard = await ada.has_heard()
    gone = [s.find("{urn:xmpp:message-retract:1}retract").get("id") for s in heard]  # type: ignore[union-attr]
    assert set(gone) == set(parts)
