"""Whose pages may show the web chat in a frame."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiohttp
import pytest

from legacy_backend.webchat import WebChatBackend
from legacy_backend.webchat.settings import OPTIONS, Settings, problems
from tests.webchat.conftest import Comes


async def test_nobody_may_frame_it_unless_told_otherwise(chat: WebChatBackend) -> None:
    async with aiohttp.ClientSession(chat.url) as http, http.get("/") as answer:
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Frame-Options"] == "DENY"


class TestWithTwoOriginsAllowed:
    @pytest.fixture
    def options(self, tmp_path: Path) -> dict[str, Any]:
        return {
            "port": 0,
            "database": f"sqlite:///{tmp_path}/chat.sqlite",
            "rate": 0,
            "frame_ancestors": "https://example.org\n http://127.0.0.1:8280",
        }

    async def test_their_pages_may_and_nobody_elses(self, chat: WebChatBackend) -> None:
        async with aiohttp.ClientSession(chat.url) as http:
            for path in ("/", "/page/app.js", "/api/me", "/nowhere"):
                async with http.get(path) as answer:
                    policy = answer.headers["Content-Security-Policy"]
                    assert policy.endswith(
                        "; frame-ancestors https://example.org http://127.0.0.1:8280"
                    )
                    assert "X-Frame-Options" not in answer.headers

    async def test_uploaded_files_stay_out_of_frames(
        self, chat: WebChatBackend, browser: Comes
    ) -> None:
        ada = await browser("Ada")
        headers = {"X-CSRF-Token": ada.csrf}
        async with ada.http.post("/api/files?name=a.html", data=b"<p>", headers=headers) as answer:
            assert answer.status == 201
            url = (await answer.json())["url"]
        async with ada.http.get(url) as answer:
            assert answer.status == 200
            assert answer.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    "value",
    [
        "*",
        "'self'",
        "example.org",
        "javascript:alert(1)",
        "https://example.org/page",
        "https://example.org; script-src *",
        "https://example.org, https://example.net",
        "https://example.org\r\nSet-Cookie: a=b",
        "https://exämple.org",
        "http://127.0.0.1:8280 https://",
    ],
)
def test_only_origins_get_into_the_header(value: str) -> None:
    assert [key for key, _ in problems({"frame_ancestors": value})][:1] == ["frame_ancestors"]
    with pytest.raises(ValueError, match="frame_ancestors is origins"):
        Settings.of({"frame_ancestors": value})


def test_the_default_is_fine() -> None:
    assert list(problems({key: default for key, (_, default, _) in OPTIONS.items()})) == []
