"""The permanent record of every room: what was said, in one order, paged by id (XEP-0313)."""

from gateway.archive.archive import Archive
from gateway.archive.entry import Entry, Kind, NewEntry, StanzaId, Stored
from gateway.archive.gap import Gap
from gateway.archive.gaps import Gaps
from gateway.archive.query import Page, Query

__all__ = [
    "Archive",
    "Entry",
    "Gap",
    "Gaps",
    "Kind",
    "NewEntry",
    "Page",
    "Query",
    "StanzaId",
    "Stored",
]
