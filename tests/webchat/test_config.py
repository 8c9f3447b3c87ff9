"""Settings of the web chat's groups: who is shown, who may read what, and the log for everybody."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from legacy_backend.events import GroupChanged
from legacy_backend.terms import GroupId, LegacyError, Role, UserId
from legacy_backend.values import Draft, GroupConfig
from legacy_backend.webchat import WebChatAccount, WebChatBackend
from tests.webchat.conftest import Comes, Sink

EVERY = frozenset({Role.VISITOR, Role.PARTICIPANT, Role.MODERATOR})


async def a_group(owner: WebChatAccount, **config: Any) -> GroupId:
    return (await owner.create_group("verona", GroupConfig(name="Verona", **config))).id


async def get(chat: WebChatBackend, path: str) -> tuple[int, str]:
    async with aiohttp.ClientSession(chat.url) as http, http.get(path) as answer:
        return answer.status, await answer.text()


async def test_settings_that_are_roles_stay_what_they_are_set_to(
    romeo: WebChatAccount, sink: Sink
) -> None:
    group = await a_group(romeo)
    config = (await romeo.group(group)).config
    assert (config.public_log, config.shown_roles, config.list_readers) == (False, EVERY, EVERY)
    changes = GroupConfig(shown_roles=frozenset({Role.MODERATOR}), list_readers=frozenset())
    await romeo.set_config(group, changes)
    told = await sink.hears(GroupChanged, group=group)
    for now in (told.info.config, (await romeo.group(group)).config):
        assert now.shown_roles == {Role.MODERATOR}
        assert now.list_readers == frozenset()


async def test_a_page_reads_and_sets_them_as_words(browser: Comes) -> None:
    ada = await browser("ada")
    made = await ada.ask("POST", "/api/groups", name="Tea", shown_roles=["moderator"])
    assert made["config"]["shown_roles"] == ["moderator"]
    assert made["config"]["list_readers"] == ["visitor", "participant", "moderator"]
    url = f"/api/groups/{made['id']}"
    await ada.ask("PATCH", url, list_readers=["moderator", "participant"])
    now = await ada.ask("GET", url)
    assert now["config"]["list_readers"] == ["participant", "moderator"]
    for wrong in ("moderator", ["none"], ["king"], [1]):
        await ada.ask("PATCH", url, status=422, shown_roles=wrong)


async def test_who_may_not_read_the_list_sees_who_is_here_and_shown(browser: Comes) -> None:
    ada, bao, cyd, dan = [await browser(name) for name in ("ada", "bao", "cyd", "dan")]
    made = await ada.ask(
        "POST", "/api/groups", name="Tea", moderated=True,
        shown_roles=["moderator", "participant"], list_readers=["moderator"],
    )  # fmt: skip
    url = f"/api/groups/{made['id']}"
    for one in (bao, cyd, dan):
        await one.ask("POST", f"{url}/join")
    await ada.ask("PUT", f"{url}/members/{cyd.id}/role", role="participant")
    await dan.ask("POST", f"{url}/leave")
    await ada.ask("PUT", f"{url}/members/{dan.id}/affiliation", affiliation="member")

    async def sees(viewer: Any) -> set[str]:
        return {member["name"] for member in await viewer.ask("GET", f"{url}/members")}

    assert await sees(ada) == {"ada", "bao", "cyd", "dan"}
    assert await sees(bao) == {"ada", "bao", "cyd"}  # himself, whom the others do not see
    assert await sees(cyd) == {"ada", "cyd"}


async def test_what_is_said_is_for_everybody_where_an_owner_wants_that(
    chat: WebChatBackend, romeo: WebChatAccount, sink: Sink
) -> None:
    group = await a_group(romeo, description="A <fair> city")
    await romeo.send(group, Draft(body="<script>alert(1)</script>\nand so on"))
    assert (await get(chat, "/logs/verona"))[0] == 404
    assert (await get(chat, "/logs/mantua"))[0] == 404
    assert (await romeo.group(group)).log_url == ""

    await romeo.set_config(group, GroupConfig(public_log=True))
    told = await sink.hears(GroupChanged, group=group)
    url = f"{chat.url}/logs/verona"
    assert told.info.log_url == url
    assert (await romeo.group(group)).log_url == url
    assert [one.log_url for one in await romeo.groups()] == [url]
    status, page = await get(chat, "/logs/verona")
    assert status == 200
    assert "&lt;script&gt;alert(1)&lt;/script&gt;<br>and so on" in page
    assert "A &lt;fair&gt; city" in page
    assert "<script" not in page

    await romeo.set_config(group, GroupConfig(public_log=False))
    assert (await get(chat, "/logs/verona"))[0] == 404


async def test_a_log_is_read_in_pages(chat: WebChatBackend, romeo: WebChatAccount) -> None:
    group = await a_group(romeo, public_log=True)
    ids = [await romeo.send(group, Draft(body=f"number {n}!")) for n in range(201)]
    _, newest = await get(chat, "/logs/verona")
    assert "number 200!" in newest
    assert "number 0!" not in newest
    assert f"?before={ids[1]}" in newest
    _, older = await get(chat, f"/logs/verona?before={ids[1]}")
    assert "number 0!" in older
    assert "number 1!" not in older
    assert "before=" not in older
    assert (await get(chat, "/logs/verona?before=nothing"))[0] == 404


async def test_a_setting_that_will_not_do_changes_nothing(romeo: WebChatAccount) -> None:
    group = await a_group(romeo)
    with pytest.raises(LegacyError, match=r"^not-acceptable"):
        await romeo.set_config(group, GroupConfig(public_log=True, max_users=-1))
    assert (await romeo.group(group)).config.public_log is False


async def test_a_database_of_the_first_version_is_completed(tmp_path: Path) -> None:
    options = {"port": 0, "database": f"sqlite:///{tmp_path}/chat.sqlite", "rate": 0}
    first = WebChatBackend(options)
    await first.start(None)
    romeo = await first.login(UserId("romeo@example.org"), {})
    await a_group(romeo)
    await first.stop()
    with sqlite3.connect(tmp_path / "chat.sqlite") as conn:
        for column in ("public_log", "shown_roles", "list_readers"):
            conn.execute(f"ALTER TABLE webchat_group DROP COLUMN {column}")
        conn.execute("UPDATE webchat_meta SET value = '1' WHERE key = 'version'")
    again = WebChatBackend(options)
    await again.start(None)
    romeo = await again.login(UserId("romeo@example.org"), {})
    config = (await romeo.group(GroupId("verona"))).config
    assert (config.public_log, config.shown_roles, config.list_readers) == (False, EVERY, EVERY)
    await again.stop()
