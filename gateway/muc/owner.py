"""Queries of `muc#owner`: the configuration form, its answer, or destruction (XEP-0045 §10)."""

from __future__ import annotations

from gateway.errors import Refused
from gateway.muc.call import Answer, Call
from gateway.muc.config import configure
from gateway.muc.config_form import config_form
from gateway.muc.destroy import destroy
from legacy_backend.terms import Affiliation

OWNER = "{http://jabber.org/protocol/muc#owner}"
QUERY = f"{OWNER}query"
FORM = "{jabber:x:data}x"


def _as_owner(call: Call) -> None:
    if call.actor().affiliation < Affiliation.OWNER:
        raise Refused("forbidden", "Only owners may do that.")


async def get(call: Call) -> Answer:
    """Offer the configuration form."""
    _as_owner(call)
    return Answer(
        f'<query xmlns="http://jabber.org/protocol/muc#owner">{config_form(call.muc)}</query>'
    )


async def put(call: Call) -> Answer:
    """Take the filled-in form, a cancelled one, or a wish to destroy the room."""
    _as_owner(call)
    query = call.child(QUERY)
    children = list(query) if query is not None else []
    if len(children) != 1:
        raise Refused("bad-request", "A query of this kind has a form, or destroys.")
    if children[0].tag == FORM:
        return await configure(call, children[0])
    if children[0].tag == f"{OWNER}destroy":
        return await destroy(call, children[0])
    raise Refused("bad-request", "A query of this kind has a form, or destroys.")
