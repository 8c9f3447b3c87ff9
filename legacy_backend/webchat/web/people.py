"""People, what they write to each other alone, and invitations."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from aiohttp import web

from legacy_backend.terms import GroupId, LegacyError, MemberId, MessageId
from legacy_backend.values import Draft, Message
from legacy_backend.webchat import text
from legacy_backend.webchat.acts import reading, rules, whisper
from legacy_backend.webchat.network import Network
from legacy_backend.webchat.store import groups, invitations
from legacy_backend.webchat.web import render
from legacy_backend.webchat.web.asked import asked, number
from legacy_backend.webchat.web.guard import me
from legacy_backend.webchat.web.messages import draft_of
from legacy_backend.webchat.web.veil import Veil, veil_for
from legacy_backend.webchat.work import Work


class People:
    def __init__(self, network: Network) -> None:
        self._network = network

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/api/people", self.search),
            web.get("/api/people/{person}", self.person),
            web.get("/api/conversations", self.conversations),
            web.get("/api/conversations/{person}", self.conversation),
            web.post("/api/conversations/{person}", self.write),
            web.get("/api/invitations", self.invitations),
        ]

    async def search(self, request: web.Request) -> web.Response:
        me(request)
        words = request.query.get("q", "")[: text.LONGEST_NAME]
        is_online = self._network.presence.is_online
        found = await self._network.look(reading.search_people, words, 30, is_online)
        return web.json_response([render.member(one, _plain()) for one in found])

    async def person(self, request: web.Request) -> web.Response:
        id, is_online = MemberId(request.match_info["person"]), self._network.presence.is_online
        me(request)
        found = await self._network.look(reading.person, id, is_online)
        return web.json_response(render.member(found, _plain()))

    async def conversations(self, request: web.Request) -> web.Response:
        return web.json_response(await self._network.look(self._conversations, me(request)))

    async def conversation(self, request: web.Request) -> web.Response:
        """Query: limit, before (the id of a message), group if it takes place in one."""
        limit, before = number(request, "limit", 50, 1, 200), request.query.get("before")
        page = await self._network.look(
            self._conversation,
            me(request),
            request.match_info["person"],
            _group_in(request.query.get("group")),
            None if before is None else MessageId(before),
            limit,
        )
        return web.json_response(page)

    async def write(self, request: web.Request) -> web.Response:
        wish = await asked(request)
        group, shown = _group_in(wish.optional_text("group")), request.match_info["person"]
        said = await self._network.act(self._write, me(request), shown, group, draft_of(wish))
        return web.json_response({"id": said.id, "at": render.time(said.at)}, status=201)

    async def invitations(self, request: web.Request) -> web.Response:
        return web.json_response(await self._network.look(self._invitations, me(request)))

    # What follows runs on the database's thread

    def _veil(self, conn: sa.Connection, viewer: MemberId, group: GroupId | None) -> Veil:
        if group is None or groups.find(conn, group) is None:
            return _plain()
        return veil_for(conn, self._network.database.secret, viewer, group)

    def _write(
        self, work: Work, actor: MemberId, shown: str, group: GroupId | None, draft: Draft
    ) -> Message:
        if group is None:
            return whisper.direct(work, actor, MemberId(shown), draft)
        rules.inside(work.conn, actor, group)
        to = self._veil(work.conn, actor, group).behind(work.conn, shown)
        return whisper.whisper(work, actor, group, to, draft)

    def _conversations(self, conn: sa.Connection, viewer: MemberId) -> list[dict[str, Any]]:
        found = []
        for one in reading.conversations(conn, viewer):
            shown = self._veil(conn, viewer, one.group)(one.id)
            found.append({"person": shown, "name": one.name, "group": one.group})
        return found

    def _conversation(
        self,
        conn: sa.Connection,
        viewer: MemberId,
        shown: str,
        group: GroupId | None,
        before: MessageId | None,
        limit: int,
    ) -> dict[str, Any]:
        veil = self._veil(conn, viewer, group)
        other = veil.behind(conn, shown)
        found = reading.conversation(conn, viewer, other, group, before, limit)
        return {
            "messages": [render.message(one.message, veil) for one in found],
            "me": veil(viewer),
            "complete": len(found) < limit,
        }

    def _invitations(self, conn: sa.Connection, viewer: MemberId) -> list[dict[str, Any]]:
        open_ones = []
        for one in invitations.of(conn, viewer):
            veil = self._veil(conn, viewer, one.group)
            info = render.group(groups.show(conn, one.group)[0], veil)
            by = {"by": veil(one.inviter), "by_name": one.inviter_name, "reason": one.reason}
            open_ones.append({"group": one.group, "info": info, **by})
        return open_ones


def _plain() -> Veil:
    return Veil(b"", None, False)


def _group_in(given: str | None) -> GroupId | None:
    if given == "":
        raise LegacyError("not-acceptable", "A group's id is not empty.")
    return None if given is None else GroupId(given)
