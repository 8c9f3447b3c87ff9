"""What can be asked of a room without being in it: each a question and its answer.

The service alone decides who may; its no is raised as XMPPError.
"""

from __future__ import annotations

from dataclasses import dataclass

from slixmpp import JID

from legacy_backend.xmpp.muc import names
from legacy_backend.xmpp.muc.data import Data
from legacy_backend.xmpp.muc.forms import InfoForm
from legacy_backend.xmpp.muc.wire import Wire
from legacy_backend.xmpp.muc.xso import AdminItem, AdminQuery, DestroyRequest, OwnerQuery


@dataclass(frozen=True, slots=True)
class RoomInfo:
    """What a room tells everybody (XEP-0045 §6.4). `form` None if it has no such form."""

    name: str
    features: frozenset[str]
    form: InfoForm | None


@dataclass(frozen=True, slots=True)
class Found:
    """A room in the list of its service; `name` "" if it has none."""

    jid: JID
    name: str


async def get_config(wire: Wire, room: JID) -> Data:
    """The form for owners (§10.2). Raises LookupError if the room has none."""
    answer = await wire.ask(room, OwnerQuery().to_xml())
    query = names.child(answer, names.OWNER, "query")
    form = None if query is None else OwnerQuery.from_xml(query).form
    if form is None:
        raise LookupError(f"{room} sent no form")
    return form


async def set_config(wire: Wire, room: JID, form: Data) -> None:
    await wire.ask(room, OwnerQuery(form=form).to_xml(), type="set")


async def destroy(wire: Wire, room: JID, request: DestroyRequest) -> None:
    await wire.ask(room, OwnerQuery(destroy=request).to_xml(), type="set")


async def set_item(wire: Wire, room: JID, item: AdminItem) -> None:
    """Change the standing of somebody (§8, §9, §10)."""
    await wire.ask(room, AdminQuery(items=(item,)).to_xml(), type="set")


async def affiliated(wire: Wire, room: JID, affiliation: str) -> tuple[AdminItem, ...]:
    """Everybody of an affiliation (§9.3, §9.5)."""
    asked = AdminQuery(items=(AdminItem(affiliation=affiliation),))
    answer = await wire.ask(room, asked.to_xml())
    query = names.child(answer, names.ADMIN, "query")
    return () if query is None else AdminQuery.from_xml(query).items


async def room_info(wire: Wire, room: JID) -> RoomInfo:
    answer = await wire.ask(room, names.element(names.DISCO_INFO, "query"))
    query = names.child(answer, names.DISCO_INFO, "query")
    if query is None:
        return RoomInfo("", frozenset(), None)
    identity = names.child(query, names.DISCO_INFO, "identity")
    told = Data.within(query, names.INFO_FORM)
    return RoomInfo(
        name="" if identity is None else identity.get("name", ""),
        features=frozenset(
            one.get("var", "")
            for one in query.iterfind(names.qualified(names.DISCO_INFO, "feature"))
        ),
        form=None if told is None else InfoForm.from_xso(told),
    )


async def rooms(wire: Wire, service: JID) -> tuple[Found, ...]:
    """The rooms that a service lists (§6.3)."""
    answer = await wire.ask(service, names.element(names.DISCO_ITEMS, "query"))
    query = names.child(answer, names.DISCO_ITEMS, "query")
    items = () if query is None else query.iterfind(names.qualified(names.DISCO_ITEMS, "item"))
    found = ((names.address(item.get("jid")), item.get("name", "")) for item in items)
    return tuple(Found(jid, name) for jid, name in found if jid is not None)
