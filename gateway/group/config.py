"""How a group is set up, as the network has it (XEP-0045 §10)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from slidge.util.types import MucType

from gateway.group.handle import Handle
from gateway.room.config import configure
from gateway.room.state import RoomConfig
from legacy_backend.terms import GroupKind

KINDS = {
    MucType.GROUP: GroupKind.PRIVATE,
    MucType.CHANNEL: GroupKind.ANONYMOUS,
    MucType.CHANNEL_NON_ANONYMOUS: GroupKind.PUBLIC,
}
TYPES = {kind: muc_type for muc_type, kind in KINDS.items()}


class Configuration(Handle):
    """The part of a room handle that deals in it. Setting an attribute says that the network has
    it so."""

    CONFIG_FIELDS: ClassVar[frozenset[str]] = frozenset({"name", "description"})
    """The fields of RoomConfig that `on_set_room_config` can change; the form offers those."""

    SHOWN_FIELDS: ClassVar[frozenset[str]] = frozenset({"name", "description"})
    """The fields that the network has, settable or not; the form shows those."""

    @property
    def type(self) -> MucType:
        return TYPES[self.room.kind]

    @type.setter
    def type(self, type_: MucType) -> None:
        self.set_kind(KINDS[type_])
        self._configure(
            members_only=type_ is MucType.GROUP,
            public=type_ is not MucType.GROUP,
            anonymous=type_ is MucType.CHANNEL,
        )

    @property
    def is_anonymous(self) -> bool:
        return self.room.config.anonymous

    @property
    def name(self) -> str | None:
        return self.room.config.name or None

    @name.setter
    def name(self, name: str | None) -> None:
        self._configure(name=name or "")

    @property
    def DISCO_NAME(self) -> str:  # noqa: N802  (slidge's name)
        return self.name or str(self.legacy_id)

    @property
    def description(self) -> str:
        return self.room.config.description

    @description.setter
    def description(self, description: str | None) -> None:
        self._configure(description=description or "")

    @property
    def n_participants(self) -> int | None:
        return self.room.member_count

    @n_participants.setter
    def n_participants(self, count: int | None) -> None:
        if count != self.room.member_count:
            self.room.member_count = count
            self.live.keeping.changed()

    def set_kind(self, kind: GroupKind) -> None:
        """Say what kind of group it is."""
        if kind is not self.room.kind:
            self.room.kind = kind
            self.live.keeping.changed()

    @property
    def config(self) -> RoomConfig:
        """How the room is set up; to be changed with `set_config`."""
        return self.room.config

    def set_config(self, config: RoomConfig) -> None:
        """Say how the network has the group set up; those in the room are told what is new."""
        if config != self.room.config:
            self.live.show(configure(self.room, config))

    def _configure(self, **changes: Any) -> None:
        """Mostly nothing is news: a login has every group described."""
        config = self.room.config
        if any(getattr(config, name) != value for name, value in changes.items()):
            self.set_config(replace(config, **changes))
