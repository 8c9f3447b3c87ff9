"""Reads archives of rooms (XEP-0313) on other servers, patiently; see `docs/muc-client.md`."""

from legacy_backend.xmpp.archive.crawler import Known, Lost, crawl
from legacy_backend.xmpp.archive.pace import Pace
from legacy_backend.xmpp.archive.page import PAGE_SIZE, Archived, Page
from legacy_backend.xmpp.archive.reader import Reader

__all__ = ["PAGE_SIZE", "Archived", "Known", "Lost", "Pace", "Page", "Reader", "crawl"]
