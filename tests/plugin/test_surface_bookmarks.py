"""The names of `LegacyBookmarks` that plugins use, and the spaces that groups are in."""

from __future__ import annotations

from typing import Any

import pytest
from slidge.util.types import SpaceMetadata
from slixmpp.exceptions import XMPPError

from tests.plugin_stage import PluginStage

SPACES = "urn:xmpp:spaces:0"


async def test_what_bookmarks_know(stage: PluginStage) -> None:
    stage.network.has_group("g1")
    stage.network.has_group("g2")
    muc = await stage.enters()
    bookmarks = muc.session.bookmarks
    assert bookmarks.session is muc.session
    assert bookmarks.xmpp is stage.gateway
    bookmarks.log.debug("A logger")
    await bookmarks.ready
    assert {m.legacy_id for m in bookmarks} == {"g1", "g2"}
    assert await bookmarks.by_legacy_id("g1") is muc
    assert await bookmarks.by_jid(muc.jid) is muc
    assert bookmarks.by_jid_only_if_exists(muc.jid) is muc
    assert await bookmarks.by_legacy_id("g3", create=False) is None
    with pytest.raises(XMPPError, match="item-not-found"):
        await bookmarks.by_legacy_id("g3", create=True)
    assert await bookmarks.legacy_id_to_jid_username("a b") == r"a\20b"
    bookmarks.user_nick = "Ada L."
    assert bookmarks.user_nick == "Ada L."
    assert (await bookmarks.by_legacy_id("g2")).user_nick == "Ada L."


async def test_a_group_that_is_removed_is_gone(stage: PluginStage) -> None:
    stage.network.has_group("g1")
    muc = await stage.enters()
    await muc.session.bookmarks.remove(muc, reason="You left.")
    await stage.person("ada").receives("<presence type='unavailable'/>")
    assert list(muc.session.bookmarks) == []


async def in_space(stage: PluginStage) -> Any:
    """Ada's handle on g1, which is in the guild 7; g2 is in none."""

    async def fetch_space_metadata(_: Any, legacy_id: str) -> SpaceMetadata:
        assert legacy_id == "7"
        return SpaceMetadata(
            name="The guild", description="Of tea", creator_legacy_id="fay",
            owner_legacy_ids=["fay", "gus"], member_count=12,
        )  # fmt: skip

    stage.plugin.Bookmarks.fetch_space_metadata = fetch_space_metadata
    stage.network.people |= {"fay", "gus"}
    stage.network.has_group("g1", describe=lambda muc: (
        setattr(muc, "name", "Tea"), setattr(muc, "space_legacy_id", 7)
    ))  # fmt: skip
    stage.network.has_group("g2")
    return await stage.enters()


async def asked(stage: PluginStage, query: str, to: str = "{gw}") -> Any:
    ada = stage.person("ada")
    ada.sends(f"<iq type='get' id='q' to='{to}'>{query}</iq>")
    (answer,) = await ada.receives("<iq id='q'/>")
    assert answer.get("type") == "result", answer
    return answer


def values(answer: Any) -> dict[str | None, list[str | None]]:
    return {
        field.get("var"): [value.text for value in field]
        for field in answer.iter("{jabber:x:data}field")
    }


async def test_a_room_says_in_which_space_it_is(stage: PluginStage) -> None:
    stage.plugin.Gateway.SPACES = True
    muc = await in_space(stage)
    assert muc.space_legacy_id == "7"
    info = "<query xmlns='http://jabber.org/protocol/disco#info'/>"
    answer = await asked(stage, info, "{room}")
    assert SPACES in {feature.get("var") for feature in answer.iterfind(".//{*}feature")}
    assert values(answer)["parent"] == ["xmpp:gw.example.org?node=7"]
    answer = await asked(stage, info, "g2@{gw}")
    assert SPACES not in {feature.get("var") for feature in answer.iterfind(".//{*}feature")}


async def test_a_space_is_listed_and_described(stage: PluginStage) -> None:
    stage.plugin.Gateway.SPACES = True
    await in_space(stage)
    answer = await asked(
        stage,
        "<query xmlns='http://jabber.org/protocol/disco#items'>"
        "<filter xmlns='urn:xmpp:pubsub-filter:0'><x xmlns='jabber:x:data' type='submit'>"
        "<field var='FORM_TYPE'><value>urn:xmpp:pubsub-filter:0</value></field>"
        f"<field var='included-types' type='list-multi'><value>{SPACES}</value></field>"
        "</x></filter></query>",
    )
    (item,) = answer[0]
    assert (item.get("node"), item.get("name")) == ("7", "The guild")

    answer = await asked(
        stage, "<query xmlns='http://jabber.org/protocol/disco#info' node='7'/>"
    )  # fmt: skip
    told = values(answer)
    assert told["pubsub#title"] == ["The guild"]
    assert told["pubsub#description"] == ["Of tea"]
    assert told["pubsub#creator"] == ["fay@gw.example.org"]
    assert sorted(filter(None, told["pubsub#owner"])) == [
        "fay@gw.example.org",
        "gus@gw.example.org",
    ]
    assert told["pubsub#num_subscribers"] == ["12"]


async def test_the_rooms_of_a_space(stage: PluginStage) -> None:
    stage.plugin.Gateway.SPACES = True
    await in_space(stage)
    for wanted in ("", "<item id='{room}'/>"):
        answer = await asked(
            stage,
            "<pubsub xmlns='http://jabber.org/protocol/pubsub'>"
            f"<items node='7'>{wanted}</items></pubsub>",
        )
        assert [item.get("id") for item in answer.iterfind(".//{*}item")] == [stage.room]


async def test_a_group_that_moves_is_told(stage: PluginStage) -> None:
    stage.plugin.Gateway.SPACES = True
    muc = await in_space(stage)
    await stage.settled()
    muc.space_legacy_id = "8"
    muc.space_legacy_id = "8"
    await stage.settled()
    told = [
        stanza
        for stanza in stage.wire.stanzas
        if stanza.find(".//{http://jabber.org/protocol/pubsub#event}items[@node='8']") is not None
    ]
    assert len(told) == 1
    assert [item.get("id") for item in told[0].iterfind(".//{*}item")] == [stage.room]
