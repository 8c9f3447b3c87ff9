"""Filling the archive (seed: LegacyMUC.backfill), and what participants say into it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from slidge.util.types import HoleBound

from tests.muc.reading import find
from tests.plugin_stage import PluginStage, on_plugin_stage

JOIN = "<presence to='{room}/{me}'><x xmlns='http://jabber.org/protocol/muc'/></presence>"
DAY = datetime(2026, 1, 1, tzinfo=UTC)


async def archived(stage: PluginStage, name: str = "ada") -> list[tuple[str, str]]:
    """Who said what, as the archive has it."""
    person = stage.person(name)
    person.sends("<iq type='set' id='q' to='{room}'><query xmlns='urn:xmpp:mam:2'/></iq>")
    await person.receives("<iq type='result' id='q'/>")
    found = []
    for stanza in stage.wire.stanzas:
        inner = stanza.find("{urn:xmpp:mam:2}result/{*}forwarded/{*}message")
        if inner is not None and stanza.get("to") == person.jid:
            nick = inner.get("from", "").partition("/")[2]
            found.append((nick, inner.findtext("{*}body") or ""))
    return found


def said(*messages: tuple[str, str, str, int]) -> Any:
    """A past: author, id, words and minute of each message."""

    async def past(muc: Any, after: HoleBound | None) -> None:
        for author, ident, words, minute in messages:
            at = DAY + timedelta(minutes=minute)
            if after is None or at > after.timestamp:
                who = await muc.get_participant(author)
                who.send_text(words, ident, when=at, archive_only=True)

    return past


@pytest.mark.requirement("G-050", "G-051", "G-053", "G-055")
async def test_the_past_is_in_the_archive_by_its_time(stage: PluginStage) -> None:
    stage.network.has_group("g1")
    stage.network.past = said(("Bao", "2", "Two", 2), ("Bao", "1", "One", 1))
    ada = stage.person("ada")
    ada.sends(JOIN, me="ada")
    await ada.receives(
        "<message><body>One</body></message>",
        "<message><body>Two</body></message>",
        "<message><subject/></message>",
    )
    assert await archived(stage) == [("Bao", "One"), ("Bao", "Two")]
    assert ("backfill", "g1", None, None) in stage.network.called


@pytest.mark.requirement("G-054")
async def test_it_is_asked_for_once(stage: PluginStage) -> None:
    stage.network.has_group("g1")
    await stage.enters()
    laptop = stage.person("ada", "laptop")
    await laptop.joins()
    assert len([c for c in stage.network.called if c[0] == "backfill"]) == 1


@pytest.mark.requirement("G-052", "G-053")
async def test_the_next_process_asks_for_what_came_since(tmp_path: Path, database: Path) -> None:
    async with on_plugin_stage(tmp_path, database) as stage:
        stage.network.has_group("g1")
        stage.network.past = said(("Bao", "1", "One", 1))
        await stage.enters()
        network = stage.network
    async with on_plugin_stage(tmp_path, database, network) as stage:
        network.called.clear()
        network.past = said(("Bao", "1", "One", 1), ("Bao", "2", "Two", 2))
        await stage.starts()
        await stage.enters()
        (asked,) = [c for c in network.called if c[0] == "backfill"]
        assert asked[2:] == (HoleBound("1", DAY + timedelta(minutes=1)), None)
        assert await archived(stage) == [("Bao", "One"), ("Bao", "Two")]


@pytest.mark.requirement("G-053")
async def test_what_is_said_meanwhile_stays_after_it(stage: PluginStage) -> None:
    stage.network.has_group("g1")
    older = said(("Bao", "1", "One", 1))

    async def past(muc: Any, after: HoleBound | None) -> None:
        (await muc.get_participant("Cyd")).send_text("Live", "9")
        await older(muc, after)

    stage.network.past = past
    await stage.enters()
    assert await archived(stage) == [("Bao", "One"), ("Cyd", "Live")]


@pytest.mark.requirement("G-034")
@pytest.mark.parametrize("keep", [False, True])
async def test_those_who_wrote_it_are_in_the_room_if_so_wished(
    tmp_path: Path, database: Path, keep: bool
) -> None:
    async with on_plugin_stage(tmp_path, database, KEEP_BACKFILLED_PARTICIPANTS=keep) as stage:
        stage.network.has_group("g1", "cyd")
        stage.network.past = said(("Bao", "1", "One", 1), ("Cyd", "2", "Two", 2))
        muc = await stage.enters()
        assert set(muc.room.nicks) == {"ada", "Cyd"} | ({"Bao"} if keep else set())
        laptop = stage.person("ada", "laptop")
        laptop.sends(JOIN, me="ada")
        heard = await laptop.has_heard()
        here = {s.get("from", "").partition("/")[2] for s in heard if s.tag.endswith("presence")}
        assert here == {"ada", "Cyd"} | ({"Bao"} if keep else set())
        network = stage.network
    async with on_plugin_stage(
        tmp_path, database, network, KEEP_BACKFILLED_PARTICIPANTS=keep
    ) as stage:
        await stage.starts()
        muc = await stage.enters()
        assert ("Bao" in muc.room.nicks) is keep


async def test_a_past_that_cannot_be_read_does_no_harm(
    stage: PluginStage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.network.has_group("g1")

    async def past(muc: Any, after: HoleBound | None) -> None:
        raise ZeroDivisionError

    stage.network.past = past
    muc = await stage.enters()
    assert "could not be had" in caplog.text
    (await muc.get_participant("Bao")).send_text("Hello", "1")
    await stage.person("ada").receives("<message><body>Hello</body></message>")
    stage.network.past = None
    stage.network.called.clear()
    await stage.person("ada", "laptop").joins()
    assert [c[0] for c in stage.network.called].count("backfill") == 1  # whoever asks, tries again


@pytest.mark.requirement("G-055")
async def test_all_kinds_of_messages_may_be_archived_only(stage: PluginStage) -> None:
    stage.network.has_group("g1")
    muc = await stage.enters()
    bao = await muc.get_participant("Bao")
    ada = stage.person("ada")
    await ada.has_heard()
    bao.send_text("Helo", "1", archive_only=True)
    bao.correct("1", "Hello", archive_only=True)
    bao.react("1", "👍", archive_only=True)
    bao.send_text("Oops", "3", archive_only=True)
    bao.retract("3", archive_only=True)
    await bao.send_files([], body="Only words", legacy_msg_id="2", archive_only=True)
    await ada.hears_nothing()
    bodies = [body for _, body in await archived(stage)]
    assert "Hello" in bodies
    assert "Only words" in bodies


@pytest.mark.requirement("G-111")
async def test_ids_may_be_numbers(stage: PluginStage) -> None:
    stage.network.has_group(7)
    stage.network.has_group("g1")
    await stage.enters(id="7")
    session = stage.gateway.sessions()[0]
    muc = await session.bookmarks.by_legacy_id(7)
    assert muc is await session.bookmarks.by_legacy_id("7")
    bao = await muc.get_participant("Bao", occupant_id="b1")
    ada = stage.person("ada")
    await ada.has_heard()
    bao.send_text("Hello", 1)
    bao.correct(1, "Hello!")
    bao.react(1, ["👍"])
    bao.displayed(1)
    bao.retract(1)
    said, fixed, liked, read, gone = await ada.has_heard()
    ident = said.get("id")
    assert find(fixed, "replace").get("id") == ident
    assert find(liked, "reactions").get("id") == find(said, "stanza-id").get("id")
    assert find(read, "displayed").get("id") in {ident, find(said, "stanza-id").get("id")}
    assert find(gone, "retract").get("id") == find(said, "stanza-id").get("id")


async def test_typing_is_shown_and_not_kept(stage: PluginStage) -> None:
    stage.network.has_group("g1", "bao")
    muc = await stage.enters()
    bao = await muc.get_participant("Bao")
    for state in ("composing", "paused", "active", "inactive", "gone"):
        getattr(bao, state)()
        (shown,) = await stage.person("ada").hears_only("<message from='{room}/Bao'/>")
        find(shown, state)
    assert await archived(stage) == []
