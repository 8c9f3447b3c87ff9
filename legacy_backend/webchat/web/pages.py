"""The page that a browser loads: read once, served from memory."""

from __future__ import annotations

import hashlib
from pathlib import Path

from aiohttp import web

from legacy_backend.terms import LegacyError

_FOLDER = Path(__file__).parent.parent / "page"
_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}


class Pages:
    def __init__(self) -> None:
        self._files: dict[str, tuple[bytes, str, str]] = {}

    def load(self) -> None:
        """Read the files; blocks."""
        for path in _FOLDER.iterdir():
            if path.suffix in _TYPES:
                data = path.read_bytes()
                tag = hashlib.sha256(data).hexdigest()[:20]
                self._files[path.name] = (data, _TYPES[path.suffix], tag)

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/", self.serve), web.get("/page/{name}", self.serve)]

    async def serve(self, request: web.Request) -> web.Response:
        found = self._files.get(request.match_info.get("name", "index.html"))
        if found is None:
            raise LegacyError("item-not-found", "There is no such page.")
        data, kind, tag = found
        headers = {"ETag": f'"{tag}"', "Cache-Control": "no-cache"}
        if request.headers.get("If-None-Match") == f'"{tag}"':
            return web.Response(status=304, headers=headers)
        return web.Response(body=data, content_type=kind, charset="utf-8", headers=headers)
