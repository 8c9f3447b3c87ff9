"""Queries of `muc#admin`: which use case an item asks for (XEP-0045 §8–§10, §19.3)."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from gateway.errors import Refused
from gateway.muc.affiliation import set_affiliations
from gateway.muc.call import Answer, Call
from gateway.muc.items import ADMIN, affiliation_named, role_named
from gateway.muc.lists import by_affiliation, by_role
from gateway.muc.role import set_roles

QUERY = f"{ADMIN}query"
ITEM = f"{ADMIN}item"


def _items(call: Call) -> list[ET.Element]:
    query = call.child(QUERY)
    items = query.findall(ITEM) if query is not None else []
    if not items:
        raise Refused("bad-request", "A query of this kind has at least one item.")
    return items


async def get(call: Call) -> Answer:
    """List those of one affiliation, or of one role."""
    item = _items(call)[0]
    affiliation, role = item.get("affiliation"), item.get("role")
    if affiliation is not None and role is None:
        return await by_affiliation(call, affiliation_named(affiliation))
    if role is not None and affiliation is None:
        return await by_role(call, role_named(role))
    raise Refused("bad-request", "Ask for one role, or for one affiliation.")


async def put(call: Call) -> Answer:
    """Change roles, or affiliations: all items of one kind."""
    items = _items(call)
    if all("affiliation" in i.attrib and "role" not in i.attrib for i in items):
        return await set_affiliations(call, items)
    if all("role" in i.attrib and "affiliation" not in i.attrib for i in items):
        return await set_roles(call, items)
    raise Refused("bad-request", "Each item changes either a role or an affiliation.")
