"""The shapes that the database has had, as Alembic revisions; run by `gateway.migrate`."""
