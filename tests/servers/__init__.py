"""Real XMPP servers and real clients for the tests; docs/servers.md tells of their quirks."""

from __future__ import annotations

from conformance.client import Client, Joined, Page, Refusal
from tests.servers.ejabberd import Ejabberd
from tests.servers.prosody import Prosody

__all__ = ["Client", "Ejabberd", "Joined", "Page", "Prosody", "Refusal"]
