"""What a real server lets a privileged gateway do for its users (XEP-0356): with a plugin, whose
handle on a room the test has in its hands."""

from __future__ import annotations

import importlib
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from slidge.util.util import SubclassableOnce
from slixmpp import JID

from conformance.client import PATIENCE, Client
from gateway import seam
from gateway.config import parse
from gateway.config.for_slidge import tell_slidge
from gateway.run import running
from tests.muc.conftest import database
from tests.plugin_stage import PLUGIN
from tests.servers.prosody import Prosody

__all__ = ["database"]
pytestmark = pytest.mark.e2e

GW = "gw.localhost"
ROOM = f"g1@{GW}"
CONFIG = """
[xmpp]
jid = "{gw}"
secret = "secret"
host = "127.0.0.1"
port = {port}
[database]
url = "sqlite:///{folder}/sluice.sqlite"
[network]
plugin = "{plugin}"
[users]
allowed = ".*@localhost"
auto_register = true
[files]
folder = "{folder}/files"
"""
BOOKMARKS = """<iq type='get'><pubsub xmlns='http://jabber.org/protocol/pubsub'>
  <items node='urn:xmpp:bookmarks:1'/></pubsub></iq>"""
SET = """<iq type='set'><pubsub xmlns='http://jabber.org/protocol/pubsub'>
  <publish node='urn:xmpp:bookmarks:1'><item id='{room}'>
    <conference xmlns='urn:xmpp:bookmarks:1' autojoin='false'><nick>ada</nick>
      <extensions><colour xmlns='of:mine'>red</colour></extensions></conference></item></publish>
  </pubsub></iq>"""


@asynccontextmanager
async def gateway_beside(server: Prosody, folder: Path, database: Path) -> AsyncIterator[Any]:
    SubclassableOnce.TEST_MODE = True
    seam.install()
    sys.modules.pop(PLUGIN, None)
    plugin: Any = importlib.import_module(PLUGIN)
    plugin.Gateway.backend = plugin.Network()
    plugin.Gateway.backend.has_group("g1")
    text = CONFIG.format(gw=GW, port=server.component_port, folder=folder, plugin=PLUGIN)
    config = parse(text, folder / "config.toml", {})
    (folder / "files").mkdir()
    shutil.copy(database, folder / "sluice.sqlite")
    tell_slidge(config)
    async with running(config) as gateway:
        privileges: Any = gateway.plugin["xep_0356"]
        if "localhost" not in privileges.granted_privileges:
            await gateway.wait_until("privileges_advertised", PATIENCE)
        yield gateway


async def bookmark(ada: Client) -> ET.Element | None:
    """What ada's server has of the room in her bookmarks."""
    answer = await ada.iq(BOOKMARKS)
    found = [i for i in answer.iter() if i.tag.endswith("}item") and i.get("id") == ROOM]
    return found[0].find("{urn:xmpp:bookmarks:1}conference") if found else None


@pytest.mark.requirement("G-080", "G-081", "G-082", "G-084", "G-085", "ALSO-11", "ALSO-03")
@pytest.mark.requirement("DISCO-03")
@pytest.mark.filterwarnings("ignore:Cannot fetch bookmark")  # slidge's, where there is none yet
async def test_bookmarks_and_what_was_read_are_kept_by_the_users_server(
    tmp_path: Path, database: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server = Prosody(components={GW: "secret"}, users={"ada": "pw"}, privileged=[GW])
    async with (
        server,
        gateway_beside(server, tmp_path, database) as gateway,
        Client(server, "ada", names={"room": ROOM}) as ada,
    ):
        await ada.join(ROOM, "ada")
        services = await ada.iq(
            "<iq type='get' to='{domain}'>"
            "<query xmlns='http://jabber.org/protocol/disco#items'/></iq>"
        )
        assert GW in {item.get("jid") for item in services.iter()}
        muc = gateway.get_session_from_jid(JID(ada.bare)).bookmarks.known("g1")

        await muc.add_to_bookmarks(auto_join=True, notify="never")
        kept = await bookmark(ada)
        assert kept is not None
        assert kept.get("autojoin") in ("1", "true")
        assert kept.findtext("{urn:xmpp:bookmarks:1}nick") == "ada"
        assert kept.find(".//{*}never") is not None

        assert (await ada.iq(SET)).get("type") == "result"
        await muc.add_to_bookmarks(auto_join=True, preserve=True, pin=True)
        kept = await bookmark(ada)
        assert kept is not None
        assert kept.get("autojoin") in ("0", "false")
        assert kept.find(".//{of:mine}colour") is not None

        await muc.add_to_bookmarks(auto_join=True, preserve=False)
        kept = await bookmark(ada)
        assert kept is not None
        assert kept.get("autojoin") in ("1", "true")
        assert kept.find(".//{of:mine}colour") is None

        (await muc.get_participant("Bao")).send_text("Hello", "1")
        said = await ada.expect("<message from='{room}/Bao'><body>Hello</body></message>")
        await muc.read_elsewhere("1")
        answer = await ada.iq(BOOKMARKS.replace("urn:xmpp:bookmarks:1", "urn:xmpp:mds:displayed:0"))
        read = answer.find(".//{urn:xmpp:sid:0}stanza-id")
        given = said.find("{urn:xmpp:sid:0}stanza-id")
        assert read is not None
        assert given is not None
        assert (read.get("id"), read.get("by")) == (given.get("id"), ROOM)

        await muc.remove_from_bookmarks()
        assert await bookmark(ada) is None

        await gateway.synced._listen_to(JID(ada.bare))  # as at the next start: the node is there
        assert "stays unknown" not in caplog.text
