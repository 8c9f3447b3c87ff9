"""Making hats and giving them to people, by commands (XEP-0317 §4.2–§4.7)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence

from gateway.errors import Refused
from gateway.muc.call import Call, bare
from gateway.muc.command import Command, Done
from gateway.muc.forms import Values, first
from gateway.muc.whom import anybody_at
from gateway.render.xml import attribute, content
from gateway.room.lists import may_list
from gateway.room.state import Hat, Notice, Occupant
from legacy_backend.terms import Affiliation

NODE = "urn:xmpp:hats:commands"
HUE = re.compile(r"(?:[0-9]{1,2}|[12][0-9]{2}|3[0-5][0-9]|360)(?:\.[0-9]{1,6})?")
LONGEST = 500
"""Characters of an address or a title."""


def digest(hats: Sequence[Hat]) -> str:
    """What changes when and only when the list of hats does (§3)."""
    text = "\n".join(sorted(f"{hat.uri}\0{hat.title}\0{hat.hue}" for hat in hats))
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def _one(values: Values, name: str) -> str:
    text = first(values, f"hats#{name}").strip()
    if not text or len(text) > LONGEST:
        raise Refused("bad-request", f"Fill in hats#{name}.")
    return text


def _field(name: str, label: str, kind: str = "text-single", inner: str = "<required/>") -> str:
    return f'<field var="hats#{name}" type="{kind}" label="{label}">{inner}</field>'


def _form(title: str, fields: str) -> str:
    return (
        f'<x xmlns="jabber:x:data" type="form"><title>{title}</title>'
        f'<field var="FORM_TYPE" type="hidden"><value>{NODE}</value></field>{fields}</x>'
    )


async def _choice(call: Call) -> str:
    """The field by which one of the hats is chosen."""
    options = "".join(
        f'<option label="{attribute(hat.title)}"><value>{content(hat.uri)}</value></option>'
        for hat in await call.muc.on_hats()
    )
    return _field("uri", "Hat", "list-single", f"<required/>{options}")


def _table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    reported = "".join(f'<field var="hats#{name}"/>' for name in names)
    items = "".join(
        "<item>"
        + "".join(
            f'<field var="hats#{name}"><value>{content(value)}</value></field>'
            for name, value in zip(names, row, strict=True)
            if value
        )
        + "</item>"
        for row in rows
    )
    return (
        '<x xmlns="jabber:x:data" type="result">'
        f'<field var="FORM_TYPE" type="hidden"><value>{NODE}</value></field>'
        f"<reported>{reported}</reported>{items}</x>"
    )


async def _create_form(_call: Call) -> str:
    fields = _field("title", "Title") + _field("uri", "Unique URI")
    return _form("Make or change a hat", fields + _field("hue", "Colour, in degrees", inner=""))


async def _create(call: Call, values: Values) -> Done:
    hue = first(values, "hats#hue").strip()
    if hue and not HUE.fullmatch(hue):
        raise Refused("not-acceptable", "A hue is a number from 0 to 360.", "modify")
    await call.muc.on_put_hat(Hat(_one(values, "uri"), _one(values, "title"), hue))
    return Done("There is this hat now.", after=call.room.to_all(Notice((104,))))


async def _destroy_form(call: Call) -> str:
    return _form("Do away with a hat", await _choice(call))


async def _destroy(call: Call, values: Values) -> Done:
    await call.muc.on_remove_hat(_one(values, "uri"))
    return Done("The hat is gone.", after=call.room.to_all(Notice((104,))))


async def _person_form(call: Call) -> str:
    return _form("Somebody's hat", _field("jid", "Address", "jid-single") + await _choice(call))


async def _assign(call: Call, values: Values) -> Done:
    person, uri = await _person(call, values), _one(values, "uri")
    await call.muc.on_give_hat(call.muc.handle_of(person), uri)
    return Done("They wear the hat.")


async def _unassign(call: Call, values: Values) -> Done:
    person, uri = await _person(call, values), _one(values, "uri")
    await call.muc.on_take_hat(call.muc.handle_of(person), uri)
    return Done("They do not wear the hat any more.")


async def _person(call: Call, values: Values) -> Occupant:
    return await anybody_at(call, bare(_one(values, "jid")))


async def _list(call: Call, _values: Values) -> Done:
    rows = [(hat.title, hat.uri, hat.hue) for hat in await call.muc.on_hats()]
    return Done(table=_table(("title", "uri", "hue"), rows))


async def _assigned(call: Call, _values: Values) -> Done:
    if not may_list(call.room, call.actor(), Affiliation.MEMBER):
        raise Refused("forbidden", "Who belongs to this room is not for you to see.")
    rows = [
        (person.address, hat.uri, hat.title, hat.hue)
        for person in call.room.people.values()
        for hat in person.hats
    ]
    return Done(table=_table(("jid", "uri", "title", "hue"), rows))


_ADMIN, _ANYBODY = Affiliation.ADMIN, Affiliation.NONE

HATS = {
    f"{NODE}:create": Command("Make a hat", "on_put_hat", _ADMIN, _create_form, _create),
    f"{NODE}:destroy": Command(
        "Do away with a hat", "on_remove_hat", _ADMIN, _destroy_form, _destroy
    ),
    f"{NODE}:list": Command("List the hats", "on_hats", _ANYBODY, None, _list),
    f"{NODE}:assign": Command("Give a hat", "on_give_hat", _ADMIN, _person_form, _assign),
    f"{NODE}:unassign": Command("Take a hat", "on_take_hat", _ADMIN, _person_form, _unassign),
    f"{NODE}:list-assigned": Command(
        "List who wears which hat", "on_hats", _ANYBODY, None, _assigned
    ),
}
"""By node."""
