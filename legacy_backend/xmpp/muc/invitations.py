"""Invitations: told apart from other messages, and made (XEP-0045 §7.8, XEP-0249)."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree import ElementTree as ET

from slixmpp import JID, Message

from legacy_backend.xmpp.muc.states import InviteMode
from legacy_backend.xmpp.muc.xso import Continue, Decline, DirectInvite, Invite, UserExt


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    muc_address: JID
    inviter_address: JID | None
    """Direct: who sent it. Mediated: what the room says, which may be anything, or None."""
    mode: InviteMode
    password: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Somebody whom we had invited said no, or so the room says."""

    muc_address: JID
    decliner_address: JID | None
    reason: str | None = None


def read(message: Message) -> Invitation | Refusal | None:
    """What a message says of invitations.

    One that came back as an error invites nobody, and neither does one of our own on its way out,
    which has a `to`. Where a message is both, the room speaks: it holds the password.
    """
    if message.xml.get("type") in ("error", "groupchat"):
        return None
    ext = UserExt.of(message)
    room = JID(message["from"].bare)
    if ext is not None and ext.decline is not None and ext.decline.to is None:
        return Refusal(
            muc_address=room, decliner_address=ext.decline.from_, reason=ext.decline.reason
        )
    if ext is not None and ext.invites and ext.invites[0].to is None:
        invite = ext.invites[0]
        return Invitation(
            muc_address=room,
            inviter_address=invite.from_,
            mode=InviteMode.MEDIATED,
            password=ext.password,
            reason=invite.reason,
        )
    direct = DirectInvite.of(message)
    if direct is None or (ext is not None and ext.invites):
        return None
    return Invitation(
        muc_address=JID(direct.jid.bare),
        inviter_address=message["from"],
        mode=InviteMode.DIRECT,
        password=direct.password,
        reason=direct.reason,
    )


def payload(
    mode: InviteMode,
    room: JID,
    invitee: JID,
    *,
    reason: str | None = None,
    password: str | None = None,
    thread: str | None = None,
) -> tuple[JID, ET.Element]:
    """To whom an invitation is to be sent, and what is in it.

    `thread` is that of a chat of two which goes on in the room.
    """
    if mode is InviteMode.DIRECT:
        direct = DirectInvite(
            room, reason=reason, password=password, continue_=thread is not None, thread=thread
        )
        return invitee, direct.to_xml()
    going_on = None if thread is None else Continue(thread=thread)
    invite = Invite(to=invitee, reason=reason, continue_=going_on)
    # The room adds its password by itself.
    return room, UserExt(invites=(invite,)).to_xml()


def refusal(inviter: JID, reason: str | None) -> ET.Element:
    """What is in the message to the room that says no to an inviter."""
    return UserExt(decline=Decline(to=inviter, reason=reason)).to_xml()
