"""What a command on a room is made of (XEP-0050)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from gateway.muc.call import Call
from gateway.muc.forms import Values
from gateway.room.state import Delivery
from legacy_backend.terms import Affiliation


@dataclass(slots=True)
class Done:
    """What comes of a command: a note or a table to read, and what everyone is shown."""

    note: str = ""
    table: str = ""
    after: list[Delivery] | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """One command. `needs` is the callback that the network must have, `least` who may use it.

    `form` makes what is to be filled in, None where there is nothing; `run` does it.
    """

    name: str
    needs: str
    least: Affiliation
    form: Callable[[Call], Awaitable[str]] | None
    run: Callable[[Call, Values], Awaitable[Done]]
