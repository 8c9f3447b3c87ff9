"""What plugins use of contacts and rosters, which are slidge's own, on our gateway."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from slidge.contact.roster import ContactIsUser
from slidge.core import config as slidge_config
from slidge.util.types import Avatar, LegacyAttachment, MessageReference
from slixmpp.exceptions import XMPPError

from tests.muc.pictures import png
from tests.plugin_stage import PluginStage

pytestmark = [
    pytest.mark.filterwarnings("ignore:Slidge does not have the privilege"),
    # slidge 0.4.2 leaves it to the garbage collector to close a picture's file
    pytest.mark.filterwarnings("ignore:Exception ignored in. <_io.FileIO"),
]

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
async def fay(stage: PluginStage) -> Any:
    """A friend of Ada's."""
    stage.network.has_group("g1")
    stage.network.people |= {"fay"}
    muc = await stage.enters()
    fay = await muc.session.contacts.by_legacy_id("fay")
    fay.is_friend = True
    await stage.person("ada").has_heard()
    return fay


async def test_what_contacts_and_rosters_know(stage: PluginStage, fay: Any) -> None:
    roster = fay.session.contacts
    assert (fay.legacy_id, fay.name, fay.is_group, fay.is_participant) == (
        "fay", "Fay", False, False,
    )  # fmt: skip
    assert (fay.jid.bare, fay.is_friend) == ("fay@gw.example.org", True)
    assert isinstance(fay.stored.id, int)
    assert roster.session is fay.session
    await roster.ready
    assert roster.user_legacy_id == "me-ada"
    with pytest.raises(ContactIsUser):
        await roster.by_legacy_id("me-ada")
    with pytest.raises(XMPPError, match="item-not-found"):
        await roster.by_legacy_id("nobody")
    assert await roster.jid_username_to_legacy_id("fay") == "fay"
    assert await roster.legacy_id_to_jid_username("fay") == "fay"
    with fay.updating_info():
        fay.client_type = "bot"
    await fay.add_to_roster()
    fay.set_vcard(given="Fay", surname="B", full_name="Fay B", phone="+1", note="Tea", pronouns="")


async def test_what_contacts_say(stage: PluginStage, fay: Any) -> None:
    ada = stage.person("ada")
    fay.send_text(
        body="Tea?", legacy_msg_id="l1", when=NOON, carbon=False, thread="t", link_previews=[],
        archive_only=False, correction=False, reply_to=MessageReference("l0", body="Hello"),
    )  # fmt: skip
    fay.react(legacy_msg_id="l1", emojis=["🍵"], carbon=False)
    fay.correct(legacy_msg_id="l1", new_text="Coffee?", when=NOON, carbon=False)
    fay.composing()
    fay.paused()
    fay.received("l1")
    fay.displayed(legacy_msg_id="l1", carbon=False)
    fay.retract(legacy_msg_id="l1", carbon=False)
    await ada.receives(
        "<message type='chat' id='l1'><body/><thread>t</thread></message>",
        "<message><reactions xmlns='urn:xmpp:reactions:0' id='l1'/></message>",
        "<message><body>Coffee?</body>"
        "<replace xmlns='urn:xmpp:message-correct:0' id='l1'/></message>",
        "<message><composing xmlns='http://jabber.org/protocol/chatstates'/></message>",
        "<message><paused xmlns='http://jabber.org/protocol/chatstates'/></message>",
        "<message><received xmlns='urn:xmpp:chat-markers:0' id='l1'/></message>",
        "<message><displayed xmlns='urn:xmpp:chat-markers:0' id='l1'/></message>",
        "<message><retract xmlns='urn:xmpp:message-retract:1' id='l1'/></message>",
    )


