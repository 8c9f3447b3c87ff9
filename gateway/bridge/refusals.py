"""A network's no, as the plugin API says no."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from slixmpp.exceptions import XMPPError
from slixmpp.types import ErrorTypes

from legacy_backend import LegacyError


@contextmanager
def refusals(**types: ErrorTypes) -> Iterator[None]:
    """Turn a LegacyError into the XMPPError that slidge's callbacks raise.

    `types` are the error types of conditions, written with underscores, that have another than
    their usual one here.
    """
    try:
        yield
    except LegacyError as no:
        etype = types.get(no.condition.replace("-", "_"))
        raise XMPPError(no.condition, no.text, etype) from no
