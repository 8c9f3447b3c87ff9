"""Uploads and downloads. Pictures are drawn anew; nothing uploaded is shown as a page."""

from __future__ import annotations

from urllib.parse import quote

from aiohttp import web

from legacy_backend.terms import LegacyError, MemberId
from legacy_backend.webchat import pictures, text
from legacy_backend.webchat.network import Network
from legacy_backend.webchat.store import files
from legacy_backend.webchat.store.files import File
from legacy_backend.webchat.web.asked import body
from legacy_backend.webchat.web.guard import me
from legacy_backend.webchat.work import Work

_ANYTHING = "application/octet-stream"


class Files:
    """`base` is where the outside reaches this server; URLs in messages begin with it."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.base = ""

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/api/files", self.upload),
            web.get("/files/{id}/{name}", self.download),
        ]

    async def upload(self, request: web.Request) -> web.Response:
        """The body is the file, `name` in the query what it is called."""
        owner = me(request)
        name = text.line(request.query.get("name", ""), 200, "A file name").replace("/", "_")
        data = await body(request, self._network.settings.max_upload)
        if not data:
            raise LegacyError("not-acceptable", "The file is empty.")
        drawn = await self._network.aside(pictures.redrawn, data)
        if drawn is not None:
            name, data = f"{name.rpartition('.')[0] or name}.png", drawn
        media_type = _ANYTHING if drawn is None else "image/png"
        file = await self._network.act(_add, owner, name, media_type, data)
        url = f"{self.base}/files/{file.id}/{quote(name, safe='')}"
        about = {"url": url, "name": name, "media_type": media_type, "size": len(data)}
        return web.json_response(about, status=201)

    async def download(self, request: web.Request) -> web.Response:
        found = await self._network.look(files.find, request.match_info["id"])
        if found is None:
            raise LegacyError("item-not-found", "There is no such file.")
        headers = {
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name, safe='')}",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cross-Origin-Resource-Policy": "cross-origin",
            "Cache-Control": "private, max-age=31536000, immutable",
        }
        return web.Response(body=found.data, content_type=found.media_type, headers=headers)


def _add(work: Work, owner: MemberId, name: str, media_type: str, data: bytes) -> File:
    return files.add(work.conn, owner, name, media_type, data, work.now)
