"""What the gateway tells about its work, for people or for programs."""

from __future__ import annotations

import json
import logging
import logging.handlers
import queue
from collections.abc import Iterator
from contextlib import contextmanager

from gateway.config import Log

QUIET = ("slixmpp", "alembic", "asyncio", "aiohttp.access", "sqlalchemy")
"""What is told by these only from warnings on, unless everything is wanted."""


class JsonLines(logging.Formatter):
    """A record as one JSON object on one line."""

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)


@contextmanager
def logging_as(config: Log) -> Iterator[None]:
    """Log as configured while the block runs.

    Writing is done on a thread of its own, so that a slow disk or terminal holds nobody up.
    """
    out: logging.Handler
    out = logging.FileHandler(config.file) if config.file else logging.StreamHandler()
    plain = logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    out.setFormatter(JsonLines() if config.format == "json" else plain)
    waiting: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()
    listener = logging.handlers.QueueListener(waiting, out)
    handler = _Plain(waiting)
    root = logging.getLogger()
    root.setLevel(config.level.upper())
    root.addHandler(handler)
    logging.captureWarnings(True)
    if config.level != "debug":
        for name in QUIET:
            logging.getLogger(name).setLevel(logging.WARNING)
    listener.start()
    try:
        yield
    finally:
        listener.stop()
        root.removeHandler(handler)
        out.close()


class _Plain(logging.handlers.QueueHandler):
    """Hands records on as they are: the listener is in the same process."""

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        record.message = record.getMessage()
        return record
