"""Coming in and going: guest, register, log in, log out."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from legacy_backend.terms import LegacyError, MemberId
from legacy_backend.webchat import passwords, text
from legacy_backend.webchat.acts import accounts, rules
from legacy_backend.webchat.network import Network
from legacy_backend.webchat.store.sessions import Session
from legacy_backend.webchat.web.asked import Asked, asked
from legacy_backend.webchat.web.buckets import Buckets
from legacy_backend.webchat.web.errors import TooOften
from legacy_backend.webchat.web.guard import COOKIE, Guard, caller
from legacy_backend.webchat.web.socket import Sockets


class Login:
    def __init__(self, network: Network, guard: Guard, sockets: Sockets) -> None:
        self._network = network
        self._guard = guard
        self._sockets = sockets
        limited = network.settings.rate > 0
        self._new = Buckets(1 / 10 if limited else 0, 20)
        self._tries_from = Buckets(1 / 5, 20)
        self._tries_for = Buckets(1 / 30, 5)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/api/guest", self.guest),
            web.post("/api/register", self.register),
            web.post("/api/login", self.login),
            web.post("/api/logout", self.logout),
            web.get("/api/me", self.me),
            web.delete("/api/me", self.leave_for_good),
            web.get("/api/about", self.about),
        ]

    async def about(self, request: web.Request) -> web.Response:
        """What one may know without a session."""
        settings = self._network.settings
        limits = {
            "message": settings.max_message,
            "group_name": settings.max_group_name,
            "upload": settings.max_upload,
            "picture": settings.max_picture,
            "name": text.LONGEST_NAME,
            "password": passwords.SHORTEST,
        }
        flags = {"guests": settings.guests, "registration": settings.registration}
        return web.json_response({**flags, "limits": limits})

    async def guest(self, request: web.Request) -> web.Response:
        wish = await asked(request)
        if not self._network.settings.guests:
            raise LegacyError("not-allowed", "Guests are not let in here.")
        _pace(self._new, self._guard.address(request))
        person = await self._network.act(accounts.come_as_guest, wish.text("name"))
        return await self._begin(person.id, wish)

    async def register(self, request: web.Request) -> web.Response:
        wish = await asked(request)
        if not self._network.settings.registration:
            raise LegacyError("not-allowed", "New accounts are not made here.")
        _pace(self._new, self._guard.address(request))
        hashed = await self._network.aside(passwords.hash_password, wish.text("password"))
        person = await self._network.act(accounts.register, wish.text("name"), hashed)
        return await self._begin(person.id, wish)

    async def login(self, request: web.Request) -> web.Response:
        wish = await asked(request)
        name, password = wish.text("name"), wish.text("password")
        _pace(self._tries_from, self._guard.address(request))
        _pace(self._tries_for, text.key(name))
        found = await self._network.look(accounts.password_of, name)
        hashed = None if found is None else found[1]
        if not await self._network.aside(passwords.matches, password, hashed) or found is None:
            raise LegacyError("not-authorized", "The name or the password is wrong.")
        return await self._begin(found[0], wish)

    async def logout(self, request: web.Request) -> web.Response:
        session = caller(request).session
        await self._network.act(accounts.close_session, session.key)
        await self._sockets.close_session(session)
        response = web.Response(status=204)
        response.del_cookie(COOKIE, path="/")
        return response

    async def me(self, request: web.Request) -> web.Response:
        return web.json_response(await self._me(caller(request).session))

    async def leave_for_good(self, request: web.Request) -> web.Response:
        """Delete the account; for those with a password, on giving it."""
        session = caller(request).session
        person = await self._network.look(rules.someone, session.person)
        if person.password is not None:
            password = (await asked(request)).text("password")
            _pace(self._tries_for, text.key(person.name))
            if not await self._network.aside(passwords.matches, password, person.password):
                raise LegacyError("forbidden", "The password is wrong.")
        await self._network.act(accounts.depart, person.id)
        await self._sockets.close_person(person.id)
        response = web.Response(status=204)
        response.del_cookie(COOKIE, path="/")
        return response

    async def _me(self, session: Session) -> dict[str, Any]:
        person = await self._network.look(rules.someone, session.person)
        return {
            "id": person.id,
            "name": person.name,
            "kind": person.kind.value,
            "csrf": session.csrf,
            "expires": session.expires.isoformat(),
        }

    async def _begin(self, person: MemberId, wish: Asked) -> web.Response:
        """Answer with a session: in a cookie, or to programs that ask for it as a bearer token."""
        token, session = await self._network.act(accounts.open_session, person)
        answer = await self._me(session)
        if wish.flag("bearer"):
            return web.json_response(answer | {"token": token}, status=201)
        response = web.json_response(answer, status=201)
        life = int((session.expires - self._network.clock()).total_seconds())
        response.set_cookie(
            COOKIE,
            token,
            path="/",
            max_age=life,
            httponly=True,
            samesite="Strict",
            secure=self._network.settings.secure,
        )
        return response


def _pace(buckets: Buckets, key: str) -> None:
    wait = buckets.take(key)
    if wait:
        raise TooOften(wait)
