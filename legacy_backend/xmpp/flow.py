"""Whether a stream is read: not while somebody has too much to do with what has come already."""

from __future__ import annotations

import contextlib

from slixmpp.basexmpp import BaseXMPP


class Flow:
    """Of one stream, whoever uses it."""

    def __init__(self, xmpp: BaseXMPP) -> None:
        self._xmpp = xmpp
        self._busy: set[object] = set()

    def pause(self, who: object) -> None:
        """Read nothing until `who` says that it may go on."""
        if not self._busy:
            self._read(False)
        self._busy.add(who)

    def resume(self, who: object) -> None:
        if who in self._busy:
            self._busy.discard(who)
            if not self._busy:
                self._read(True)

    def _read(self, go_on: bool) -> None:
        transport = self._xmpp.transport
        if transport is None:
            return
        # A transport that is closing, or was replaced meanwhile, has nothing to pause.
        with contextlib.suppress(RuntimeError):
            if go_on:
                transport.resume_reading()
            else:
                transport.pause_reading()
