"""What must not be possible."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from PIL import Image, PngImagePlugin

from legacy_backend.webchat import WebChatBackend
from legacy_backend.webchat.web import buckets
from tests.webchat.conftest import Browser, Clock, Comes, Window

Opens = Callable[..., Awaitable[Window]]

EVIL = "<script>alert(1)</script>"


async def test_what_looks_like_html_stays_text(browser: Comes) -> None:
    ada = await browser(EVIL)
    made = await ada.ask("POST", "/api/groups", name=EVIL, description=EVIL)
    path = f"/api/groups/{made['id']}"
    await ada.ask("POST", f"{path}/messages", body=EVIL)
    async with ada.http.get(f"{path}/messages") as answer:
        assert answer.content_type == "application/json"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert (await answer.json())["messages"][0]["body"] == EVIL


def test_the_page_never_makes_html_of_data() -> None:
    page = Path(__file__).parents[2] / "legacy_backend" / "webchat" / "page"
    for script in page.glob("*.js"):
        text = script.read_text()
        for unsafe in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
            assert unsafe not in text, f"{unsafe} in {script.name}"
    html = (page / "index.html").read_text()
    assert "<script>" not in html
    assert "style=" not in html
    assert "http://" not in html
    assert "https://" not in html


async def test_every_answer_has_a_strict_policy(chat: WebChatBackend) -> None:
    async with aiohttp.ClientSession(chat.url) as http:
        for path in ("/", "/page/app.js", "/page/base.css", "/api/about", "/api/me", "/nowhere"):
            async with http.get(path) as answer:
                policy = answer.headers["Content-Security-Policy"]
                assert "default-src 'none'" in policy
                assert "unsafe" not in policy
                assert answer.headers["X-Frame-Options"] == "DENY"
        async with http.get("/page/..%2f__init__.py") as answer:
            assert answer.status == 404


async def test_the_cookie_is_for_our_page_alone(chat: WebChatBackend) -> None:
    async with (
        aiohttp.ClientSession(chat.url) as http,
        http.post("/api/guest", json={"name": "ada"}) as answer,
    ):
        cookie = answer.headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie


async def send(person: Browser, path: str, headers: dict[str, str], **more: Any) -> tuple[int, Any]:
    async with person.http.post(path, headers=headers, **more) as answer:
        return answer.status, await answer.text()


async def test_a_change_without_the_token_or_from_elsewhere_is_refused(browser: Comes) -> None:
    ada = await browser("Ada")
    wish = {"json": {"name": "Trap"}}
    good = {"X-CSRF-Token": ada.csrf}
    assert (await send(ada, "/api/groups", {}, **wish))[0] == 403
    assert (await send(ada, "/api/groups", {"X-CSRF-Token": "guess"}, **wish))[0] == 403
    for foreign in ("https://evil.example", "null", f"{ada.url}.evil.example"):
        assert (await send(ada, "/api/groups", {**good, "Origin": foreign}, **wish))[0] == 403
    cross = {**good, "Sec-Fetch-Site": "cross-site"}
    assert (await send(ada, "/api/groups", cross, **wish))[0] == 403
    plain = {**good, "Content-Type": "text/plain"}
    assert (await send(ada, "/api/groups", plain, data=b'{"name": "Trap"}'))[0] == 422
    assert (await send(ada, "/api/groups", {**good, "Origin": ada.url}, **wish))[0] == 201


async def test_nobody_is_logged_in_from_another_site(chat: WebChatBackend) -> None:
    async with aiohttp.ClientSession(chat.url) as http:
        headers = {"Origin": "https://evil.example"}
        async with http.post("/api/guest", json={"name": "x"}, headers=headers) as answer:
            assert answer.status == 403


async def test_a_socket_from_elsewhere_is_refused(browser: Comes) -> None:
    ada = await browser("Ada")
    for headers in ({"Origin": "https://evil.example"}, {}):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await ada.http.ws_connect("/api/socket", headers=headers)
        assert refused.value.status == 403


async def test_a_socket_that_is_talked_to_is_closed(browser: Comes, window: Opens) -> None:
    one = await window(await browser("Ada"))
    await one.socket.send_str("hello?")
    assert await one.closes() == 1008


async def test_a_session_ends(browser: Comes, window: Opens, clock: Clock) -> None:
    ada = await browser("Ada")
    open_window = await window(ada)
    await ada.ask("POST", "/api/logout")
    assert await open_window.closes() == 4001
    bao = await browser("Bao")
    clock.time += timedelta(days=2)
    await bao.ask("GET", "/api/me", 401)


async def test_without_a_session_there_is_nothing_to_see(chat: WebChatBackend) -> None:
    async with aiohttp.ClientSession(chat.url) as http:
        for path in (
            "/api/me",
            "/api/groups",
            "/api/directory",
            "/api/people",
            "/api/people/x",
            "/api/conversations",
            "/api/invitations",
            "/api/groups/x",
            "/api/groups/x/messages",
            "/api/socket",
        ):
            async with http.get(path) as answer:
                assert answer.status == 401, path


async def test_what_is_too_large_is_refused(browser: Comes) -> None:
    ada = await browser("Ada")
    made = await ada.ask("POST", "/api/groups", name="g")
    path = f"/api/groups/{made['id']}"
    await ada.ask("POST", f"{path}/messages", 422, body="x" * 5001)
    await ada.ask("POST", f"{path}/messages", 413, body="x" * 200_000)
    await ada.ask("PATCH", path, 422, name="x" * 81)
    await ada.ask("PUT", f"{path}/subject", 422, text="x" * 301)
    await ada.ask("POST", "/api/guest", 422, name="x" * 41)
    headers = {"X-CSRF-Token": ada.csrf}

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"\0" * 500_000

    async with ada.http.put(f"{path}/picture", data=endless(), headers=headers) as answer:
        assert answer.status == 413
    deep = b'{"name": ' + b"[" * 50_000
    json = {**headers, "Content-Type": "application/json"}
    async with ada.http.post("/api/groups", data=deep, headers=json) as answer:
        assert answer.status == 422


async def test_names_cannot_be_faked_or_broken(browser: Comes) -> None:
    ada = await browser("Ada")
    for fake in ("ada", "ＡＤＡ", "A\u202eda", " Ada ", "A\x00da"):
        await ada.ask("POST", "/api/guest", 409, name=fake)
    await ada.ask("POST", "/api/guest", 422, name="\u202e\x07 ")


async def test_uploads_are_drawn_anew_or_only_downloaded(
    browser: Comes, chat: WebChatBackend
) -> None:
    ada = await browser("Ada")
    hidden = PngImagePlugin.PngInfo()
    hidden.add_text("place", "51.5 N")
    out = io.BytesIO()
    Image.new("RGB", (30, 20), "red").save(out, "PNG", pnginfo=hidden)
    headers = {"X-CSRF-Token": ada.csrf}
    about = await upload(ada, "holiday.jpg", out.getvalue(), headers)
    assert (about["media_type"], about["name"]) == ("image/png", "holiday.png")
    async with ada.http.get(about["url"].removeprefix(chat.url)) as answer:
        assert b"51.5 N" not in await answer.read()
    page = await upload(ada, "x.html", b"<script>alert(1)</script>", headers)
    async with ada.http.get(page["url"].removeprefix(chat.url)) as answer:
        assert answer.content_type == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert "sandbox" in answer.headers["Content-Security-Policy"]
    async with ada.http.get("/files/guess/x.png") as answer:
        assert answer.status == 404


async def upload(person: Browser, name: str, data: bytes, headers: dict[str, str]) -> Any:
    params = {"name": name}
    async with person.http.post("/api/files", params=params, data=data, headers=headers) as answer:
        assert answer.status == 201, await answer.text()
        return await answer.json()


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of it happens at once, however long it takes."""
    monkeypatch.setattr(buckets, "monotonic", lambda: 0.0)


