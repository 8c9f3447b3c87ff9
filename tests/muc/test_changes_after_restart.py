"""Corrections, reactions and retractions of what was said before a restart, from either side."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from legacy_backend.events import MessageEdited, MessageRetracted, Reacted
from legacy_backend.terms import MemberId, MessageId
from tests.muc.reading import find, lacks
from tests.muc.saying import G1, said
from tests.muc.test_react import reaction
from tests.muc.test_retract import QUERY, RETRACT
from tests.stage import Stage, on_stage

CORRECT = """<message to='{room}' type='groupchat' id='m2'><body>Hello, all</body>
  <replace xmlns='urn:xmpp:message-correct:0' id='m1'/></message>"""


@pytest.fixture
async def before(tmp_path: Path, database: Path) -> str:
    """Ada has said Hello, in a gateway that is gone by now; the stanza id of it."""
    async with on_stage(tmp_path, database) as stage:
        await stage.seated("ada", "bao")
        return await said(stage, stage.network)


@asynccontextmanager
async def restarted(folder: Path, database: Path) -> AsyncIterator[Stage]:
    """The next one; Ada and Bao are still in the room."""
    async with on_stage(folder, database) as stage:
        stage.group("ada", "bao")
        await stage.starts()
        for name in ("ada", "bao"):
            await stage.person(name).has_heard()
        yield stage


async def test_the_user_changes_it(tmp_path: Path, database: Path, before: str) -> None:
    async with restarted(tmp_path, database) as stage:
        ada, bao = stage.person("ada"), stage.person("bao")
        bao.sends(reaction(before, "\u2764"))
        (await stage.network.is_asked("react", "g1", "m100", ("\u2764",))).agrees()
        await ada.receives(
            "<message from='{room}/bao'>"
            "<reactions xmlns='urn:xmpp:reactions:0' id='{sid}'/></message>",
            sid=before,
        )
        ada.sends(CORRECT)
        (await stage.network.is_asked("edit", "g1", "m100", "Hello, all")).agrees()
        await bao.receives(
            "<message from='{room}/ada' id='m2'><body>Hello, all</body>"
            "<replace xmlns='urn:xmpp:message-correct:0' id='m1'/></message>"
        )
        ada.sends(RETRACT, sid=before)
        (await stage.network.is_asked("retract", "g1", "m100")).agrees()
        await bao.receives(
            "<message from='{room}/ada'>"
            "<retract xmlns='urn:xmpp:message-retract:1' id='{sid}'/></message>",
            sid=before,
        )


async def test_the_network_changes_it(tmp_path: Path, database: Path, before: str) -> None:
    async with restarted(tmp_path, database) as stage:
        bao, network = stage.person("bao"), stage.network
        hello = MessageId("m100")
        await network.tells(Reacted(group=G1, id=hello, by=MemberId("bao"), emojis=("\u2764",)))
        changed = replace(network.message("ada", "Hello, all"), id=hello)
        await network.tells(MessageEdited(group=G1, message=changed))
        await network.tells(
            MessageRetracted(group=G1, id=hello, by=MemberId("ada"), by_author=True)
        )
        reacted, corrected, retracted = await bao.has_heard()
        assert find(reacted, "reactions").get("id") == before
        assert find(corrected, "replace").get("id") == "m1", "the id that Ada's client chose"
        assert find(retracted, "retract").get("id") == before
    async with restarted(tmp_path, database) as stage:
        bao = stage.person("bao")
        bao.sends(QUERY)
        original, *_ = [s for s in await bao.has_heard() if s.tag.endswith("}message")]
        assert find(original, "result").get("id") == before
        find(original, "retracted")
        lacks(original, "body")
