"""Saying no: every way to fail becomes one stanza error (RFC 6120 §8.3)."""

from __future__ import annotations

import logging
from xml.etree import ElementTree as ET

from slidge.contact.roster import ContactIsUser
from slixmpp import InvalidJID
from slixmpp.exceptions import XMPPError

from gateway.errors import DATABASE_AWAY, DatabaseError, Refused
from gateway.render.xml import attribute, bearable, content, serialised
from legacy_backend.terms import LegacyError

log = logging.getLogger(__name__)

STANZAS = "urn:ietf:params:xml:ns:xmpp-stanzas"

TYPES = {
    "bad-request": "modify",
    "conflict": "cancel",
    "feature-not-implemented": "cancel",
    "forbidden": "auth",
    "gone": "cancel",
    "internal-server-error": "cancel",
    "item-not-found": "cancel",
    "jid-malformed": "modify",
    "not-acceptable": "cancel",
    "not-allowed": "cancel",
    "not-authorized": "auth",
    "policy-violation": "modify",
    "recipient-unavailable": "wait",
    "redirect": "modify",
    "registration-required": "auth",
    "remote-server-not-found": "cancel",
    "remote-server-timeout": "wait",
    "resource-constraint": "wait",
    "service-unavailable": "cancel",
    "subscription-required": "auth",
    "undefined-condition": "cancel",
    "unexpected-request": "wait",
}
"""Each condition, and the type that goes with it unless somebody says otherwise."""

TEXT_LIMIT = 1000
"""Characters of what an error says, which may repeat what it is about."""

_ECHO_LIMIT = 4096


def refusal(error: BaseException, stanza: ET.Element) -> Refused:
    """What an exception means to the sender of a stanza. A bug is logged, and told as one."""
    match error:
        case Refused():
            return error
        case LegacyError():
            return Refused(_known(error.condition), error.text)
        case XMPPError():
            return Refused(_known(error.condition), error.text, error.etype)
        case InvalidJID():
            return Refused("jid-malformed", "An address in this cannot be read.")
        case NotImplementedError():
            return Refused("feature-not-implemented", "This network cannot do that.")
        case ContactIsUser():
            return Refused("not-allowed", "That is yourself on the other network.")
        case TimeoutError():
            return Refused("remote-server-timeout", "The network did not answer in time.")
        case DatabaseError():
            log.debug("the database failed on %s: %s", brief(stanza), error)  # which is logged once
            return Refused("resource-constraint", DATABASE_AWAY)
        case _:
            log.error("a handler failed on %s", brief(stanza), exc_info=error)
            return Refused("internal-server-error", "Something went wrong in the gateway.")


def _known(condition: str) -> str:
    return condition if condition in TYPES else "undefined-condition"


def brief(stanza: ET.Element) -> str:
    """A stanza for the log, cut to a readable length."""
    return ET.tostring(stanza, encoding="unicode")[:2000]


def error_stanza(
    stanza: ET.Element, no: Refused, *, origin: str, by: str, echo: bool = True
) -> str:
    """The error that answers a stanza. `origin` is whom it was addressed to, `by` the room; `echo`
    says whether the payload comes with it."""
    name = stanza.tag.partition("}")[2]
    ident = stanza.get("id")
    ident_attribute = f' id="{attribute(ident)}"' if ident else ""
    kind = no.type or TYPES.get(no.condition, "cancel")
    text = (
        f'<text xmlns="{STANZAS}">{content(bearable(no.text, TEXT_LIMIT))}</text>'
        if no.text
        else ""
    )
    payload = _echo(name, stanza) if echo else ""
    return (
        f'<{name} type="error" from="{attribute(origin)}" to="{attribute(stanza.get("from", ""))}"'
        f'{ident_attribute}>{payload}<error type="{kind}" by="{attribute(by)}">'
        f'<{no.condition} xmlns="{STANZAS}"/>{text}{no.detail}</error></{name}>'
    )


def _echo(name: str, stanza: ET.Element) -> str:
    """The payload again, so that the sender knows what this is about; not the words."""
    if name == "presence":
        return '<x xmlns="http://jabber.org/protocol/muc"/>'
    kept = [c for c in stanza if name == "iq" or not c.tag.endswith("}body")]
    kept = [c for c in kept if not c.tag.endswith("}error")]  # an error has one, and that is ours
    text = "".join(serialised(child) for child in kept)
    return text if len(text) <= _ECHO_LIMIT else ""
