"""A slidge plugin, written against slidge alone: run by slidge first, and by Sluice afterwards.

Its network has one group, the Oak, with two parrots, who have said something, and who repeat what
is said to them.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from slidge import BaseGateway, BaseSession
from slidge.contact import LegacyContact, LegacyRoster
from slidge.group import LegacyBookmarks, LegacyMUC, LegacyParticipant, MucType
from slidge.util.types import HoleBound
from slixmpp.exceptions import XMPPError

SAID = [("Polly", "Hello"), ("Coco", "Hello <you> & \N{PARTY POPPER}"), ("Polly", "Hello, hello")]
BEGAN = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


class Gateway(BaseGateway[Any]):
    COMPONENT_NAME = "Parrots"
    COMPONENT_TYPE = "parrots"
    GROUPS = True
    REGISTRATION_FIELDS = []  # noqa: RUF012  (as slidge has it)

    async def validate(self, user_jid: Any, registration_form: Any) -> Any:
        return {"cage": "golden"}


class Session(BaseSession[Any]):
    async def login(self) -> str:
        assert self.user.legacy_module_data == {"cage": "golden"}
        self.contacts.user_legacy_id = "keeper"
        return "Logged in"

    async def logout(self) -> None:
        pass


class Contact(LegacyContact):
    async def update_info(self) -> None:
        if self.legacy_id not in ("polly", "coco"):
            raise XMPPError("item-not-found", "There is no such parrot.")
        self.name = str(self.legacy_id).capitalize()
        self.is_friend = True


class Roster(LegacyRoster[Any]):
    async def fill(self) -> AsyncIterator[Any]:
        for name in ("polly", "coco"):
            yield await self.by_legacy_id(name)


class Participant(LegacyParticipant[Any]):
    pass


class MUC(LegacyMUC[Any]):
    async def update_info(self) -> None:
        self.name = "The Oak"
        self.type = MucType.GROUP
        self.user_nick = "Keeper"
        self.subject = "Nuts"

    def serialize_extra_attributes(self) -> Any:
        return {"height": 20}

    async def fill_participants(self) -> AsyncIterator[Any]:
        for name in ("polly", "coco"):
            participant = await self.get_participant_by_legacy_id(name)
            participant.affiliation = "admin" if name == "polly" else "member"
            yield participant

    async def backfill(
        self, after: HoleBound | None = None, before: HoleBound | None = None
    ) -> None:
        if after is not None:
            return
        for number, (name, text) in enumerate(SAID):
            participant = await self.get_participant_by_legacy_id(name.lower())
            participant.send_text(
                text, f"m{number}", when=BEGAN.replace(second=number), archive_only=True
            )
        polly = await self.get_participant_by_legacy_id("polly")
        polly.react("m1", ["\N{PARTY POPPER}"], archive_only=True)

    async def on_message(self, message: Any) -> str:
        ids = itertools.count(time.time_ns())
        polly = await self.get_participant_by_legacy_id("polly")
        asked = f"said-{next(ids)}"
        self.session.create_task(self._repeat(polly, message.body, f"said-{next(ids)}"))
        return asked

    async def _repeat(self, who: Any, text: str, legacy_id: str) -> None:
        who.send_text(text, legacy_id)

    async def on_react(self, legacy_msg_id: str, emojis: list[str], thread: str | None) -> None:
        coco = await self.get_participant_by_legacy_id("coco")
        coco.send_text(f"{legacy_msg_id}: {' '.join(emojis)}", f"r-{time.time_ns()}")


class Bookmarks(LegacyBookmarks[Any]):
    async def fill(self) -> None:
        await self.by_legacy_id("oak")
