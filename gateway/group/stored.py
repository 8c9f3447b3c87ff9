"""What plugins find at `muc.stored`, where slidge has a database row."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from slixmpp import JID

if TYPE_CHECKING:
    from gateway.group.muc import LegacyMUC


class StoredRoom:
    def __init__(self, muc: LegacyMUC[Any]) -> None:
        self._muc = muc
        self.updated = False
        self.space: Any = None

    @property
    def id(self) -> int:
        return self._muc.live.id

    @property
    def legacy_id(self) -> str:
        return self._muc.legacy_id

    @property
    def jid(self) -> JID:
        return self._muc.jid

    @property
    def extra_attributes(self) -> Any:
        return deepcopy(self._muc.live.keeping.extra.get("attributes"))

    @extra_attributes.setter
    def extra_attributes(self, value: Any) -> None:
        self._muc.live.keeping.extra["attributes"] = value

    def __getattr__(self, name: str) -> Any:
        return getattr(self._muc, name)
