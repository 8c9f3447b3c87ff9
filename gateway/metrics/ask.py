"""Asking a gateway that runs on this machine."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

from gateway.errors import SluiceError
from gateway.metrics.socket import NAME, reachable

PATIENCE = 20.0


async def ask(folder: Path, what: str) -> Any:
    """The answer of the gateway whose files are in a folder, read from JSON.

    Raises SluiceError if none runs there, or it does not answer.
    """
    import aiohttp  # which takes time that other commands can do without

    patience = aiohttp.ClientTimeout(total=PATIENCE)
    try:
        with reachable(folder) as path:
            async with (
                aiohttp.ClientSession(
                    connector=aiohttp.UnixConnector(path), timeout=patience
                ) as session,
                session.get(f"http://gateway/{what}", raise_for_status=True) as answer,
            ):
                return await answer.json()
    except TimeoutError:
        raise SluiceError("The gateway does not answer.") from None
    except OSError as error:
        where = folder / NAME
        if error.errno == errno.EACCES:
            raise SluiceError(f"{where} is for the gateway's own user alone.") from None
        raise SluiceError(f"The gateway does not run: nothing answers at {where}.") from None
    except aiohttp.ClientError as error:
        raise SluiceError(f"The gateway does not answer: {error}.") from None
