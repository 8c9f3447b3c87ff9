"""Memory is given back when a burst of writes is over."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from gateway import sparing
from gateway.database import Database
from gateway.sparing import Sparing, trim
from gateway.store import Store


async def test_once_after_a_burst_and_not_while_it_lasts(
    db: Database, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    trims: list[int] = []
    statements: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    monkeypatch.setattr(sparing, "trim", lambda: trims.append(db.pace.writes))
    monkeypatch.setattr(sparing, "MANY", 20)
    sparer = Sparing(db)
    for number in range(30):
        await store.put_meta(f"key {number}", "")
    await sparer.look()
    assert trims == [], "all of it came just now"
    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        await sparer.look()
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
    assert len(trims) == 1
    is_sqlite = db.url.get_backend_name() == "sqlite"
    assert ("PRAGMA shrink_memory" in statements) is is_sqlite
    await sparer.look()
    assert len(trims) == 1, "nothing was written since"
    assert await store.meta("key 7") == ""


def test_the_c_library_is_asked_where_it_can_be() -> None:
    trim()
