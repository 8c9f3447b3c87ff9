"""A gateway whose network is XMPP, beside one server; the rooms are on another."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from conformance.client import Client, Joined
from tests.gateway_process import GatewayProcess
from tests.servers.server import Server

_numbers = itertools.count()

NETWORK = """
backend = "xmpp"
[network.options]
services = "{rooms}"
connect = "{domain}={host}:{port}"
unencrypted = "{domain}"
login_seconds = 10
"""

REGISTRATION = """
    <iq type='set' to='{gw}'>
      <query xmlns='jabber:iq:register'>
        <x xmlns='jabber:x:data' type='submit'>
          <field var='jid'><value>{account}</value></field>
          <field var='password'><value>{password}</value></field>
          <field var='nick'><value>{nick}</value></field>
        </x>
      </query>
    </iq>"""

ROOM_CONFIG = "http://jabber.org/protocol/muc#roomconfig"
OWNER = "http://jabber.org/protocol/muc#owner"
ADMIN = "http://jabber.org/protocol/muc#admin"


@dataclass
class Elsewhere:
    """`here` is the server that the gateway is beside, `there` the one that has the rooms."""

    here: Server
    there: Server
    gateway: GatewayProcess

    def room(self) -> str:
        """The address of a room there that nobody has made yet."""
        return f"far-{next(_numbers)}@{self.there.rooms}"

    def seen_here(self, room: str) -> str:
        """Where users of the gateway find a room (XEP-0106)."""
        return room.replace("@", "\\40") + "@" + self.gateway.jid

    def names(self, room: str) -> dict[str, str]:
        return {"far": room, "room": self.seen_here(room), "gw": self.gateway.jid}

    async def register(
        self, client: Client, name: str, *, password: str = "", nick: str = "", account: str = ""
    ) -> ET.Element:
        """Have somebody use an account there; the answer to their registration."""
        return await client.iq(
            REGISTRATION,
            gw=self.gateway.jid,
            account=account or f"{name}@{self.there.domain}",
            password=password or self.there.password_of(name),
            nick=nick,
        )

    @asynccontextmanager
    async def user(self, room: str, name: str = "ada") -> AsyncIterator[Client]:
        """A client here of somebody who has the account of the same name there."""
        async with Client(self.here, name, names=self.names(room)) as client:
            answer = await self.register(client, name)
            assert answer.get("type") == "result", ET.tostring(answer)
            await logged_in(client)
            yield client

    @asynccontextmanager
    async def far(self, room: str, name: str, **more: str) -> AsyncIterator[Client]:
        """A client there."""
        async with Client(self.there, name, names={**self.names(room), **more}) as client:
            yield client


async def logged_in(client: Client) -> None:
    """Wait until the gateway says that a login is through."""
    await client.expect("<presence from='{gw}'><show>chat</show></presence>")


async def bookmark(client: Client, room: str, *, autojoin: bool = True) -> None:
    """Bookmark a room as clients do (XEP-0402)."""
    answer = await client.iq(
        "<iq type='set'><pubsub xmlns='http://jabber.org/protocol/pubsub'>"
        "<publish node='urn:xmpp:bookmarks:1'><item id='{it}'>"
        "<conference xmlns='urn:xmpp:bookmarks:1' autojoin='{auto}' name='A room'>"
        "<extensions><keep xmlns='urn:example'/></extensions></conference>"
        "</item></publish></pubsub></iq>",
        it=room,
        auto="true" if autojoin else "false",
    )
    assert answer.get("type") == "result", ET.tostring(answer)


async def founded(client: Client, room: str) -> Joined:
    """Make a room there, open to all."""
    joined = await client.join(room, client.name)
    await client.iq(
        "<iq type='set' to='{it}'><query xmlns='http://jabber.org/protocol/muc#owner'>"
        "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'>"
        f"<value>{ROOM_CONFIG}</value></field></x></query></iq>",
        it=room,
    )
    return joined


@asynccontextmanager
async def gateway_to(
    here: Server,
    there: Server,
    folder: Path,
    *,
    domain: str = "",
    options: str = "",
    auto_register: bool = False,
) -> AsyncIterator[Elsewhere]:
    """`options` are more lines for the network's."""
    network = NETWORK.format(
        rooms=there.rooms, domain=there.domain, host=there.host, port=there.c2s_port
    )
    process = GatewayProcess(
        here,
        domain or here.spare_component(),
        folder,
        network=network + options,
        auto_register=auto_register,
    )
    async with process:
        yield Elsewhere(here, there, process)


async def bookmarked(client: Client) -> dict[str, str]:
    """The bookmarks of an account: room → autojoin."""
    answer = await client.iq(
        "<iq type='get'><pubsub xmlns='http://jabber.org/protocol/pubsub'>"
        "<items node='urn:xmpp:bookmarks:1'/></pubsub></iq>"
    )
    return {
        item.get("id", ""): one.get("autojoin", "false")
        for item in answer.iter("{http://jabber.org/protocol/pubsub}item")
        for one in item.iter("{urn:xmpp:bookmarks:1}conference")
    }


@asynccontextmanager
async def both(place: Elsewhere, room: str) -> AsyncIterator[tuple[Client, Client]]:
    """Ada is in a room through the gateway, Bao has made it and is in it over there."""
    async with place.far(room, "bao") as bao:
        await founded(bao, room)
        async with place.user(room) as ada:
            await ada.join(place.seen_here(room), "ada")
            await bao.expect("<presence from='{far}/ada'/>")
            yield ada, bao
