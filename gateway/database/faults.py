"""What goes wrong with a database: by itself, until somebody acts, or through the statement."""

from __future__ import annotations

import sqlite3
from enum import Enum

import sqlalchemy as sa

_SQLITE_PASSING = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_SQLITE_LASTING = {
    sqlite3.SQLITE_FULL: "The disk is full, or the database has reached its greatest size.",
    sqlite3.SQLITE_READONLY: "The file, or its folder, is read-only.",
    sqlite3.SQLITE_CANTOPEN: "The file cannot be opened: does its folder exist, may we write it?",
    sqlite3.SQLITE_PERM: "The file may not be opened.",
    sqlite3.SQLITE_IOERR: "The disk fails to read or write.",
    sqlite3.SQLITE_CORRUPT: "The file is damaged: restore a backup.",
    sqlite3.SQLITE_NOTADB: "The file is no SQLite database.",
    sqlite3.SQLITE_NOMEM: "There is no memory left.",
}
_POSTGRES_PASSING = (
    "08",  # connection
    "57P",  # shut down, crashed, starting up
    "40",  # deadlock, serialisation
    "55P03",  # lock not available
    "53300",  # too many connections
)
_POSTGRES_LASTING = {
    "53100": "The disk of the PostgreSQL server is full.",
    "53200": "The PostgreSQL server has no memory left.",
    "25006": "The PostgreSQL server accepts no writes.",
    "28": "The PostgreSQL server does not accept the user or the password.",
    "58": "The PostgreSQL server fails to read or write its disk.",
    "XX001": "The PostgreSQL server's data is damaged: restore a backup.",
}


class Fault(Enum):
    """What to do about an error of a database."""

    PASSING = "try again"
    LASTING = "tell the operator"


def fault_of(error: BaseException) -> Fault | None:
    """What kind of trouble `error` is; None if the statement or its values are at fault."""
    cause = _cause(error)
    if cause is None:
        return None
    code = _sqlite_code(cause)
    if code is not None:
        if code in _SQLITE_PASSING:
            return Fault.PASSING
        return Fault.LASTING if code in _SQLITE_LASTING else None
    state = getattr(cause, "sqlstate", None)
    if state is None:
        lost = isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError)
        return Fault.PASSING if lost and not isinstance(cause, sqlite3.Error) else None
    if state.startswith(_POSTGRES_PASSING):
        return Fault.PASSING
    return Fault.LASTING if state.startswith(tuple(_POSTGRES_LASTING)) else None


def explain(error: BaseException, url: sa.URL) -> str:
    """One or two sentences for the operator: which database, what is wrong, no password."""
    cause = _cause(error) or error
    where = url.database if url.get_backend_name() == "sqlite" else url.render_as_string()
    code = _sqlite_code(cause)
    state = getattr(cause, "sqlstate", None) or ""
    words = _SQLITE_LASTING.get(code, "") if code is not None else ""
    for start, sentence in _POSTGRES_LASTING.items():
        if state.startswith(start):
            words = sentence
    said = " ".join(str(cause).split())
    return f"The database {where} cannot be used. {words} ({said})".replace(".  (", ". (")


def _cause(error: BaseException) -> BaseException | None:
    return error.orig if isinstance(error, sa.exc.DBAPIError) else None


def _sqlite_code(cause: BaseException) -> int | None:
    """The primary result code, without its extension."""
    code = getattr(cause, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF
