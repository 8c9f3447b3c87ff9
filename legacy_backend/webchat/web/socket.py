"""The WebSocket: pushes what happens in one's groups, in order, from where one left off."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter
from datetime import datetime

from aiohttp import WSCloseCode, WSMsgType, web

from legacy_backend.terms import LegacyError, MemberId
from legacy_backend.webchat.hub import Entry
from legacy_backend.webchat.network import Network
from legacy_backend.webchat.store.sessions import Session
from legacy_backend.webchat.web import render
from legacy_backend.webchat.web.guard import Guard, caller
from legacy_backend.webchat.web.veil import Veil

log = logging.getLogger(__name__)

TOO_SLOW = 4008
LOGGED_OUT = 4001

_MOST_PER_PERSON = 10
_SEND_PATIENCE = 20.0


class Sockets:
    """All open sockets. Each holds a place in the hub's ring and no buffer of its own."""

    def __init__(self, network: Network, guard: Guard) -> None:
        self._network = network
        self._guard = guard
        self._open: dict[web.WebSocketResponse, Session] = {}
        self._count: Counter[MemberId] = Counter()

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """GET /api/socket?since=CURSOR"""
        who = caller(request)
        if who.by_cookie and (
            "Origin" not in request.headers or not self._guard.same_origin(request)
        ):
            raise LegacyError("forbidden", "This socket is for our own page.")
        session, person = who.session, who.session.person
        if self._count[person] >= _MOST_PER_PERSON:
            raise LegacyError("resource-constraint", "You have too many windows open.")
        socket = web.WebSocketResponse(heartbeat=30.0, max_msg_size=1024, compress=False)
        await socket.prepare(request)
        self._open[socket] = session
        self._count[person] += 1
        self._network.presence.connected(person)
        try:
            await self._run(socket, person, request.query.get("since", ""), session.expires)
        finally:
            self._network.presence.disconnected(person)
            self._count[person] -= 1
            del self._open[socket]
        return socket

    async def close_session(self, session: Session) -> None:
        """A session has ended: so do its sockets."""
        await self._close([one for one, its in self._open.items() if its.key == session.key])

    async def close_person(self, person: MemberId) -> None:
        """An account is gone: so are all its sockets."""
        await self._close([one for one, its in self._open.items() if its.person == person])

    async def close_all(self) -> None:
        await self._close(list(self._open), WSCloseCode.GOING_AWAY)

    async def _close(self, sockets: list[web.WebSocketResponse], code: int = LOGGED_OUT) -> None:
        await asyncio.gather(*(one.close(code=code) for one in sockets), return_exceptions=True)

    async def _run(
        self, socket: web.WebSocketResponse, person: MemberId, since: str, expires: datetime
    ) -> None:
        pushing = asyncio.create_task(self._push(socket, person, since))
        life = (expires - self._network.clock()).total_seconds()
        try:
            async with asyncio.timeout(life):
                await self._until_closed(socket)
        except TimeoutError:
            await socket.close(code=LOGGED_OUT, message=b"session expired")
        finally:
            pushing.cancel()
            await asyncio.gather(pushing, return_exceptions=True)

    async def _until_closed(self, socket: web.WebSocketResponse) -> None:
        """Nothing is asked over this socket: whoever talks is misunderstanding something."""
        async for frame in socket:
            if frame.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                await socket.close(code=WSCloseCode.POLICY_VIOLATION, message=b"this only pushes")

    async def _push(self, socket: web.WebSocketResponse, person: MemberId, since: str) -> None:
        hub = self._network.hub
        place = hub.place_of(since)
        resumed = place is not None
        number = hub.last if place is None else place
        hello = {"event": "hello", "cursor": hub.cursor(number), "resumed": resumed}
        try:
            await self._send(socket, json.dumps(hello))
            while True:
                entries = hub.after(number)
                if entries is None:
                    break
                for entry in entries:
                    number = entry.number
                    if person in entry.audience:
                        text = self._text(entry, person)
                        if text:
                            await self._send(socket, text)
                await hub.wait(number)
        except TimeoutError:
            pass
        except ConnectionError:
            return
        except Exception:
            # Silence would look as if nothing happened: the page fetches all anew instead
            log.exception("could not push what follows %s", hub.cursor(number))
            await socket.close(code=WSCloseCode.INTERNAL_ERROR, message=b"something broke")
            return
        await socket.close(code=TOO_SLOW, message=b"too slow")

    async def _send(self, socket: web.WebSocketResponse, text: str) -> None:
        async with asyncio.timeout(_SEND_PATIENCE):
            await socket.send_str(text)

    def _text(self, entry: Entry, person: MemberId) -> str:
        """The entry for those who see as much as `person`; "" if it is not for browsers."""
        drawn = entry.roster.veils(person)
        if drawn not in entry.texts:
            group = getattr(entry.event, "group", None)
            veil = Veil(self._network.database.secret, group, drawn and group is not None)
            told = render.event(entry.event, veil)
            cursor: render.Json = {"cursor": self._network.hub.cursor(entry.number)}
            if entry.seq:
                cursor["seq"] = entry.seq
            entry.texts[drawn] = "" if told is None else json.dumps(cursor | told)
        return entry.texts[drawn]
