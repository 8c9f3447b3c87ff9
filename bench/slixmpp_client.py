"""A slixmpp client that counts messages, to know how many such a client can read."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from typing import Any

import slixmpp

from bench import rpc
from bench.prosody import DOMAIN, PASSWORD


class Clients:
    """The part of `bench.client.Clients` that the limits ask for."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.numbers: list[int] = []
        self.last = 0.0
        self.more = asyncio.Event()

    async def do_connect(self, names: list[str]) -> list[str]:
        self.client = slixmpp.ClientXMPP(f"{names[0]}@{DOMAIN}", PASSWORD)
        self.client.enable_plaintext = True
        self.client.enable_starttls = False
        self.client.plugin["feature_mechanisms"].unencrypted_plain = True
        self.client.add_event_handler("message", self.count)
        started = asyncio.get_running_loop().create_future()
        self.client.add_event_handler("session_start", started.set_result)
        self.client.connect("127.0.0.1", self.port)
        await asyncio.wait_for(started, 20)
        self.client.send_presence()
        return [self.client.boundjid.full]

    async def do_received(self, count: int, **_: Any) -> dict[str, Any]:
        while len(self.numbers) < count:
            self.more.clear()
            await self.more.wait()
        return {
            "received": len(self.numbers),
            "distinct": len(set(self.numbers)),
            "last": self.last,
        }

    def count(self, message: slixmpp.Message) -> None:
        self.numbers.append(int(message["body"].split(" ", 2)[1]))
        self.last = time.monotonic()
        self.more.set()


async def main(socket: Path, port: int) -> None:
    async with await rpc.serve(socket, Clients(port)) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
