"""Reads archives of rooms (XEP-0313) on other servers, patiently; see `docs/muc-client.md`."""

from legacy_backend.xmpp.archive.crawler import MAY_PASS, Known, Lost, crawl, patiently
from legacy_backend.xmpp.archive.pace import Pace
from legacy_backend.xmpp.archive.page import PAGE_SIZE, Archived, Page
from legacy_backend.xmpp.archive.reader import Reader

__all__ = [
    "MAY_PASS",
    "PAGE_SIZE",
    "Archived",
    "Known",
    "Lost",
    "Pace",
    "Page",
    "Reader",
    "crawl",
    "patiently",
]
