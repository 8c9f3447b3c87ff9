"""Headers on every answer: what a browser may do with it."""

from __future__ import annotations

from aiohttp import web

POLICY = "Content-Security-Policy"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors "
)

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class Headers:
    """`frame_ancestors`: whose pages may show ours in a frame, origins with spaces between."""

    def __init__(self, frame_ancestors: str) -> None:
        ancestors = " ".join(frame_ancestors.split())
        self._policy = _POLICY + (ancestors or "'none'")
        self._framed = bool(ancestors)

    async def add(self, request: web.Request, response: web.StreamResponse) -> None:
        # An uploaded file has a policy of its own, and no business in anybody's frame.
        if POLICY in response.headers or not self._framed:
            response.headers.setdefault("X-Frame-Options", "DENY")
        response.headers.setdefault(POLICY, self._policy)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        if request.path.startswith("/api/"):
            response.headers.setdefault("Cache-Control", "no-store")
        response.headers["Server"] = "webchat"
