"""An empty database, as in `tests/muc`."""

from tests.muc.conftest import database

__all__ = ["database"]
