"""Messages of a group: reading, saying, changing, reacting, typing."""

from __future__ import annotations

from typing import Any, cast

import sqlalchemy as sa
from aiohttp import web

from legacy_backend.terms import GroupId, LegacyError, MemberId, MessageId
from legacy_backend.values import Attachment, ChatState, Draft, Quote
from legacy_backend.webchat.acts import attend, rules, talk
from legacy_backend.webchat.network import Network
from legacy_backend.webchat.store import messages, stays
from legacy_backend.webchat.web import render
from legacy_backend.webchat.web.asked import Asked, asked, number
from legacy_backend.webchat.web.groups import group_of
from legacy_backend.webchat.web.guard import me
from legacy_backend.webchat.web.veil import veil_for

_PAGE = 50
_MOST = 200


def draft_of(wish: Asked) -> Draft:
    reply = wish.optional_text("reply_to")
    return Draft(
        body=wish.text("body", ""),
        origin=wish.text("origin", ""),
        thread=wish.text("thread", ""),
        reply_to=None if reply is None else Quote(id=MessageId(reply)),
        attachments=tuple(_attachment(one) for one in wish.objects("attachments")),
    )


def _attachment(one: Asked) -> Attachment:
    size = one.fields.get("size", 0)
    if type(size) is not int:
        raise LegacyError("not-acceptable", "size has to be a number of bytes.")
    return Attachment(
        url=one.text("url"),
        name=one.text("name", ""),
        media_type=one.text("media_type", ""),
        size=size,
    )


class Messages:
    def __init__(self, network: Network) -> None:
        self._network = network

    def routes(self) -> list[web.RouteDef]:
        group = "/api/groups/{group}"
        one = f"{group}/messages/{{message}}"
        return [
            web.get(f"{group}/messages", self.page),
            web.post(f"{group}/messages", self.post),
            web.patch(one, self.edit),
            web.delete(one, self.remove),
            web.put(f"{one}/reactions", self.react),
            web.put(f"{group}/read", self.mark_read),
            web.post(f"{group}/typing", self.typing),
            web.post(f"{group}/voice", self.request_voice),
        ]

    async def page(self, request: web.Request) -> web.Response:
        """Query: limit, and `before` or `after`, or both, ids of messages."""
        limit = number(request, "limit", _PAGE, 1, _MOST)
        page = await self._network.look(
            self._page,
            me(request),
            group_of(request),
            request.query.get("after"),
            request.query.get("before"),
            limit,
        )
        return web.json_response(page)

    async def post(self, request: web.Request) -> web.Response:
        draft = draft_of(await asked(request))
        said = await self._network.act(talk.post, me(request), group_of(request), draft)
        return web.json_response({"id": said.id, "at": render.time(said.at)}, status=201)

    async def edit(self, request: web.Request) -> web.Response:
        draft = draft_of(await asked(request))
        id = _message_of(request)
        edit_id = await self._network.act(talk.edit, me(request), group_of(request), id, draft)
        return web.json_response({"edit_id": edit_id})

    async def remove(self, request: web.Request) -> web.Response:
        """An own message is taken back; for somebody else's one has to be a moderator."""
        reason = (await asked(request)).text("reason", "")
        await self._network.act(
            talk.remove, me(request), group_of(request), _message_of(request), reason
        )
        return web.Response(status=204)

    async def react(self, request: web.Request) -> web.Response:
        emojis = (await asked(request)).texts("emojis")
        await self._network.act(
            talk.react, me(request), group_of(request), _message_of(request), emojis
        )
        return web.Response(status=204)

    async def mark_read(self, request: web.Request) -> web.Response:
        id = MessageId((await asked(request)).text("id"))
        await self._network.act(attend.mark_read, me(request), group_of(request), id)
        return web.Response(status=204)

    async def typing(self, request: web.Request) -> web.Response:
        state = cast(ChatState, (await asked(request)).text("state"))
        await self._network.act(attend.chat_state, me(request), group_of(request), state)
        return web.Response(status=204)

    async def request_voice(self, request: web.Request) -> web.Response:
        await self._network.act(attend.request_voice, me(request), group_of(request))
        return web.Response(status=204)

    def _page(
        self,
        conn: sa.Connection,
        viewer: MemberId,
        group: GroupId,
        after: str | None,
        before: str | None,
        limit: int,
    ) -> dict[str, Any]:
        """Runs on the database's thread."""
        row, _ = rules.inside(conn, viewer, group)
        said = messages.between(
            conn,
            group,
            limit,
            within=rules.sees(row.config, stays.of(conn, group, viewer), viewer),
            after=None if after is None else _seq(conn, group, after),
            before=None if before is None else _seq(conn, group, before),
        )
        veil = veil_for(conn, self._network.database.secret, viewer, group)
        on = messages.reactions_on(conn, group, [one.message.id for one in said])
        shown = [
            render.message(one.message, veil)
            | {
                "seq": one.seq,
                "edited_at": render.time(one.edited),
                "reactions": {
                    veil(by): emojis for by, emojis in on.get(one.message.id, {}).items()
                },
            }
            for one in said
        ]
        return {"messages": shown, "complete": len(said) < limit}


def _message_of(request: web.Request) -> MessageId:
    return MessageId(request.match_info["message"])


def _seq(conn: sa.Connection, group: GroupId, id: str) -> int:
    said = messages.find(conn, group, MessageId(id))
    if said is None:
        raise LegacyError("item-not-found", "This message is not there.")
    return said.seq
