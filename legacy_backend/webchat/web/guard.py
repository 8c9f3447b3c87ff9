"""Who is asking, whether it is really them, and whether it is not too often."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

from legacy_backend.terms import LegacyError, MemberId
from legacy_backend.webchat.network import Network
from legacy_backend.webchat.store import sessions
from legacy_backend.webchat.store.sessions import Session
from legacy_backend.webchat.web.buckets import Buckets
from legacy_backend.webchat.web.errors import TooOften

COOKIE = "webchat_session"
CSRF_HEADER = "X-CSRF-Token"

_HARMLESS = ("GET", "HEAD")


@dataclass(frozen=True, slots=True)
class Caller:
    """The session that a request came with. `by_cookie`: a browser added it by itself."""

    session: Session
    by_cookie: bool


_CALLER = web.RequestKey("caller", Caller)


class Guard:
    """Looks at every request before its handler does."""

    def __init__(self, network: Network) -> None:
        self._network = network
        rate, burst = network.settings.rate, network.settings.rate_burst
        self._changes = Buckets(rate, burst)
        self._changes_from = Buckets(rate * 4, burst * 4)
        self._reads_from = Buckets(rate * 20, burst * 10)

    @web.middleware
    async def check(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Find the caller, and refuse what another site made their browser send.

        A cookie alone changes nothing: the page repeats its session's token in a header, which
        no other site can read. Programs send the session as a bearer token instead.
        """
        changes = request.method not in _HARMLESS
        self._pace(self._changes_from if changes else self._reads_from, self.address(request))
        caller = await self._find_caller(request)
        if caller is not None:
            request[_CALLER] = caller
        if changes:
            if not self.same_origin(request):
                raise LegacyError("forbidden", "This request comes from another site.")
            if caller is not None:
                self._pace(self._changes, caller.session.key)
                repeated = request.headers.get(CSRF_HEADER, "")
                if caller.by_cookie and repeated != caller.session.csrf and not _enters(request):
                    raise LegacyError("forbidden", f"{CSRF_HEADER} is missing or wrong.")
        return await handler(request)

    def _pace(self, buckets: Buckets, key: str) -> None:
        wait = buckets.take(key)
        if wait:
            raise TooOften(wait)

    async def _find_caller(self, request: web.Request) -> Caller | None:
        scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
        by_cookie = scheme.lower() != "bearer"
        token = request.cookies.get(COOKIE, "") if by_cookie else bearer.strip()
        if not token or not request.path.startswith("/api/"):
            return None
        session = await self._network.look(sessions.find, token, self._network.clock())
        return None if session is None else Caller(session, by_cookie)

    def same_origin(self, request: web.Request) -> bool:
        """Whether the page that sent this is ours; true for what no page has sent."""
        origin = request.headers.get("Origin")
        if origin is None:
            return request.headers.get("Sec-Fetch-Site", "none") in ("none", "same-origin")
        public = self._network.settings.public_origin
        if public and origin == public:
            return True
        try:
            return urlsplit(origin).netloc == request.host and origin.startswith("http")
        except ValueError:
            return False

    def address(self, request: web.Request) -> str:
        """Where a request comes from, as far as the proxy in front of us can be believed."""
        if self._network.settings.behind_proxy:
            forwarded = request.headers.get("X-Forwarded-For", "")
            return forwarded.rpartition(",")[2].strip() or "unknown"
        return request.remote or "unknown"


def _enters(request: web.Request) -> bool:
    """Whether this is the way to a new session, to which the old one's token does not matter."""
    return request.path in ("/api/guest", "/api/login", "/api/register")


def caller(request: web.Request) -> Caller:
    """Raises LegacyError: "not-authorized" if the request came without a session."""
    found: Caller | None = request.get(_CALLER)
    if found is None:
        raise LegacyError("not-authorized", "Log in first.")
    return found


def me(request: web.Request) -> MemberId:
    return caller(request).session.person
