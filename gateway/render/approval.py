"""Forms by which those who run a room let others do something (XEP-0045 §8.6, §9.9)."""

from __future__ import annotations

from gateway.render.xml import attribute, content
from gateway.room.state import Occupant

VOICE_FORM = "http://jabber.org/protocol/muc#request"
REGISTER_FORM = "http://jabber.org/protocol/muc#register"


def voice_request(room_jid: str, person: Occupant, *, with_jid: bool) -> str:
    """What moderators are sent when somebody asks for a voice, serialised without `to`."""
    address = person.user or person.jid if with_jid else None
    jid = ""
    if address:
        jid = (
            '<field var="muc#jid" type="jid-single" label="Address">'
            f"<value>{content(address)}</value></field>"
        )
    return _message(
        room_jid,
        "Somebody asks for a voice",
        VOICE_FORM,
        '<field var="muc#role" type="list-single" label="Role">'
        "<value>participant</value><option><value>participant</value></option></field>"
        f'{jid}<field var="muc#roomnick" type="text-single" label="Nickname">'
        f"<value>{content(person.nick)}</value></field>"
        '<field var="muc#request_allow" type="boolean" label="Give them a voice?">'
        "<value>false</value></field>",
    )


def membership_request(room_jid: str, nick: str, address: str) -> str:
    """What admins are sent when somebody asks to be a member, serialised without `to`."""
    return _message(
        room_jid,
        "Somebody asks to be a member",
        REGISTER_FORM,
        f'<field type="fixed"><value>{content(address)}</value></field>'
        '<field var="muc#register_roomnick" type="text-single" label="Nickname">'
        f"<value>{content(nick)}</value></field>"
        '<field var="muc#register_allow" type="boolean" label="Make them a member?">'
        "<value>false</value></field>",
    )


def _message(room_jid: str, title: str, form_type: str, fields: str) -> str:
    return (
        f'<message from="{attribute(room_jid)}"><x xmlns="jabber:x:data" type="form">'
        f'<title>{title}</title><field var="FORM_TYPE" type="hidden">'
        f"<value>{form_type}</value></field>{fields}</x></message>"
    )
