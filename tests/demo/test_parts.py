"""The parts of the demo, each by itself."""

from __future__ import annotations

import asyncio
import socket
import stat
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from demo.child import Child, ChildFailed
from demo.client import Account
from demo.gateway import Link, configuration
from demo.memory import recall, remember
from demo.ports import LOOPBACK, Port, accepts, port_or_another
from demo.site import site
from demo.visit import VisitFailed, visit
from legacy_backend.webchat.web.guard import COOKIE

ACCOUNT = Account(
    jid="robin@localhost",
    password="of robin",
    websocket="ws://127.0.0.1:5280/xmpp-websocket",
    bosh="http://127.0.0.1:5280/http-bind",
    room="harbour@chat.localhost",
    nick="Robin",
    host=LOOPBACK,
    c2s_port=5222,
)


def test_a_second_start_remembers_ports_and_secrets(tmp_path: Path) -> None:
    first = recall(tmp_path)
    first.page_port = 1234
    remember(tmp_path, first)
    assert recall(tmp_path) == first
    assert recall(tmp_path / "other").password != first.password
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700


def test_a_port_that_is_taken_is_replaced_by_another() -> None:
    with socket.create_server((LOOPBACK, 0)) as taken:
        number = taken.getsockname()[1]
        other = port_or_another(number)
        assert other.number != number
        other.give_back()


def test_a_port_that_is_only_kept_is_not_given_out_again() -> None:
    kept = Port()
    other = port_or_another(kept.number)
    assert other.number != kept.number
    other.give_back()
    kept.give_back()
    again = Port(kept.number)
    assert again.number == kept.number
    again.give_back()


def test_no_port_is_given_out_twice() -> None:
    ports = [Port() for _ in range(500)]
    assert len({port.number for port in ports}) == 500
    for port in ports:
        port.give_back()


async def test_a_port_that_was_given_out_can_be_listened_on_twice() -> None:
    port = Port()
    for _ in range(2):
        server = await asyncio.start_server(lambda _, w: w.close(), LOOPBACK, port.number)
        assert await accepts(port.number)
        server.close()
        await server.wait_closed()
    port.give_back()


def test_the_gateway_is_configured_for_the_demo_only() -> None:
    config = tomllib.loads(
        configuration(
            Link(
                jid="chat.localhost",
                secret='with "quotes"',
                component_port=5347,
                webchat_port=8281,
                domain="localhost",
                page="http://127.0.0.1:8280",
            )
        )
    )
    assert config["xmpp"]["secret"] == 'with "quotes"'
    assert config["network"]["options"]["listen"] == LOOPBACK
    assert config["network"]["options"]["frame_ancestors"] == "http://127.0.0.1:8280"
    assert config["users"] == {"allowed": ".*@localhost", "auto_register": True}


async def test_a_child_that_ends_at_once_says_why(tmp_path: Path) -> None:
    child = Child([sys.executable, "-c", "print('no such thing'); exit(3)"], log=tmp_path / "log")
    child.start()
    with pytest.raises(ChildFailed, match=r"ended with 3[\s\S]*no such thing"):
        await child.ready(lambda: accepts(1))


async def test_a_child_that_will_not_end_is_ended(tmp_path: Path) -> None:
    stubborn = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        "print('deaf', flush=True); time.sleep(60)"
    )
    child = Child([sys.executable, "-c", stubborn], log=tmp_path / "log")
    child.start()

    async def is_deaf() -> bool:
        return "deaf" in child.tail()

    await child.ready(is_deaf)
    assert await child.stop(seconds=0.1) == -9
    assert not child.running


async def nobody(_shown: str) -> str:
    """The session of a browser that is to have none."""
    return ""


async def test_the_page_tells_where_both_sides_are() -> None:
    port = Port()
    async with (
        site(
            port.number, webchat="http://w/", session=nobody, account=ACCOUNT, converse=None
        ) as url,
        aiohttp.ClientSession(url) as session,
    ):
        async with session.get("/demo.json") as answer:
            facts = await answer.json()
        assert facts["webchat"] == "http://w/"
        assert facts["account"]["Room"] == ACCOUNT.room
        assert facts["converse"] is False
        for path in ("/", "/demo.js", "/demo.css", "/client.html", "/client.js"):
            async with session.get(path) as answer:
                assert answer.status == 200, path
        # A foreign site that points its own name to 127.0.0.1 gets no password.
        async with session.get("/client.json", headers={"Host": "evil.example:80"}) as answer:
            assert answer.status == 403
    port.give_back()


@pytest.mark.parametrize(("shown", "given"), [("", "new"), ("stale", "new"), ("good", "good")])
async def test_the_page_gives_its_browser_a_session_of_the_web_chat(shown: str, given: str) -> None:
    async def session(shown: str) -> str:
        return shown if shown == "good" else "new"

    port = Port()
    async with (
        site(
            port.number, webchat="http://w/", session=session, account=ACCOUNT, converse=None
        ) as url,
        aiohttp.ClientSession(url, cookies={COOKIE: shown}) as http,
        http.get("/") as answer,
    ):
        cookie = answer.headers["Set-Cookie"]
        assert cookie.startswith(f"{COOKIE}={given};")
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
    port.give_back()


async def test_a_visit_that_is_refused_says_why() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b">")
        writer.write(b"<stream:error><host-unknown/></stream:error>")
        writer.close()

    server = await asyncio.start_server(refuse, LOOPBACK, 0)
    account = replace(ACCOUNT, c2s_port=server.sockets[0].getsockname()[1])
    with pytest.raises(VisitFailed, match="host-unknown"):
        async with visit(account):
            pass
    server.close()
    await server.wait_closed()
