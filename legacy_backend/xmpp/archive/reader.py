"""Asks archives on a stream of slixmpp's."""

from __future__ import annotations

import copy
import uuid
from datetime import datetime
from xml.etree import ElementTree as ET

from slixmpp import JID, Iq
from slixmpp.basexmpp import BaseXMPP
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath
from slixmpp.xmlstream.stanzabase import StanzaBase

from legacy_backend.xmpp.archive.page import MAM, PAGE_SIZE, Page, answer, question
from legacy_backend.xmpp.muc.names import CLIENT, child

ANSWER_TIMEOUT = 60.0
"""Seconds; an archive on a slow disk may think for a while."""


class Reader:
    """`own` is the own address of a component; an account has None."""

    def __init__(self, stream: BaseXMPP, own: JID | None = None) -> None:
        self._stream = stream
        self._own = own
        self._running: dict[str, tuple[JID, list[ET.Element]]] = {}
        self._name = f"archive {uuid.uuid4().hex}"
        matcher = MatchXPath(f"{{{CLIENT}}}message/{{{MAM}}}result")
        stream.register_handler(Callback(self._name, matcher, self._result))

    def of(self, own: JID) -> Reader:
        """One for another own address of the component, which lasts as long as this one."""
        other = copy.copy(self)
        other._own = own
        return other

    def close(self) -> None:
        self._stream.remove_handler(self._name)

    async def page(
        self,
        room: JID,
        *,
        after: str | None = None,
        start: datetime | None = None,
        limit: int = PAGE_SIZE,
        before: str | None = None,
        end: datetime | None = None,
    ) -> Page:
        """See `question`. Raises XMPPError: "item-not-found" if the archive does not know `after`
        or `before` (any more)."""
        queryid = uuid.uuid4().hex
        iq = Iq(self._stream)  # type: ignore[no-untyped-call]
        iq["type"] = "set"
        iq["to"] = room
        if self._own is not None:
            iq["from"] = self._own
        asked = question(queryid, after=after, start=start, limit=limit, before=before, end=end)
        iq.xml.append(asked)
        results: list[ET.Element] = []
        self._running[queryid] = (room, results)
        try:
            answered = await iq.send(timeout=ANSWER_TIMEOUT)  # type: ignore[no-untyped-call]
        finally:
            del self._running[queryid]
        return answer(answered.xml, results)

    def _result(self, message: StanzaBase) -> None:
        result = child(message.xml, MAM, "result")
        running = None if result is None else self._running.get(result.get("queryid", ""))
        # Anybody may send what looks like a result; only the archive's own are believed.
        if result is not None and running is not None and message["from"] == running[0]:
            running[1].append(result)
