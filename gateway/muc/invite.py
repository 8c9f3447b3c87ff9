"""Invitations that users send, and answers to those they got (XEP-0045 §7.8)."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from slixmpp import JID

from gateway.errors import Refused
from gateway.muc.call import Call, bare
from gateway.muc.whom import anybody_at, person_at
from gateway.render.invitation import declined, invitation
from gateway.room.state import Occupant
from legacy_backend.terms import Affiliation

USER = "{http://jabber.org/protocol/muc#user}"
X = f"{USER}x"


async def invite(call: Call) -> None:
    """Invite everyone whom a message names; those who could not be are named in one error."""
    may_invite(call, call.seated().occupant)
    failed: list[tuple[str, Refused]] = []
    for element in call.stanza.iterfind(f"{X}/{USER}invite"):
        jid = element.get("to", "")
        try:
            await _one(call, element, jid)
        except Refused as no:
            failed.append((jid, no))
    if failed:
        jids = ", ".join(jid for jid, _ in failed)
        raise Refused(failed[0][1].condition, f"{jids}: {failed[0][1].text}")


def may_invite(call: Call, actor: Occupant) -> None:
    """Check that somebody may invite to this room (§9.5).

    Raises Refused "forbidden" where only admins may.
    """
    config = call.room.config
    for_admins = config.members_only and not config.members_may_invite
    if for_admins and actor.affiliation < Affiliation.ADMIN:
        raise Refused("forbidden", "Only admins may invite to this room.")


async def _one(call: Call, element: ET.Element, jid: str) -> None:
    address = bare(jid)
    reason = element.findtext(f"{USER}reason") or ""
    if JID(address).domain == call.live.host.domain:
        await invite_contact(call, address, reason)
    else:
        await _invite_user(call, element, address, reason)


async def invite_contact(call: Call, address: str, reason: str) -> None:
    """Have the network invite somebody of its own, by the bare JID of their contact."""
    await _ask_network(call, address, reason)


async def _invite_user(call: Call, element: ET.Element, address: str, reason: str) -> None:
    """Pass an invitation on to another user of the gateway (§7.8.2); to a room for members the
    network lets them in first."""
    if not call.muc.SHARED or not call.muc.session.xmpp.is_user(address):
        raise Refused("item-not-found", f"{address} is not known to this gateway.")
    known = person_at(call, address)
    config = call.room.config
    if config.members_only and (known is None or known.affiliation < Affiliation.MEMBER):
        with call.live.expected.change(("invite", address)):
            await _ask_network(call, address, reason)
    inviter = call.user
    call.live.invitations.passed_on(inviter, address)
    thread = element.find(f"{USER}continue")
    stanza = invitation(
        call.room.jid,
        address,
        inviter,
        reason,
        config.password,
        continues=None if thread is None else thread.get("thread", ""),
    )
    call.live.host.outbox.write(stanza.encode())


async def _ask_network(call: Call, address: str, reason: str) -> None:
    call.require("on_invite", "invitations")
    await call.muc.invite_person(await anybody_at(call, address), reason or None)


async def decline(call: Call) -> None:
    """Tell whoever invited that the user does not want to come: another user through the room,
    anybody else through the network; no error where it cannot be told."""
    element = call.stanza.find(f"{X}/{USER}decline")
    assert element is not None
    inviter, reason = element.get("to", ""), element.findtext(f"{USER}reason") or ""
    invitee = call.user
    if call.live.invitations.answered(inviter.partition("/")[0], invitee):
        stanza = declined(call.room.jid, bare(inviter), invitee, reason)
        call.live.host.outbox.write(stanza.encode())
    elif call.muc.can("on_decline"):
        await call.muc.on_decline(inviter, reason or None)
