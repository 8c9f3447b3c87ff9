"""Pictures of rooms as files: made PNGs of a bearable size, named by their SHA-1."""

from __future__ import annotations

import asyncio
import hashlib
import io
from pathlib import Path

import aiohttp
from PIL import Image
from slidge.core import config
from slidge.db.avatar import avatar_cache
from slidge.util.types import Avatar

MOST_BYTES = 10 << 20
"""Of a picture as the network has it."""

MOST_PIXELS = 50_000_000
"""Of a picture that is decoded at all; a small file can hold a huge one."""


async def kept(avatar: Avatar, http: aiohttp.ClientSession) -> str:
    """Have a picture as a file; returns its SHA-1 in hexadecimal, which is in its name.

    Raises ValueError and OSError for what is no picture, aiohttp.ClientError for what cannot be
    fetched.
    """
    data = avatar.data
    if data is None and avatar.url is not None:
        data = await _fetched(avatar.url, http)
    return await asyncio.to_thread(_keep, data, avatar.path)


async def media_type(data: bytes) -> str:
    """What kind of picture these bytes are, whatever somebody says of them: "image/png".

    Raises ValueError if they are none that can be shown.
    """
    return await asyncio.to_thread(_media_type, data)


async def read(sha1: str) -> bytes | None:
    """The PNG with this SHA-1; None if it is not there."""
    try:
        return await asyncio.to_thread(_file(sha1).read_bytes)
    except FileNotFoundError:
        return None


async def _fetched(url: str, http: aiohttp.ClientSession) -> bytes:
    async with http.get(url) as answer:
        answer.raise_for_status()
        data = await answer.content.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise ValueError(f"the picture at {url} is too large")
    return data


def _file(sha1: str) -> Path:
    return (avatar_cache.dir / sha1).with_suffix(".png")


def _media_type(data: bytes) -> str:
    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.width * image.height > MOST_PIXELS:
                raise ValueError(f"{image.width} by {image.height} pixels are too many")
            kind = image.get_format_mimetype()
            image.load()
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError("this is no picture") from error
    if kind is None:
        raise ValueError("this kind of picture has no name")
    return kind


def _keep(data: bytes | None, path: Path | None) -> str:
    if data is None:
        if path is None:
            raise ValueError("there is no picture in this")
        data = path.read_bytes()
    with Image.open(io.BytesIO(data)) as image:
        if image.width * image.height > MOST_PIXELS:
            raise ValueError(f"{image.width} by {image.height} pixels are too many")
        image.thumbnail((config.AVATAR_SIZE, config.AVATAR_SIZE))
        out = io.BytesIO()
        image.convert("RGBA").save(out, format="PNG")
    png = out.getvalue()
    sha1 = hashlib.sha1(png, usedforsecurity=False).hexdigest()
    _file(sha1).write_bytes(png)
    return sha1