async def test_what_contacts_are_told(stage: PluginStage, fay: Any) -> None:
    called: list[Any] = []

    def callback(name: str, answer: Any) -> Any:
        async def called_back(_: Any, *args: Any, **kwargs: Any) -> Any:
            called.append((name, *args, *kwargs.values()))
            return answer

        return called_back

    for name, answer in {"on_message": "l1", "on_react": None, "on_retract": None,
                         "on_displayed": None, "on_chat_state": None}.items():  # fmt: skip
        setattr(stage.plugin.Contact, name, callback(name, answer))
    ada = stage.person("ada")
    for inner in (
        "<body>Hello</body>",
        "<reactions xmlns='urn:xmpp:reactions:0' id='m0'><reaction>🍵</reaction></reactions>",
        "<displayed xmlns='urn:xmpp:chat-markers:0' id='m0'/>",
        "<composing xmlns='http://jabber.org/protocol/chatstates'/>",
        "<retract xmlns='urn:xmpp:message-retract:1' id='m0'/>",
    ):
        ada.sends(f"<message to='{{@fay}}' type='chat' id='m0'>{inner}</message>")
        await stage.settled()
    (_, message), *rest = called
    assert message.body == "Hello"
    assert rest == [
        ("on_react", "l1", ["🍵"], None),
        ("on_displayed", "l1", None),
        ("on_chat_state", "composing", None),
        ("on_retract", "l1", None),
    ]


async def test_how_contacts_are(stage: PluginStage, fay: Any) -> None:
    seen = datetime.now(tz=UTC)
    for how, show in (("away", "away"), ("busy", "dnd"), ("extended_away", "xa")):
        getattr(fay, how)("Brewing", last_seen=seen)
        await stage.settled()
        shows = [s.findtext("{*}show") for s in stage.wire.stanzas if "presence" in s.tag]
        assert show in shows
    fay.online(last_seen=seen)
    fay.offline()


async def test_a_contacts_picture(stage: PluginStage, fay: Any, tmp_path: Path) -> None:
    path = tmp_path / "fay.png"
    path.write_bytes(png())
    await fay.set_avatar(Avatar(path=path, unique_id="p1"), delete=True)
    assert fay.avatar.unique_id == "p1"
    assert not path.exists()
    fay.avatar = Avatar(unique_id="p1")
    await stage.settled()
    await fay.set_avatar(None)
    assert fay.avatar is None


async def test_a_contacts_files(
    stage: PluginStage, fay: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "public").mkdir()
    monkeypatch.setattr(slidge_config, "NO_UPLOAD_PATH", str(tmp_path / "public"))
    monkeypatch.setattr(slidge_config, "NO_UPLOAD_URL_PREFIX", "https://files.example")
    files = [LegacyAttachment(data=b"Assam", name=f"{n}.txt") for n in (1, 2)]
    await fay.send_files(attachments=files, legacy_msg_id="l1", body="Look", carbon=False)
    await fay.send_file(files[0], "l2", when=NOON, carbon=False)
    await stage.settled()
    urls = [s.findtext("{jabber:x:oob}x/{jabber:x:oob}url") for s in stage.wire.stanzas]
    assert [url.rpartition("/")[2] for url in urls if url] == ["1.txt", "2.txt", "1.txt"]


async def test_friends(stage: PluginStage, fay: Any) -> None:
    stage.network.people |= {"gus"}
    gus = await fay.session.contacts.by_legacy_id("gus")
    asked = []

    async def on_friend_request(contact: Any, text: str = "") -> None:
        asked.append(contact.legacy_id)

    stage.plugin.Contact.on_friend_request = on_friend_request
    stage.person("ada").sends("<presence to='{@gus}' type='subscribe'/>")
    await stage.settled()
    assert asked == ["gus"]
    gus.is_friend = True
    gus.send_friend_request("Hello")
    await stage.settled()


async def test_the_participants_that_a_contact_is(stage: PluginStage) -> None:
    stage.network.has_group("g1", "fay")
    stage.plugin.Contact.PROPAGATE_PRESENCE_TO_GROUPS = True
    muc = await stage.enters()
    fay = await muc.session.contacts.by_legacy_id("fay")
    (participant,) = fay.participants
    assert participant is await muc.get_participant_by_legacy_id("fay")
    fay.away("Brewing")
    await stage.person("ada").receives("<presence from='{room}/Fay'><show>away</show></presence>")
    fay.name = "Fay B."
    await stage.person("ada").receives("<presence from='{room}/Fay B.'/>")
    await fay.set_avatar(Avatar(data=png(), unique_id="p1"))
    await stage.person("ada").receives(
        "<presence from='{room}/Fay B.'><x xmlns='vcard-temp:x:update'><photo/></x></presence>"
    )
