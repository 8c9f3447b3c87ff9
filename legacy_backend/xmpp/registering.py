"""Asking to be a member of a room, under a name (XEP-0045 §7.10)."""

from __future__ import annotations

from typing import Final

from slixmpp import JID

from legacy_backend.terms import LegacyError
from legacy_backend.xmpp.muc.data import Data, Field
from legacy_backend.xmpp.muc.names import child, element
from legacy_backend.xmpp.muc.wire import Wire

REGISTER: Final = "jabber:iq:register"
FORM: Final = "http://jabber.org/protocol/muc#register"
NICK: Final = "muc#register_roomnick"


async def register(wire: Wire, room: JID, nick: str) -> None:
    """Whether it is for the room or its admins to decide, the room knows; nothing for a member.

    Raises XMPPError as the room refuses, LegacyError "not-acceptable" if it wants to know more.
    """
    answer = await wire.ask(room, element(REGISTER, "query"))
    query = child(answer, REGISTER, "query")
    if query is None or child(query, REGISTER, "registered") is not None:
        return
    form = Data.within(query, FORM)
    asked = () if form is None else form.fields
    if any(field.required and field.var not in (NICK, "FORM_TYPE") for field in asked):
        raise LegacyError("not-acceptable", "That room asks for more than a name: ask it directly.")
    kind = Field("FORM_TYPE", (FORM,), "hidden")
    submitted = element(REGISTER, "query")
    submitted.append(Data("submit", (kind, Field(NICK, (nick,)))).to_xml())
    await wire.ask(room, submitted, type="set")
