"""The REST API and the WebSocket, as programs and pages use them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from legacy_backend.events import MemberChanged, MessagePosted
from legacy_backend.terms import GroupId
from legacy_backend.values import Draft, GroupConfig
from legacy_backend.webchat import WebChatAccount, WebChatBackend
from legacy_backend.webchat.web import render
from tests.webchat.conftest import Browser, Comes, Sink, Window

Opens = Callable[..., Awaitable[Window]]


async def a_group(owner: Browser, *others: Browser, **config: Any) -> str:
    made = await owner.ask("POST", "/api/groups", name="Tea room", **config)
    path = f"/api/groups/{made['id']}"
    for other in others:
        await other.ask("POST", f"{path}/join")
    return path


async def test_register_log_out_and_in(chat: WebChatBackend, browser: Comes) -> None:
    ada = await browser("Ada", password="correct horse")
    assert (await ada.ask("GET", "/api/me"))["kind"] == "registered"
    await ada.ask("POST", "/api/logout")
    await ada.ask("GET", "/api/me", 401)
    await ada.ask("POST", "/api/login", 401, name="Ada", password="wrong horse")
    await ada.ask("POST", "/api/login", 401, name="Nobody", password="correct horse")
    again = await ada.ask("POST", "/api/login", name="ada", password="correct horse")
    assert again["id"] == ada.id
    await ada.ask("POST", "/api/register", 409, name="ADA", password="correct horse")
    await ada.ask("POST", "/api/register", 422, name="Bao", password="short")


async def test_a_program_uses_a_bearer_token(chat: WebChatBackend) -> None:
    async with aiohttp.ClientSession(chat.url) as http:
        wish = {"name": "bot", "bearer": True}
        async with http.post("/api/guest", json=wish) as answer:
            assert "Set-Cookie" not in answer.headers
            token = (await answer.json())["token"]
        headers = {"Authorization": f"Bearer {token}"}
        async with http.post("/api/groups", json={"id": "B"}, headers=headers) as answer:
            assert (answer.status, (await answer.json())["id"]) == (201, "B")
        async with http.ws_connect("/api/socket", headers=headers) as socket:
            assert (await socket.receive_json())["event"] == "hello"


async def test_talk_and_page(browser: Comes) -> None:
    ada, bao = await browser("Ada"), await browser("Bao")
    path = await a_group(ada, bao)
    ids = [
        (await ada.ask("POST", f"{path}/messages", body=str(number)))["id"] for number in range(5)
    ]
    page = await bao.ask("GET", f"{path}/messages?limit=2&before={ids[3]}")
    assert [one["body"] for one in page["messages"]] == ["1", "2"]
    assert not page["complete"]
    page = await bao.ask("GET", f"{path}/messages?after={ids[3]}")
    assert ([one["id"] for one in page["messages"]], page["complete"]) == ([ids[4]], True)
    await bao.ask("GET", f"{path}/messages?before=nonsense", 404)
    await bao.ask("GET", f"{path}/messages?limit=many", 422)
    assert (await bao.ask("GET", "/api/groups"))[0]["unread"] == 5
    await bao.ask("PUT", f"{path}/read", id=ids[2])
    assert (await bao.ask("GET", "/api/groups"))[0]["unread"] == 2
    await bao.ask("PUT", f"{path}/messages/{ids[0]}/reactions", emojis=["👍"])
    await ada.ask("PATCH", f"{path}/messages/{ids[0]}", body="zero")
    await bao.ask("PATCH", f"{path}/messages/{ids[0]}", 403, body="mine")
    await bao.ask("DELETE", f"{path}/messages/{ids[1]}", 403)
    await ada.ask("DELETE", f"{path}/messages/{ids[1]}")
    page = await bao.ask("GET", f"{path}/messages")
    assert [one["body"] for one in page["messages"]] == ["zero", "2", "3", "4"]
    assert page["messages"][0]["reactions"] == {bao.id: ["👍"]}
    assert page["messages"][0]["edited_at"]


async def test_rights_hold_over_rest(browser: Comes) -> None:
    ada, bao, cyd = await browser("Ada"), await browser("Bao"), await browser("Cyd")
    path = await a_group(ada, bao)
    for method, rest, fields in (
        ("PATCH", "", {"name": "Mine"}),
        ("DELETE", "", {}),
        ("DELETE", "/picture", {}),
        ("POST", f"/members/{ada.id}/kick", {}),
        ("PUT", f"/members/{ada.id}/role", {"role": "visitor"}),
        ("PUT", f"/members/{bao.id}/affiliation", {"affiliation": "owner"}),
    ):
        no = await bao.ask(method, path + rest, 403, **fields)
        assert (no["error"], bool(no["text"])) == ("forbidden", True)
    for method, rest, fields in (
        ("GET", "/members", {}),
        ("GET", "/messages", {}),
        ("POST", "/messages", {"body": "hi"}),
        ("POST", "/typing", {"state": "composing"}),
        ("PUT", "/subject", {"text": "mine"}),
        ("POST", "/invitations", {"person": cyd.id}),
    ):
        await cyd.ask(method, path + rest, 403, **fields)
    hidden = await a_group(ada, members_only=True, public=False)
    for rest in ("", "/members", "/messages"):
        assert (await cyd.ask("GET", hidden + rest, 404))["error"] == "item-not-found"


async def test_a_wrong_type_is_refused_and_changes_nothing(browser: Comes) -> None:
    ada = await browser("Ada")
    path = await a_group(ada)
    await ada.ask("PATCH", path, 422, max_users="many")
    await ada.ask("PATCH", path, 422, moderated=1)
    await ada.ask("PATCH", path, 422, max_users=True)
    await ada.ask("PATCH", path, 422, private_messages="some")
    await ada.ask("POST", f"{path}/messages", 422, body=["x"])
    await ada.ask("POST", f"{path}/messages", 422, body="x", attachments=["y"])
    await ada.ask("PUT", f"{path}/members/{ada.id}/role", 422, role="king")
    await ada.ask("GET", "/api/nothing", 404)
    await ada.ask("PUT", "/api/groups", 405)


async def test_what_cannot_be_read_is_the_sender_s_fault(
    browser: Comes, caplog: pytest.LogCaptureFixture
) -> None:
    ada = await browser("ada")
    await ada.ask("POST", "/api/groups", name="Tea")
    path = "/api/groups/Tea/messages"
    said = await ada.ask("POST", path, body="half \ud83d")
    assert (await ada.ask("GET", path))["messages"][0]["body"] == "half"
    await ada.ask("POST", path, body="x", reply_to="\ud83d")
    await ada.ask("PUT", "/api/groups/Tea/read", id=f"{said['id']}\ud83d")
    await ada.ask("POST", "/api/groups/Tea/invitations", 404, person="\ud83d")
    for status, header in ((403, {"Origin": "http://[::1"}), (400, {"Content-Encoding": "br"})):
        headers = {"X-CSRF-Token": ada.csrf, "Content-Type": "application/json", **header}
        async with ada.http.post(path, data=b"{}", headers=headers) as answer:
            assert answer.status == status
    assert not [one for one in caplog.records if one.name.startswith("legacy_backend")]


async def test_who_goes_away_while_asking_is_no_error_of_ours(
    chat: WebChatBackend, caplog: pytest.LogCaptureFixture
) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", chat._server.port)
    writer.write(b"POST /api/guest HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
    await writer.drain()
    async with aiohttp.ClientSession(chat.url) as http:
        await (await http.get("/api/about")).read()  # so the other is being read by now
        writer.close()
        await writer.wait_closed()
        await (await http.get("/api/about")).read()
    assert not caplog.records


async def test_a_socket_that_cannot_tell_something_says_so(
    browser: Comes, window: Opens, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await browser("ada")
    await ada.ask("POST", "/api/groups", name="Tea")
    open_ = await window(ada)

    def fails(*_: object) -> None:
        raise RuntimeError("not to be drawn")

    monkeypatch.setattr(render, "event", fails)
    await ada.ask("POST", "/api/groups/Tea/messages", body="x")
    assert await open_.closes() == aiohttp.WSCloseCode.INTERNAL_ERROR


async def test_the_socket_tells_in_order_and_resumes(
    browser: Comes, window: Opens, romeo: WebChatAccount
) -> None:
    ada, bao = await browser("Ada"), await browser("Bao")
    path = await a_group(ada, bao)
    group = GroupId(path.rpartition("/")[2])
    await romeo.join_group(group)
    first = await window(bao)
    assert first.heard[0]["resumed"] is False
    await ada.ask("POST", f"{path}/messages", body="one")
    assert (await first.hears("message-posted"))["message"]["body"] == "one"
    await first.socket.close()
    await ada.ask("POST", f"{path}/messages", body="two")
    await romeo.send(group, Draft(body="three"))
    second = await window(bao, since=first.cursor)
    assert second.heard[0]["resumed"] is True
    said = [(await second.hears("message-posted"))["message"]["body"] for _ in range(2)]
    assert said == ["two", "three"]
    stranger = await window(bao, since="0badcafe-12")
    assert stranger.heard[0]["resumed"] is False


async def test_a_socket_hears_only_what_is_its_person_s(browser: Comes, window: Opens) -> None:
    ada, bao, cyd = await browser("Ada"), await browser("Bao"), await browser("Cyd")
    path = await a_group(ada, bao)
    outside = await window(cyd)
    inside = await window(bao)
    await ada.ask("POST", f"{path}/messages", body="for us")
    await ada.ask("POST", f"/api/conversations/{bao.id}", body="for you")
    assert (await inside.hears("whispered"))["message"]["body"] == "for you"
    await ada.ask("POST", f"{path}/members/{bao.id}/kick")
    assert (await inside.hears("member-left"))["how"] == "kicked"
    await ada.ask("POST", f"{path}/messages", body="without him")
    await ada.ask("POST", f"/api/conversations/{cyd.id}", body="end")
    await ada.ask("POST", f"/api/conversations/{bao.id}", body="end")
    await outside.hears("whispered")
    await inside.hears("whispered")
    assert [one["event"] for one in outside.heard] == ["hello", "whispered"]
    bodies = [one["message"]["body"] for one in inside.heard if "message" in one]
    assert bodies == ["for us", "for you", "end"]


async def test_conversations_are_listed(browser: Comes) -> None:
    ada, bao = await browser("Ada"), await browser("Bao")
    path = await a_group(ada, bao)
    group = path.rpartition("/")[2]
    await ada.ask("POST", f"/api/conversations/{bao.id}", body="outside")
    await bao.ask("POST", f"/api/conversations/{ada.id}", body="inside", group=group)
    assert await ada.ask("GET", "/api/conversations") == [
        {"person": bao.id, "name": "Bao", "group": group},
        {"person": bao.id, "name": "Bao", "group": None},
    ]
    page = await ada.ask("GET", f"/api/conversations/{bao.id}?group={group}")
    assert [one["body"] for one in page["messages"]] == ["inside"]
    await ada.ask("POST", f"/api/conversations/{ada.id}", 422, body="me")


async def test_an_anonymous_group_hides_who_people_are(browser: Comes, window: Opens) -> None:
    ada, bao, cyd = await browser("Ada"), await browser("Bao"), await browser("Cyd")
    path = await a_group(ada, bao, anonymous=True)
    await cyd.ask("POST", f"{path}/join", nick="Masked")
    hearing, seeing = await window(bao), await window(ada)
    posted = await cyd.ask("POST", f"{path}/messages", body="Guess who")
    heard = (await hearing.hears("message-posted"))["message"]
    seen = (await seeing.hears("message-posted"))["message"]
    assert seen["author"] == cyd.id
    assert (heard["author"].startswith("anon-"), heard["author_name"]) == (True, "Masked")
    for what in ("", "/members", "/messages"):
        assert cyd.id not in str(await bao.ask("GET", path + what))
    assert cyd.id in str(await ada.ask("GET", f"{path}/members"))
    group = path.rpartition("/")[2]
    # By the alias one can write to them; by who they are one cannot even ask
    away = f"/api/conversations/{heard['author']}"
    await bao.ask("POST", away, body="Who are you?", group=group)
    await bao.ask("POST", f"/api/conversations/{cyd.id}", 404, body="Cyd?", group=group)
    (talk,) = await cyd.ask("GET", "/api/conversations")
    assert talk["person"].startswith("anon-")
    assert bao.id not in str(await cyd.ask("GET", f"{path}/messages?limit=5"))
    me = (await cyd.ask("GET", path))["me"]
    assert me["id"] == heard["author"]
    assert posted["id"] == heard["id"]


async def test_an_owner_sees_the_password_and_nobody_else(browser: Comes) -> None:
    ada, bao = await browser("Ada"), await browser("Bao")
    path = await a_group(ada, password="sesame")
    no = await bao.ask("POST", f"{path}/join", 401, password="open")
    assert no["error"] == "not-authorized"
    await bao.ask("POST", f"{path}/join", password="sesame")
    assert (await ada.ask("GET", path))["password"] == "sesame"
    assert "sesame" not in str(await bao.ask("GET", path))
    assert "sesame" not in str(await bao.ask("GET", "/api/groups"))


async def test_who_looks_is_shown_to_the_group(browser: Comes, window: Opens, sink: Sink) -> None:
    ada = await browser("Ada")
    path = await a_group(ada)
    (member,) = await ada.ask("GET", f"{path}/members")
    assert member["online"] is False
    await window(ada)
    changed = await sink.hears(MemberChanged)
    assert (changed.member.id, changed.member.show) == (ada.id, "")
    (member,) = await ada.ask("GET", f"{path}/members")
    assert member["online"] is True


@pytest.mark.parametrize("id", ["Tea.Room", "Чай", "a-b_c"])
async def test_ids_keep_their_case_and_script(
    browser: Comes, romeo: WebChatAccount, sink: Sink, id: str
) -> None:
    ada = await browser("Ada")
    made = await ada.ask("POST", "/api/groups", id=id)
    assert made["id"] == id
    await romeo.join_group(GroupId(id))
    await romeo.send(GroupId(id), Draft(body="found it"))
    assert (await sink.hears(MessagePosted)).group == id
    page = await ada.ask("GET", f"/api/groups/{id}/messages")
    assert page["messages"][0]["author_name"] == "romeo"


async def test_a_hint_is_made_an_id(romeo: WebChatAccount) -> None:
    group = await romeo.create_group("my room/1", GroupConfig())
    assert (group.id, group.config.name) == ("my-room-1", "my room/1")
