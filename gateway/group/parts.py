"""Messages of the network's that are several here: one for each file, and one for the text."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.group.live import LiveRoom

MOST = 50
"""Such messages that a room remembers. Of older ones only the first part is taken back."""


class Parts:
    """The part of a room handle that deals in them. The first part has the network's id."""

    live: LiveRoom

    def keep_parts(self, legacy_id: str, stanza_ids: Sequence[str]) -> None:
        """Remember which messages are parts of one, besides the one that has its id."""
        if stanza_ids:
            kept = {**self._parts, legacy_id: list(stanza_ids)}
            self.live.keeping.extra["parts"] = dict(list(kept.items())[-MOST:])
            self.live.keeping.changed()

    def parts_of(self, legacy_id: str) -> Sequence[str]:
        """The archive's ids of the parts of a message, but for the one that has its id."""
        return self._parts.get(legacy_id, ())

    @property
    def _parts(self) -> dict[str, list[str]]:
        known: dict[str, list[str]] = self.live.keeping.extra.get("parts", {})
        return known