@pytest.mark.usefixtures("moment")
async def test_guessing_passwords_is_slow(browser: Comes) -> None:
    ada = await browser("Ada", password="correct horse")
    for _ in range(5):
        await ada.ask("POST", "/api/login", 401, name="Ada", password="wrong horse!")
    async with ada.http.post("/api/login", json={"name": "ADA", "password": "x"}) as answer:
        assert answer.status == 429
        assert int(answer.headers["Retry-After"]) > 0


class TestRates:
    @pytest.fixture
    def options(self, tmp_path: Path) -> dict[str, Any]:
        url = f"sqlite:///{tmp_path}/chat.sqlite"
        return {"port": 0, "database": url, "rate": 1, "rate_burst": 5}

    @pytest.mark.usefixtures("moment")
    async def test_asking_too_often_is_refused(self, browser: Comes) -> None:
        ada = await browser("Ada")
        for _ in range(5):
            await ada.ask("PATCH", "/api/groups/none", 404, name="x")
        no = await ada.ask("PATCH", "/api/groups/none", 429, name="x")
        assert no["error"] == "resource-constraint"


class TestNoGuests:
    @pytest.fixture
    def options(self, tmp_path: Path) -> dict[str, Any]:
        url = f"sqlite:///{tmp_path}/chat.sqlite"
        return {"port": 0, "database": url, "guests": False, "registration": False}

    async def test_the_door_is_closed(self, chat: WebChatBackend) -> None:
        async with aiohttp.ClientSession(chat.url) as http:
            for way in ("guest", "register"):
                wish = {"name": "x", "password": "long enough"}
                async with http.post(f"/api/{way}", json=wish) as answer:
                    assert (answer.status, (await answer.json())["error"]) == (403, "not-allowed")
