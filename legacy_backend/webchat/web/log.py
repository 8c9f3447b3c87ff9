"""What was said in groups that anybody may read, as a page without a session."""

from __future__ import annotations

from html import escape
from urllib.parse import quote, urlsplit

import sqlalchemy as sa
from aiohttp import web

from legacy_backend.terms import GroupId, LegacyError, MessageId
from legacy_backend.values import Attachment, Message
from legacy_backend.webchat.acts import rules
from legacy_backend.webchat.network import Network
from legacy_backend.webchat.store import messages

_ON_A_PAGE = 200


class Log:
    def __init__(self, network: Network) -> None:
        self._network = network

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/logs/{group}", self.page)]

    async def page(self, request: web.Request) -> web.Response:
        """GET /logs/G?before=ID"""
        group = GroupId(request.match_info["group"])
        before = MessageId(request.query.get("before", "")[:200])
        text = await self._network.look(_page, group, before)
        return web.Response(text=text, content_type="text/html", charset="utf-8")


def _page(conn: sa.Connection, group: GroupId, before: MessageId) -> str:
    """One page, the newest messages if `before` is "".

    Raises LegacyError: "item-not-found" if there is no such group, or it is not for all to read.
    """
    config = rules.existing(conn, group).config
    if not config.public_log:
        raise LegacyError("item-not-found", "There is no such log.")
    found = messages.find(conn, group, before) if before else None
    if before and found is None:
        raise LegacyError("item-not-found", "There is no such message.")
    end = None if found is None else found.seq
    said = [one.message for one in messages.between(conn, group, _ON_A_PAGE, before=end)]
    earlier = ""
    if len(said) == _ON_A_PAGE:
        address = f"/logs/{quote(group, safe='')}?before={quote(said[0].id, safe='')}"
        earlier = f'<p><a href="{escape(address)}">Earlier</a></p>'
    name = escape(config.name or group)
    language = f' lang="{escape(config.language)}"' if config.language else ""
    lines = "".join(_line(message) for message in said)
    return (
        f'<!doctype html><html{language}><meta charset="utf-8"><title>{name}</title>'
        '<link rel="stylesheet" href="/page/base.css">'
        f"<h1>{name}</h1><p>{escape(config.description or '')}</p>{earlier}<dl>{lines}</dl></html>"
    )


def _line(message: Message) -> str:
    at = message.at.isoformat(timespec="seconds")
    files = "".join(_file(file) for file in message.attachments)
    return (
        f'<dt><b>{escape(message.author_name)}</b> <time datetime="{at}">{at}</time></dt>'
        f"<dd>{escape(message.body).replace(chr(10), '<br>')}{files}</dd>"
    )


def _file(file: Attachment) -> str:
    name = escape(file.name or file.url)
    if urlsplit(file.url).scheme not in ("http", "https"):
        return f" {name}"
    return f' <a href="{escape(file.url)}" rel="nofollow noreferrer">{name}</a>'
