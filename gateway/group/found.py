"""Rooms that anybody may find without being in them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A room as a list shows it. `users` None is not known, `language` a BCP 47 tag or ""."""

    address: str
    name: str
    description: str = ""
    language: str = ""
    users: int | None = None
    is_open: bool = True
    anonymous: bool = False

    def has(
        self, words: list[str], *, in_name: bool, in_description: bool, in_address: bool
    ) -> bool:
        """Whether each of these, in small letters, occurs in one of the places."""
        places = ((in_name, self.name), (in_description, self.description))
        text = "\n".join(part for wanted, part in places if wanted)
        if in_address:
            text += f"\n{self.address.partition('@')[0]}"
        return all(word in text.casefold() for word in words)
