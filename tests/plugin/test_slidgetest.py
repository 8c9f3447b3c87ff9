"""A plugin's own tests, as its author wrote them for slidge's `SlidgeTest`."""

from __future__ import annotations

import gateway.testing  # isort: skip  # as `-p gateway.testing` does

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from slidge import BaseGateway, BaseSession
from slidge.contact import LegacyContact, LegacyRoster
from slidge.group import LegacyBookmarks, LegacyMUC, LegacyParticipant
from slidge.util.test import SlidgeTest
from slidge.util.types import MucType
from slidge.util.util import SubclassableOnce
from slixmpp import JID
from slixmpp.exceptions import XMPPError


@pytest.fixture(autouse=True, scope="module")
def _classes_of_others() -> Iterator[None]:
    """`SlidgeTest` forgets all classes at its end, also those of gateways in other tests."""
    known: Any = cast(Any, SubclassableOnce)._SubclassableOnce__subclasses
    before = dict(known)
    yield
    known.update(before)


class Gateway(BaseGateway):
    COMPONENT_NAME = "Verona"
    GROUPS = True


class Session(BaseSession):
    async def login(self) -> str:
        return "YUP"

    async def logout(self) -> None:
        pass


class Contact(LegacyContact):
    heard: list[str]

    async def update_info(self) -> None:
        if not self.legacy_id.isalpha():
            raise XMPPError("item-not-found")
        self.name = self.legacy_id.capitalize()
        self.is_friend = True

    async def on_message(self, message: Any) -> str:
        type(self).heard = [message.body]
        return f"sent-{message.body}"


class Roster(LegacyRoster):
    pass


class Participant(LegacyParticipant):
    pass


class MUC(LegacyMUC):
    async def update_info(self) -> None:
        self.name = "A cave"
        self.type = MucType.CHANNEL

    async def on_message(self, message: Any) -> str:
        return f"sent-{message.body}"


class Bookmarks(LegacyBookmarks):
    async def fill(self) -> None:
        await self.by_legacy_id("room")


@pytest.mark.filterwarnings("ignore:Slidge does not have the privilege")
class TestVerona(SlidgeTest):
    plugin = globals()
    xmpp: Gateway

    def setUp(self) -> None:
        super().setUp()
        self.setup_logged_session()

    def test_the_classes_are_the_plugins(self) -> None:
        assert isinstance(self.xmpp, Gateway)
        assert isinstance(self.romeo, Session)
        assert isinstance(self.juliet, Contact)
        assert isinstance(self.room, MUC)
        assert isinstance(self.first_witch, Participant)

    def test_a_contact_says_something(self) -> None:
        self.juliet.send_text("What man art thou?", legacy_msg_id="legacy-1")
        self.send(
            """
            <message type="chat" from="juliet@aim.shakespeare.lit/slidge"
                     to="romeo@montague.lit" id="legacy-1">
              <body>What man art thou?</body>
              <active xmlns="http://jabber.org/protocol/chatstates"/>
              <markable xmlns="urn:xmpp:chat-markers:0"/>
              <store xmlns="urn:xmpp:hints"/>
            </message>
            """,
            use_values=False,
        )
        assert self.next_sent() is None

    def test_the_user_writes_to_a_contact(self) -> None:
        self.recv(
            """
            <message type="chat" from="romeo@montague.lit/gajim"
                     to="juliet@aim.shakespeare.lit" id="m1">
              <body>By a name</body>
            </message>
            """
        )
        assert Contact.heard == ["By a name"]

    def test_a_participant_says_something(self) -> None:
        self.room.add_user_resource("gajim")
        self.forget_sent()
        self.first_witch.send_text("When shall we three meet again?", legacy_msg_id="legacy-2")
        shown = self.next_sent()
        assert shown.get_type() == "available"
        self.send(
            """
            <message type="groupchat" from="room@aim.shakespeare.lit/firstwitch"
                     to="romeo@montague.lit/gajim" id="legacy-2">
              <body>When shall we three meet again?</body>
              <active xmlns="http://jabber.org/protocol/chatstates"/>
              <markable xmlns="urn:xmpp:chat-markers:0"/>
              <occupant-id xmlns="urn:xmpp:occupant-id:0" id="firstwitch"/>
              <stanza-id xmlns="urn:xmpp:sid:0" id="legacy-2" by="room@aim.shakespeare.lit"/>
            </message>
            """,
            use_values=False,
        )

    def test_the_user_writes_to_a_room(self) -> None:
        self.get_joined_muc("room", "romeo@montague.lit")
        self.forget_sent()
        self.recv(
            """
            <message type="groupchat" from="romeo@montague.lit/gajim"
                     to="room@aim.shakespeare.lit" id="m1">
              <body>Hello</body>
            </message>
            """
        )
        told = self.next_sent()
        assert (told["body"], told["id"]) == ("Hello", "m1")
        assert told["stanza_id"]["id"] == "sent-Hello"

    def test_somebody_joins(self) -> None:
        self.recv(
            """
            <presence from="romeo@montague.lit/gajim" to="room@aim.shakespeare.lit/romeo">
              <x xmlns="http://jabber.org/protocol/muc"/>
            </presence>
            """
        )
        seen = []
        while (stanza := self.next_sent()) is not None:
            seen.append(stanza)
        assert (seen[-1].xml.find("{*}subject").text or "") == ""
        assert self.room.get_user_resources() == {"gajim"}

    def test_another_user(self) -> None:
        self._add_slidge_user("rosaline@capulet.lit")
        session = self.user_session("rosaline@capulet.lit")
        assert session.logged
        assert self.run_coro(session.bookmarks.by_legacy_id("room")).live != self.room.live

    def test_nothing_is_sent_unasked(self) -> None:
        self.send(None)


class TestAnotherDay(SlidgeTest):
    """Each test begins anew."""

    plugin = globals()

    def test_nobody_is_registered(self) -> None:
        assert self.xmpp.get_session_from_jid(JID("romeo@montague.lit")) is None

    def test_the_names_of_slidge_are_ours(self) -> None:
        assert SlidgeTest is gateway.testing.SlidgeTest
        assert issubclass(Gateway, gateway.BaseGateway)


ANOTHER = """
from slidge import BaseGateway, BaseSession, LegacyBookmarks, LegacyMUC
from slidge.util.test import SlidgeTest

class Gateway(BaseGateway):
    COMPONENT_NAME = "Verona"

class Session(BaseSession):
    async def login(self):
        return "YUP"

class Bookmarks(LegacyBookmarks):
    async def fill(self):
        pass

class MUC(LegacyMUC):
    pass

class TestVerona(SlidgeTest):
    plugin = globals()

    def test_the_room_is_ours(self):
        self.setup_logged_session()
        assert type(self.room).__mro__[1].__module__ == "gateway.group.muc"
"""


@pytest.mark.slow
def test_pytest_is_told_to_find_all_of_it(tmp_path: Path) -> None:
    (tmp_path / "test_verona.py").write_text(ANOTHER)
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "gateway.testing"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "1 passed" in ended.stdout, ended.stdout
