"""Groups: one's own, those that can be found, making one, entering and leaving."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from aiohttp import web

from legacy_backend.terms import Affiliation, GroupId, MemberId
from legacy_backend.webchat.acts import create, join, reading, rules
from legacy_backend.webchat.network import Network
from legacy_backend.webchat.store import groups, messages, places
from legacy_backend.webchat.web import render
from legacy_backend.webchat.web.asked import asked
from legacy_backend.webchat.web.config import read_config
from legacy_backend.webchat.web.guard import me
from legacy_backend.webchat.web.veil import veil_for


def group_of(request: web.Request) -> GroupId:
    return GroupId(request.match_info["group"])


class Groups:
    def __init__(self, network: Network) -> None:
        self._network = network

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/api/groups", self.own),
            web.post("/api/groups", self.create),
            web.get("/api/directory", self.directory),
            web.get("/api/groups/{group}", self.one),
            web.post("/api/groups/{group}/join", self.join),
            web.post("/api/groups/{group}/leave", self.leave),
            web.put("/api/groups/{group}/nick", self.nick),
            web.get("/api/groups/{group}/members", self.members),
        ]

    async def own(self, request: web.Request) -> web.Response:
        return web.json_response(await self._network.look(self._own, me(request)))

    async def directory(self, request: web.Request) -> web.Response:
        me(request)
        found = await self._network.look(groups.listed, request.query.get("q", "")[:200])
        return web.json_response([render.listed(one) for one in found[:200]])

    async def create(self, request: web.Request) -> web.Response:
        wish = await asked(request)
        made = await self._network.act(
            create.create,
            me(request),
            wish.text("id", ""),
            read_config(wish),
            wish.text("nick", ""),
        )
        shown = await self._network.look(self._view, me(request), made.id)
        return web.json_response(shown, status=201)

    async def one(self, request: web.Request) -> web.Response:
        return web.json_response(
            await self._network.look(self._view, me(request), group_of(request))
        )

    async def join(self, request: web.Request) -> web.Response:
        wish, group = await asked(request), group_of(request)
        password, nick = wish.text("password", ""), wish.text("nick", "")
        await self._network.act(join.join, me(request), group, password, nick)
        return web.json_response(await self._network.look(self._view, me(request), group))

    async def leave(self, request: web.Request) -> web.Response:
        await self._network.act(join.leave, me(request), group_of(request))
        return web.Response(status=204)

    async def nick(self, request: web.Request) -> web.Response:
        wish = (await asked(request)).text("nick")
        nick = await self._network.act(join.change_nick, me(request), group_of(request), wish)
        return web.json_response({"nick": nick})

    async def members(self, request: web.Request) -> web.Response:
        return web.json_response(
            await self._network.look(self._members, me(request), group_of(request))
        )

    # What follows runs on the database's thread

    def _own(self, conn: sa.Connection, person: MemberId) -> list[dict[str, Any]]:
        unread = places.unread(conn, person)
        return [
            self._view(conn, person, one.id) | {"unread": unread.get(one.id, 0)}
            for one in reading.own_groups(conn, person)
        ]

    def _view(self, conn: sa.Connection, person: MemberId, id: GroupId) -> dict[str, Any]:
        """A group, with the viewer's own place in it under "me", null if they are not in it."""
        group = reading.group(conn, person, id)
        veil = veil_for(conn, self._network.database.secret, person, id)
        shown = render.group(group, veil)
        place = places.find(conn, id, person)
        if place is None or not place.joined:
            return shown | {"me": None}
        if place.affiliation == Affiliation.OWNER:
            shown["password"] = group.config.password
        latest = messages.between(conn, id, 1)
        return shown | {
            "last_seq": rules.existing(conn, id).last_seq,
            "latest": render.time(latest[0].message.at) if latest else None,
            "me": {
                "id": veil(person),
                "nick": place.nick,
                "affiliation": place.affiliation.word,
                "role": rules.role_of(place, group.config).word,
                "read_seq": place.read_seq,
            },
        }

    def _members(self, conn: sa.Connection, person: MemberId, id: GroupId) -> list[dict[str, Any]]:
        veil = veil_for(conn, self._network.database.secret, person, id)
        found = reading.members_shown_to(conn, person, id, self._network.presence.is_online)
        read = reading.read_marks(conn, id)
        return [render.member(one, veil) | {"read_seq": read.get(one.id, 0)} for one in found]
