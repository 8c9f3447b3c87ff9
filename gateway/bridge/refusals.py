"""A network's no, as the plugin API says no."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from slixmpp.exceptions import XMPPError

from legacy_backend import LegacyError


@contextmanager
def refusals() -> Iterator[None]:
    """Turn a LegacyError into the XMPPError that slidge's callbacks raise."""
    try:
        yield
    except LegacyError as no:
        raise XMPPError(no.condition, no.text) from no
