"""The one page of the demo."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler

from demo.client import Account
from demo.group import NAME
from demo.ports import LOOPBACK
from legacy_backend.webchat.web.guard import COOKIE

PAGE = Path(__file__).parent / "page"
LOCAL = "http://127.0.0.1:* ws://127.0.0.1:*"
POLICY = "; ".join(
    (
        # Converse.js would show logos from its own site on its log-in form.
        f"default-src 'self' data: blob: {LOCAL}",
        "script-src 'self' 'wasm-unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "frame-ancestors 'self'",
    )
)
"""Nothing from outside of this machine."""
NO_STORE = {"Cache-Control": "no-store"}


@asynccontextmanager
async def site(
    port: int,
    *,
    webchat: str,
    session: Callable[[str], Awaitable[str]],
    account: Account,
    converse: Path | None,
) -> AsyncIterator[str]:
    """Serve the page at a port of 127.0.0.1 while the block runs; gives its address.

    `session` gives a browser the session in the web chat that it comes in with; it is asked with
    the one that the browser has, "" if none. `converse` is the folder of Converse.js, None if
    there is none.
    """

    async def about(_: web.Request) -> web.Response:
        facts = {
            "Address": account.jid,
            "Password": account.password,
            "Server": f"{account.host}, port {account.c2s_port}, no encryption",
            "Room": account.room,
        }
        return web.json_response(
            {
                "webchat": webchat,
                "who": {"webchat": NAME, "xmpp": f"{account.nick}, {account.jid}"},
                "account": facts,
                "converse": converse is not None,
            },
            headers=NO_STORE,
        )

    async def client(_: web.Request) -> web.Response:
        return web.json_response(account.for_converse(), headers=NO_STORE)

    async def page(request: web.Request) -> web.FileResponse:
        return web.FileResponse(PAGE / request.match_info["name"], headers=NO_STORE)

    async def start(request: web.Request) -> web.FileResponse:
        response = web.FileResponse(PAGE / "index.html", headers=NO_STORE)
        # Cookies know hosts and no ports: what is set here, the web chat in its frame gets.
        token = await session(request.cookies.get(COOKIE, ""))
        response.set_cookie(COOKIE, token, path="/", httponly=True, samesite="Strict")
        return response

    app = web.Application(middlewares=[only_here])
    app.add_routes(
        [
            web.get("/demo.json", about),
            web.get("/client.json", client),
            web.get("/", start),
            web.get(r"/{name:client\.html|(?:demo|client)\.js|demo\.css}", page),
        ]
    )
    if converse is not None:
        app.add_routes([web.static("/converse", converse)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, LOOPBACK, port, reuse_address=True).start()
        yield f"http://{LOOPBACK}:{port}/"
    finally:
        await runner.cleanup()


@web.middleware
async def only_here(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse other host names, under which a foreign page could read the account's password."""
    if request.host.rpartition(":")[0] not in (LOOPBACK, "localhost"):
        raise web.HTTPForbidden
    response = await handler(request)
    response.headers["Content-Security-Policy"] = POLICY
    return response
