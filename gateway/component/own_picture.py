"""The picture of the gateway itself, as its users' clients show it (XEP-0084)."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

import aiohttp
from PIL import Image
from slidge.core.mixins.avatar import convert_avatar
from slidge.db.avatar import CachedAvatar, avatar_cache
from slidge.db.models import Avatar

from gateway.group import pictures

log = logging.getLogger(__name__)

NONE = "none"
"""What stands in the configuration for no picture, whatever the network brings."""


async def show_own_picture(gateway: Any, wanted: str) -> None:
    """Get the picture, and show it to all users.

    `wanted` is a file, an address on the web, NONE, or "" for what the network's plugin brings.
    One that cannot be had is told in the log; nothing depends on it.
    """
    if wanted == NONE:
        return
    source: Any = wanted or gateway.COMPONENT_AVATAR
    if wanted and "://" not in wanted:
        source = Path(wanted)
    avatar = convert_avatar(source)
    if avatar is None:
        return
    try:
        sha1 = await pictures.kept(avatar, gateway.http)
        gateway.avatar = cached = await asyncio.to_thread(_cached, sha1)
    except (ValueError, OSError, aiohttp.ClientError) as error:
        log.warning("the gateway goes without its picture %s: %s", source, error)
        return
    for session in gateway.sessions():
        await gateway.pubsub.broadcast_avatar(gateway.boundjid.bare, session.user_jid, cached)


def _cached(sha1: str) -> CachedAvatar:
    """A picture that is kept, as slidge hands it on. Blocks."""
    cached = CachedAvatar(Avatar(hash=sha1), avatar_cache.dir)
    with Image.open(cached.path) as image:
        cached.stored.width, cached.stored.height = image.size
    return cached
