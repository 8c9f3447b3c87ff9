"""What a stanza costs its sender, told from its outside, and the short no to who cannot pay.

Nothing has been parsed, awaited or queued when a stanza is refused here, so a flood costs little.
"""

from __future__ import annotations

from xml.etree import ElementTree as ET

from gateway.errors import Refused
from gateway.link.outbox import Outbox
from gateway.muc.errors import error_stanza
from gateway.muc.rates import Rates

USER = "{http://jabber.org/protocol/muc#user}"
ADMIN = "{http://jabber.org/protocol/muc#admin}"
SIGNALS = (
    "{http://jabber.org/protocol/chatstates}",
    "{http://jabber.org/protocol/pubsub#event}",
    "{urn:xmpp:chat-markers:0}",
    "{urn:xmpp:hints}",
    "{urn:xmpp:receipts}",
    "{urn:xmpp:sid:0}",
)
"""What clients and servers say by themselves, in messages that have nothing else."""


class Toll:
    """Charges each user for what they send."""

    def __init__(self, rates: Rates, outbox: Outbox) -> None:
        self._rates = rates
        self._outbox = outbox

    def refuses(self, stanza: ET.Element) -> bool:
        """Charge the sender; whether that failed, and they have been told."""
        kind, count = price(stanza)
        user = stanza.get("from", "").partition("/")[0]
        if not kind or "@" not in user:  # what servers say is not in any user's hands
            return False
        try:
            self._rates.spend(kind, user, count)
        except Refused as no:
            to = stanza.get("to", "")
            by = to.partition("/")[0]
            told = error_stanza(stanza, no, origin=to, by=by, echo=False)
            self._outbox.write(told.encode())
            return True
        return False


def price(stanza: ET.Element) -> tuple[str, int]:
    """The kind of a stanza, and how many of that kind it is; "" if it is free.

    Free is what has to get through (answers, leaves) and what cannot be refused anyway (errors).
    """
    kind = stanza.get("type", "")
    match stanza.tag.partition("}")[2]:
        case "message":
            return _message(stanza) if kind != "error" else ("", 0)
        case "presence":
            joins = stanza.find("{http://jabber.org/protocol/muc}x") is not None
            if kind == "":
                return ("joins" if joins else "presences"), 1
            return ("", 0) if kind in ("error", "unavailable") else ("presences", 1)
        case _:
            return _iq(stanza, kind) if kind not in ("result", "error") else ("", 0)


def _message(stanza: ET.Element) -> tuple[str, int]:
    invitations = sum(
        len(stanza.findall(f"{USER}x/{USER}{name}")) for name in ("invite", "decline")
    )
    if invitations:
        return "invitations", invitations
    if len(stanza) and all(child.tag.startswith(SIGNALS) for child in stanza):
        return "signals", 1
    return "messages", 1


def _iq(stanza: ET.Element, kind: str) -> tuple[str, int]:
    payload = stanza[0] if len(stanza) else None
    if payload is not None and payload.tag.startswith("{urn:xmpp:mam:2}"):
        return "archive queries", 1
    if kind != "set" or payload is None:
        return "queries", 1
    return "changes", max(1, len(payload)) if payload.tag == f"{ADMIN}query" else 1
