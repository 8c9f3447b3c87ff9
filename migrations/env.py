"""How Alembic runs our revisions: on a connection that `gateway.migrate` has prepared.

For a new revision: `alembic -x url=sqlite:///sluice.sqlite revision --autogenerate -m "what"`.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context

from gateway.archive import tables as archive_tables
from gateway.database.engine import engine_for, parse
from gateway.database.sql import VERSION_TABLE, metadata, ours
from gateway.store import tables as store_tables

TABLES = (archive_tables, store_tables)
"""Imported so that `metadata` is complete."""


def run(connection: sa.Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        version_table=VERSION_TABLE,
        include_name=ours,
        render_as_batch=True,
        on_version_apply=context.config.attributes.get("applied"),
    )
    with context.begin_transaction():
        context.run_migrations()


connection = context.config.attributes.get("connection")
if connection is not None:
    run(connection)
else:
    engine = engine_for(parse(context.get_x_argument(as_dictionary=True)["url"]), connections=1)
    with engine.begin() as own:
        run(own)
