"""The network's no, as HTTP says it."""

from __future__ import annotations

import logging
import math

from aiohttp import web
from aiohttp.typedefs import Handler

from legacy_backend.terms import LegacyError

log = logging.getLogger(__name__)

STATUS = {
    "not-authorized": 401,
    "forbidden": 403,
    "not-allowed": 403,
    "registration-required": 403,
    "policy-violation": 403,
    "item-not-found": 404,
    "conflict": 409,
    "not-acceptable": 422,
    "resource-constraint": 429,
    "feature-not-implemented": 501,
    "service-unavailable": 503,
    "remote-server-timeout": 504,
}


class TooOften(LegacyError):
    """`wait` is in how many seconds it is worth trying again."""

    def __init__(self, wait: float) -> None:
        self.wait = max(1, math.ceil(wait))
        super().__init__("resource-constraint", f"Too often: wait {self.wait} seconds.")


class TooLarge(LegacyError):
    def __init__(self, most: int) -> None:
        super().__init__("not-acceptable", f"At most {most} bytes are taken here.")


def refusal(no: LegacyError) -> web.Response:
    status = 413 if isinstance(no, TooLarge) else STATUS.get(no.condition, 400)
    response = web.json_response({"error": no.condition, "text": no.text}, status=status)
    if isinstance(no, TooOften):
        response.headers["Retry-After"] = str(no.wait)
    return response


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer whatever is raised with a status and {error, text}."""
    try:
        return await handler(request)
    except LegacyError as no:
        return refusal(no)
    except web.HTTPException as http:
        if http.status < 400:
            raise
        name = "item-not-found" if http.status == 404 else "bad-request"
        response = web.json_response({"error": name, "text": http.reason}, status=http.status)
        if "Allow" in http.headers:
            response.headers["Allow"] = http.headers["Allow"]
        return response
    except web.RequestPayloadError:
        body = {"error": "bad-request", "text": "The body cannot be read."}
        return web.json_response(body, status=400)
    except ConnectionError:
        # Whoever asked has gone. Nobody reads this, but aiohttp would note a raise as our error
        return web.Response(status=400)
    except Exception:
        log.exception("%s %s failed", request.method, request.path)
        body = {"error": "internal-server-error", "text": "Something broke; it has been noted."}
        return web.json_response(body, status=500)
