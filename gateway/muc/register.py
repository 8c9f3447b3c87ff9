"""Becoming a member of a room, and ceasing to be one (XEP-0045 §7.10, XEP-0077)."""

from __future__ import annotations

from gateway.errors import Refused
from gateway.muc.call import Answer, Call
from gateway.muc.config import form_values
from gateway.render.xml import content
from gateway.room.removal import remove
from legacy_backend.terms import Affiliation

REGISTER = "{jabber:iq:register}"
FORM = "{jabber:x:data}x"
FORM_TYPE = "http://jabber.org/protocol/muc#register"


async def get(call: Call) -> Answer:
    """Say that the sender is a member, and as whom; or offer the form."""
    me = call.muc.me()
    if me is not None and me.affiliation >= Affiliation.MEMBER:
        inner = f"<registered/><username>{content(me.nick)}</username>"
    else:
        _joinable(call)
        inner = (
            "<instructions>Choose the nickname that you want in this room.</instructions>"
            '<x xmlns="jabber:x:data" type="form">'
            f'<field var="FORM_TYPE" type="hidden"><value>{FORM_TYPE}</value></field>'
            '<field var="muc#register_roomnick" type="text-single" label="Nickname">'
            "<required/></field></x>"
        )
    return Answer(f'<query xmlns="jabber:iq:register">{inner}</query>')


async def put(call: Call) -> Answer:
    """Leave the group for good, or become a member of it."""
    query = call.child(f"{REGISTER}query")
    assert query is not None
    if query.find(f"{REGISTER}remove") is not None:
        return await _leave(call)
    form = query.find(FORM)
    if form is None or form.get("type") != "submit":
        raise Refused("bad-request", "Submit the form that was offered.")
    values = form_values(form)
    if values.get("FORM_TYPE") != [FORM_TYPE]:
        raise Refused("bad-request", "This is not the form that was offered.")
    _joinable(call)
    nick = next(iter(values.get("muc#register_roomnick", [])), "")
    await call.muc.on_join(nick, "")
    return Answer()


def _joinable(call: Call) -> None:
    me = call.muc.me()
    if me is not None and me.affiliation is Affiliation.OUTCAST:
        raise Refused("forbidden", "You are banned from this room.")
    if call.room.config.members_only:
        raise Refused("not-allowed", "One is invited to this room.")


async def _leave(call: Call) -> Answer:
    me = call.muc.me()
    if me is None or me.affiliation < Affiliation.MEMBER:
        raise Refused("registration-required", "You are not a member of this room.")
    call.require("on_leave", "leaving")
    await call.muc.on_leave()
    gone = remove(call.room, me, codes=(321,), affiliation=Affiliation.NONE, forget=True)
    await call.muc.session.bookmarks.remove(call.muc, kick=False)
    return Answer(after=gone)
