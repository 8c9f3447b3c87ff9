"""The picture of a room (XEP-0486, XEP-0153)."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
from slidge.core.mixins.avatar import convert_avatar
from slidge.util.types import Avatar

from gateway.group import pictures
from gateway.render.presence import picture_presence
from gateway.room.config import restyled

if TYPE_CHECKING:
    from gateway.group.live import LiveRoom


class RoomAvatar:
    """The part of a room handle that deals in its picture."""

    live: LiveRoom
    session: Any
    log: logging.Logger
    _set_avatar_task: asyncio.Task[None] | None

    @property
    def avatar(self) -> Avatar | None:
        """The picture by its id on the network; setting it schedules `set_avatar`."""
        kept = self.live.keeping.extra.get("avatar")
        return None if kept is None else Avatar(unique_id=kept["id"], url=kept["url"])

    @avatar.setter
    def avatar(self, avatar: Avatar | Path | str | None) -> None:
        if self._set_avatar_task is not None:
            self._set_avatar_task.cancel()
        self._set_avatar_task = self.session.create_task(self.set_avatar(avatar))

    async def set_avatar(
        self, avatar: Avatar | Path | str | None = None, delete: bool = False
    ) -> None:
        """Say what the group's picture is, None for none; those in the room are told (104).

        The same id, or the same URL, is taken for the same picture. `delete` removes a file that
        was given by its path, once it is read.
        """
        wanted = convert_avatar(avatar)
        if wanted is not None and wanted.unique_id is None and wanted.data is not None:
            wanted = wanted._replace(unique_id=hashlib.sha512(wanted.data).hexdigest())
        if not self._is_news(wanted):
            return
        try:
            sha1 = "" if wanted is None else await pictures.kept(wanted, self.session.http)
        except (ValueError, OSError, aiohttp.ClientError):
            self.log.exception("the picture %r of the group cannot be used", wanted)
            return
        if delete and wanted is not None and wanted.path is not None:
            await asyncio.to_thread(wanted.path.unlink, missing_ok=True)
        extra = self.live.keeping.extra
        if wanted is None:
            extra.pop("avatar", None)
        else:
            unique = None if wanted.unique_id is None else str(wanted.unique_id)
            extra["avatar"] = {"id": unique, "url": wanted.url}
        shown = restyled(self.live.room, sha1)
        self.live.show(shown)
        if shown and self.live.host.limits.picture_presence:
            self.live.broadcast(picture_presence(self.live.room))

    def _is_news(self, wanted: Avatar | None) -> bool:
        kept = self.avatar
        if kept is None or wanted is None:
            return kept is not wanted
        if kept.unique_id is not None and wanted.unique_id is not None:
            return str(kept.unique_id) != str(wanted.unique_id)
        return wanted.url is None or kept.url != wanted.url

    async def avatar_bytes(self) -> bytes | None:
        """The picture as PNG, None if there is none."""
        if not self.live.room.avatar:
            return None
        return await pictures.read(self.live.room.avatar)

    def get_cached_avatar(self) -> Any:
        """Nothing of slidge's: the picture is had with `avatar_bytes`."""
        return None

    def get_avatar(self) -> Any:
        """Nothing of slidge's: the picture is had with `avatar_bytes`."""
        return None
