"""The server's end of a test's stream."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from slixmpp.test import TestSocket

_OPEN = (
    b"<s xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:component:accept'>"
)  # fmt: skip


def stanzas_of(data: bytes) -> list[ET.Element]:
    """The stanzas in what a stream carries, each whole."""
    return list(ET.fromstring(_OPEN + data + b"</s>"))  # noqa: S314  (of the test's own)


class Wire(TestSocket):
    """Takes bytes, hands out stanzas one by one. slixmpp's tests know it as the socket."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.socket.close()
        self._sent: list[bytes] = []

    def write(self, data: bytes) -> None:
        self._sent += (ET.tostring(stanza) for stanza in stanzas_of(data))

    def next_sent(self, timeout: float | None = None) -> bytes | None:
        """The oldest stanza that was not read yet. Nothing has to be waited for: the test lets the
        gateway come to rest first."""
        return self._sent.pop(0) if self._sent else None

    def forget(self) -> None:
        """Take all that was sent as read."""
        self._sent.clear()

    def get_write_buffer_size(self) -> int:
        return 0

    def close(self) -> None:
        """As a transport."""

    def abort(self) -> None:
        """As a transport."""
