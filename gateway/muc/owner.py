"""Queries of `muc#owner`: the configuration form, its answer, or destruction (XEP-0045 §10)."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from gateway.errors import Refused
from gateway.muc.call import Answer, Call
from gateway.muc.config import configure
from gateway.muc.config_form import config_form
from gateway.muc.destroy import DESTROY, destroy
from gateway.muc.forms import FORM
from legacy_backend.terms import Affiliation

QUERY = "{http://jabber.org/protocol/muc#owner}query"


def _as_owner(call: Call) -> None:
    if call.actor().affiliation < Affiliation.OWNER:
        raise Refused("forbidden", "Only owners may do that.")


async def get(call: Call) -> Answer:
    """Offer the configuration form (§10.2)."""
    _as_owner(call)
    return Answer(
        f'<query xmlns="http://jabber.org/protocol/muc#owner">{config_form(call.muc)}</query>'
    )


async def put(call: Call) -> Answer:
    """Take the filled-in form, a cancelled one, or a wish to destroy the room."""
    _as_owner(call)
    query = call.child(QUERY)
    children = list(query) if query is not None else []
    if len(children) != 1 or children[0].tag not in (FORM, DESTROY):
        raise Refused("bad-request", "A query of this kind has a form, or destroys.")
    child = children[0]
    match child.tag, child.get("type"):
        case tag, _ if tag == DESTROY:
            return await destroy(call, child)
        case _, "submit":
            return await configure(call, child)
        case _, "cancel" if call.room.locked:  # what was never set up goes again (§10.1.3)
            return await destroy(call, ET.Element(DESTROY))
        case _, "cancel":
            return Answer()
        case _:
            raise Refused("bad-request", "A form is submitted, or cancelled.")
