"""Becoming a member of a room, choosing a nickname there, and ceasing to be one (XEP-0045 §7.10,
XEP-0077)."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from gateway.errors import Refused
from gateway.muc.call import Answer, Call
from gateway.muc.forms import FORM, first, form_values
from gateway.muc.quit import quit_group, standing
from gateway.render.approval import REGISTER_FORM
from gateway.render.xml import content
from gateway.room.nick import free_nick, rename, takeable
from gateway.room.standing import set_affiliation
from gateway.room.state import Occupant
from legacy_backend.terms import Affiliation

REGISTER = "{jabber:iq:register}"
QUERY = f"{REGISTER}query"


async def get(call: Call) -> Answer:
    """Say that the sender is a member, and as whom; or offer the form."""
    me = _member(call)
    if me is not None:
        inner = f"<registered/><username>{content(me.nick)}</username>"
    else:
        _registrable(call)
        inner = (
            "<instructions>Choose the nickname that you want in this room.</instructions>"
            '<x xmlns="jabber:x:data" type="form">'
            f'<field var="FORM_TYPE" type="hidden"><value>{REGISTER_FORM}</value></field>'
            '<field var="muc#register_roomnick" type="text-single" label="Nickname">'
            "<required/></field></x>"
        )
    return Answer(f'<query xmlns="jabber:iq:register">{inner}</query>')


async def put(call: Call) -> Answer:
    """Leave the group for good, become a member of it, or reserve another nickname."""
    query = call.child(QUERY)
    assert query is not None
    if query.find(f"{REGISTER}remove") is not None:
        return await _leave(call)
    wish = _wish(query)
    me = _member(call)
    if me is not None:
        return await _rename(call, me, _nick(call, me, wish))
    _registrable(call)
    nick = _nick(call, call.muc.me(), wish)
    if call.room.config.members_only:
        await call.muc.on_register_request(nick)
        return Answer()
    return await _become_member(call, nick)


def _wish(query: ET.Element) -> str:
    """The nickname that a submitted form asks for.

    Raises Refused "bad-request" if that is no such form, or has none.
    """
    form = query.find(FORM)
    if form is None or form.get("type") != "submit":
        raise Refused("bad-request", "Submit the form that was offered.")
    values = form_values(form)
    nick = first(values, "muc#register_roomnick")
    if values.get("FORM_TYPE") != [REGISTER_FORM] or not nick:
        raise Refused("bad-request", "This is not the form that was offered, filled in.")
    return nick


def _nick(call: Call, me: Occupant | None, wish: str) -> str:
    """`wish` as the room would carry it; what the sender is called now, if they have just given
    that name up.

    COMPAT: Converse.js 14 registers the name it has with each change of it. One that comes late
    would change the name back, and be answered with the next, for ever.

    Raises Refused "conflict" if it is another's, present or not.
    """
    nick = takeable(call.room, me, wish)
    late = me is not None and call.live.former_names.has(me.member, nick)
    return me.nick if me is not None and late else nick


def _member(call: Call) -> Occupant | None:
    me = call.muc.me()
    return me if me is not None and me.affiliation >= Affiliation.MEMBER else None


def _registrable(call: Call) -> None:
    """Check that the sender, who is no member, may become one.

    Raises Refused: "not-allowed" for the banned, and where one is invited; "service-unavailable"
    where nobody can become a member from here.
    """
    me = call.muc.me()
    if me is not None and me.affiliation is Affiliation.OUTCAST:
        raise Refused("not-allowed", "You are banned from this room.")
    if call.room.config.members_only:
        if not call.muc.can("on_register_request"):
            raise Refused("not-allowed", "One is invited to this room.")
    elif not (call.muc.can("on_register") or call.muc.can("on_join")):
        raise Refused("service-unavailable", "In this network one does not register with rooms.")


async def _become_member(call: Call, nick: str) -> Answer:
    """Be on the list from now on; who is here already is shown so, under the name they got."""
    call.live.changing.about(call.muc.my_member_id)
    got = await call.muc.on_register(nick)
    me = call.muc.me()
    if me is None:
        call.muc.user_nick = got
        return Answer()
    shown = set_affiliation(call.room, me, max(me.affiliation, Affiliation.MEMBER))
    shown += rename(call.room, me, free_nick(call.room, got, me, me.member), codes=(210,))
    return Answer(after=shown)


async def _rename(call: Call, me: Occupant, nick: str) -> Answer:
    """Reserve another nickname; who is here under the old one is told so with 210."""
    if nick == me.nick:
        return Answer()
    if not call.muc.can("on_nick_change"):
        raise Refused("not-acceptable", "In this network nicknames cannot be changed from here.")
    call.live.changing.about(me.member)
    got = await call.muc.on_nick_change(nick)
    shown = rename(call.room, me, free_nick(call.room, got, me, me.member), codes=(210,))
    call.muc.user_nick = got
    return Answer(after=shown)


async def _leave(call: Call) -> Answer:
    me = call.muc.me()
    if me is None or standing(call.room, me) < Affiliation.MEMBER:
        raise Refused("registration-required", "You are not a member of this room.")
    return Answer(after=await quit_group(call, me))
