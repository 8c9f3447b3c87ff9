"""The permanent record of every room: what was said, in one order, paged by id (XEP-0313)."""

from gateway.archive.archive import Archive
from gateway.archive.entry import Entry, Kind, NewEntry, StanzaId, Stored
from gateway.archive.query import Page, Query

__all__ = ["Archive", "Entry", "Kind", "NewEntry", "Page", "Query", "StanzaId", "Stored"]
