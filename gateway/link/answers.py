"""Finding who waits for an answer by the id of the request (RFC 6120 §8.1.3)."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from slixmpp import ComponentXMPP, Iq
from slixmpp.xmlstream.handler.base import BaseHandler

from gateway.link.kinds import ask_of_kind

if TYPE_CHECKING:
    _Base = ComponentXMPP
else:
    _Base = object

WAITS = "IqCallback_"
"""What slixmpp calls a handler that waits for the answer to a request, before the id."""


class Answers(_Base):
    """To be mixed into a component: has answers handled by those who wait for them, and no others.

    COMPAT: slixmpp 1.17 keeps those among all other handlers and asks each of them about each
    stanza: a thousand users who log in at once wait for thousands of answers. What nobody waits
    for, it would have handled by its payload, as if something were asked.
    """

    def _init_answers(self) -> None:
        self._waiting: dict[str, BaseHandler] = {}

    def register_handler(self, handler: BaseHandler, *args: Any, **kwargs: Any) -> None:
        if not handler.name.startswith(WAITS):
            ask_of_kind(handler)
            super().register_handler(handler, *args, **kwargs)
        elif handler.stream is None:
            handler.stream = weakref.ref(self)
            self._waiting[handler.name] = handler

    def remove_handler(self, name: str) -> bool:
        return self._waiting.pop(name, None) is not None or super().remove_handler(name)

    def is_waited_for(self, answer: ET.Element) -> bool:
        """Whether somebody waits for what has the id of this IQ."""
        return f"{WAITS}{answer.get('id', '')}" in self._waiting

    def recv_stanza(self, stanza: Any) -> None:
        if isinstance(stanza, Iq) and stanza.xml.get("type") in ("result", "error"):
            self._answered(stanza)
        else:
            super().recv_stanza(stanza)

    def _answered(self, answer: Iq) -> None:
        handler = self._waiting.get(f"{WAITS}{answer.xml.get('id', '')}")
        if handler is None or not handler.match(answer):
            return  # nobody's, or not from whom it was asked of
        del self._waiting[handler.name]
        handler.prerun(answer)
        try:
            handler.run(answer)
        except Exception as error:  # noqa: BLE001  (slixmpp's way to have it told)
            answer.exception(error)  # type: ignore[no-untyped-call]
