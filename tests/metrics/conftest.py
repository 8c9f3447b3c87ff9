"""A stage for each test, as in `tests/muc`."""

from tests.muc.conftest import database, network, stage

__all__ = ["database", "network", "stage"]
