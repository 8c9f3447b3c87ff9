"""Somebody who uses the gateway is online as long as they are in a room."""

from __future__ import annotations

from legacy_backend.terms import GroupId
from legacy_backend.webchat import WebChatAccount, WebChatBackend
from tests.webchat.conftest import Comes
from tests.webchat.test_rest import Opens, a_group


async def test_the_page_shows_them_gone_when_they_have_left_their_rooms(
    chat: WebChatBackend, browser: Comes, window: Opens, romeo: WebChatAccount
) -> None:
    chat.network.presence._grace = 0.0
    ada = await browser("Ada")
    groups = [GroupId((await a_group(ada)).rpartition("/")[2]) for _ in range(2)]
    page = await window(ada)
    for group in groups:
        await romeo.join_group(group)
        await romeo.attend(group, True)

    async def is_shown(online: bool) -> None:
        for group in groups:
            changed = await page.hears("member-changed")
            while changed["member"]["id"] != romeo.member_id:
                changed = await page.hears("member-changed")
            assert (changed["group"], changed["member"]["online"]) == (group, online)

    await is_shown(True)
    await romeo.attend(groups[0], False)
    assert chat.network.presence.is_online(romeo.member_id)
    await romeo.attend(groups[1], False)
    await is_shown(False)
    await romeo.attend(groups[1], True)
    await is_shown(True)
    await romeo.close()
    await romeo.close()
    await is_shown(False)
