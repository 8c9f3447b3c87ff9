"""Messages of the room about coming in, staying out and speaking (XEP-0045 §7.8, §8.6)."""

from __future__ import annotations

from gateway.render.presence import MUC_USER
from gateway.render.xml import attribute, content
from gateway.room.state import Occupant

VOICE_FORM = "http://jabber.org/protocol/muc#request"


def invitation(room_jid: str, to: str, inviter: str, reason: str, password: str = "") -> str:
    """An invitation as the room sends it, in both forms that clients know."""
    why = f"<reason>{content(reason)}</reason>" if reason else ""
    secret = f"<password>{content(password)}</password>" if password else ""
    direct_reason = f' reason="{attribute(reason)}"' if reason else ""
    return (
        f'<message from="{attribute(room_jid)}" to="{attribute(to)}">'
        f'<x xmlns="{MUC_USER}"><invite from="{attribute(inviter)}">{why}</invite>{secret}</x>'
        f'<x xmlns="jabber:x:conference" jid="{attribute(room_jid)}"{direct_reason}/></message>'
    )


def declined(room_jid: str, to: str, invitee: str, reason: str) -> str:
    """Word to the inviter that somebody will not come."""
    why = f"<reason>{content(reason)}</reason>" if reason else ""
    return (
        f'<message from="{attribute(room_jid)}" to="{attribute(to)}">'
        f'<x xmlns="{MUC_USER}"><decline from="{attribute(invitee)}">{why}</decline></x></message>'
    )


def voice_request(room_jid: str, person: Occupant, *, with_jid: bool) -> str:
    """What moderators are sent when somebody asks for a voice, serialised without `to`."""
    address = person.user or person.jid if with_jid else None
    jid = ""
    if address:
        jid = (
            '<field var="muc#jid" type="jid-single" label="Address">'
            f"<value>{content(address)}</value></field>"
        )
    return (
        f'<message from="{attribute(room_jid)}">'
        '<x xmlns="jabber:x:data" type="form"><title>Somebody asks for a voice</title>'
        f'<field var="FORM_TYPE" type="hidden"><value>{VOICE_FORM}</value></field>'
        '<field var="muc#role" type="list-single" label="Role">'
        "<value>participant</value><option><value>participant</value></option></field>"
        f'{jid}<field var="muc#roomnick" type="text-single" label="Nickname">'
        f"<value>{content(person.nick)}</value></field>"
        '<field var="muc#request_allow" type="boolean" label="Give them a voice?">'
        "<value>false</value></field></x></message>"
    )


def whisper(room_jid: str, nick: str, to: str, body: str, message_id: str) -> str:
    """A private message from an occupant, marked as one (§7.5)."""
    return (
        f'<message from="{attribute(room_jid)}/{attribute(nick)}" to="{attribute(to)}"'
        f' type="chat" id="{attribute(message_id)}"><body>{content(body)}</body>'
        f'<x xmlns="{MUC_USER}"/></message>'
    )
