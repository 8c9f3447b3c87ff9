"""Both kinds of database, for the tests of this folder."""

from __future__ import annotations

from tests.postgres import empty_url, postgres

__all__ = ["empty_url", "postgres"]
