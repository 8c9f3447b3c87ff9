"""What a request says, checked for its type before anything looks at it."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from legacy_backend.terms import LegacyError
from legacy_backend.webchat.web.errors import TooLarge

_MOST_JSON = 128 * 1024


class Asked:
    """The fields of a JSON object. Each reader raises "not-acceptable" on a wrong type."""

    def __init__(self, fields: dict[str, Any]) -> None:
        self.fields = fields

    def text(self, name: str, default: str | None = None) -> str:
        """A string; without a `default` it has to be there."""
        value = self.fields.get(name, default)
        if not isinstance(value, str):
            raise LegacyError("not-acceptable", f"{name} has to be a string.")
        return value

    def optional_text(self, name: str) -> str | None:
        return None if self.fields.get(name) is None else self.text(name)

    def flag(self, name: str) -> bool:
        """True or false; false if it is not there."""
        value = self.fields.get(name, False)
        if not isinstance(value, bool):
            raise LegacyError("not-acceptable", f"{name} has to be true or false.")
        return value

    def texts(self, name: str) -> list[str]:
        value = self.fields.get(name)
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise LegacyError("not-acceptable", f"{name} has to be a list of strings.")
        return value

    def objects(self, name: str) -> list[Asked]:
        """A list of objects; empty if it is not there."""
        value = self.fields.get(name, [])
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise LegacyError("not-acceptable", f"{name} has to be a list of objects.")
        return [Asked(one) for one in value]


async def body(request: web.Request, most: int) -> bytes:
    """The body, without ever holding much more than `most` bytes of it."""
    if request.content_length is not None and request.content_length > most:
        raise TooLarge(most)
    data = bytearray()
    async for chunk in request.content.iter_any():
        data += chunk
        if len(data) > most:
            raise TooLarge(most)
    return bytes(data)


async def asked(request: web.Request) -> Asked:
    """The JSON object in a request; an empty one if it has no body."""
    data = await body(request, _MOST_JSON)
    if not data:
        return Asked({})
    if request.content_type != "application/json":
        # Not only tidiness: a foreign page cannot send this type without asking first
        raise LegacyError("not-acceptable", "The body has to be application/json.")
    try:
        fields = json.loads(data)
        if b"\\ud" in data.lower():  # maybe half a character, which no database takes
            fields = json.loads(json.dumps(fields, ensure_ascii=False).encode("utf-8", "ignore"))
    except (ValueError, RecursionError) as wrong:
        raise LegacyError("not-acceptable", "The body is not JSON.") from wrong
    if not isinstance(fields, dict):
        raise LegacyError("not-acceptable", "The body has to be a JSON object.")
    return Asked(fields)


def number(request: web.Request, name: str, default: int, low: int, high: int) -> int:
    """A number from the query, moved into its bounds."""
    given = request.query.get(name, "")
    if not given:
        return default
    if not given.isascii() or not given.isdigit() or len(given) > 15:
        raise LegacyError("not-acceptable", f"{name} has to be a number.")
    return min(max(int(given), low), high)
