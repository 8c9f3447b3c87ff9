"""One process asks another: a JSON object a line, over a Unix socket.

The driver asks the network inside the gateway under test, and the process that plays the XMPP
clients. `do(name, arguments)` of the answering side is a method `do_<name>`.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import traceback
from pathlib import Path
from typing import Any

LINE_MAX = 16 * 1024 * 1024


class RemoteError(Exception):
    """The other process could not do it; the text is its exception."""


async def serve(path: Path, doer: object) -> asyncio.AbstractServer:
    """Answer on the socket `path` with the `do_…` coroutines of `doer`, each in its own task."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks: set[asyncio.Task[None]] = set()
        try:
            while line := await reader.readline():
                task = asyncio.create_task(_answer(doer, json.loads(line), writer))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
        finally:
            writer.close()

    return await asyncio.start_unix_server(connected, str(path), limit=LINE_MAX)


async def _answer(doer: object, asked: dict[str, Any], writer: asyncio.StreamWriter) -> None:
    answer: dict[str, Any] = {"id": asked["id"]}
    try:
        answer["value"] = await getattr(doer, "do_" + asked["do"])(**asked["with"])
    except Exception as e:  # noqa: BLE001  whatever it is, the driver has to know
        answer["error"] = f"{type(e).__name__}: {e}"
        traceback.print_exc()
    writer.write(json.dumps(answer).encode() + b"\n")


class Remote:
    """The asking side."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._ids = itertools.count()
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._listening = asyncio.create_task(self._listen(reader))

    @classmethod
    async def connect(cls, path: Path, seconds: float = 30) -> Remote:
        """Connect to a socket that may not be there yet, for up to `seconds`."""
        async with asyncio.timeout(seconds):
            while True:
                try:
                    return cls(*await asyncio.open_unix_connection(str(path), limit=LINE_MAX))
                except (FileNotFoundError, ConnectionRefusedError):
                    await asyncio.sleep(0.05)

    async def do(self, name: str, /, *, within: float = 60, **arguments: Any) -> Any:
        """What the other side's `do_<name>` returns.

        Raises RemoteError if that failed, TimeoutError after `within` seconds.
        """
        number = next(self._ids)
        future = self._waiting[number] = asyncio.get_running_loop().create_future()
        line = json.dumps({"id": number, "do": name, "with": arguments})
        self._writer.write(line.encode() + b"\n")
        try:
            async with asyncio.timeout(within):
                return await future
        except TimeoutError:
            raise TimeoutError(f"no answer to {name!r} within {within:g} s") from None
        finally:
            del self._waiting[number]

    async def close(self) -> None:
        self._listening.cancel()
        self._writer.close()

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        while line := await reader.readline():
            answer = json.loads(line)
            future = self._waiting.get(answer["id"])
            if future is None or future.done():
                continue
            if "error" in answer:
                future.set_exception(RemoteError(answer["error"]))
            else:
                future.set_result(answer["value"])
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(RemoteError("the process went away"))
