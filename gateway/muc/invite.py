"""Invitations that users send, and answers to those they got (XEP-0045 §7.8, XEP-0249)."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from slixmpp import JID

from gateway.errors import Refused
from gateway.muc.affiliation import person_at
from gateway.muc.call import Call, bare
from gateway.render.invitation import invitation
from gateway.room.kick import moderates
from legacy_backend.terms import Affiliation

USER = "{http://jabber.org/protocol/muc#user}"
X = f"{USER}x"


async def invite(call: Call) -> None:
    """Invite everyone whom a message names; those who could not be are named in one error."""
    actor = call.seated().occupant
    config = call.room.config
    for_admins = config.members_only and not config.members_may_invite
    if for_admins and not moderates(call.room, actor) and actor.affiliation < Affiliation.ADMIN:
        raise Refused("forbidden", "Only admins may invite to this room.")
    call.require("on_invite", "invitations")
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


async def _one(call: Call, element: ET.Element, jid: str) -> None:
    address = bare(jid)
    reason = element.findtext(f"{USER}reason") or ""
    if JID(address).domain != call.live.host.domain:
        await _ask_user(call, address, reason)
        return
    person = person_at(call, address) or await call.muc.person_for(JID(address))
    if person is None:
        raise Refused("item-not-found", f"{jid} is not known to this network.")
    await call.muc.invite_person(person, reason or None)


async def _ask_user(call: Call, address: str, reason: str) -> None:
    """Pass an invitation on to another user of the gateway (§7.8.2)."""
    if not call.muc.SHARED or not call.muc.session.xmpp.is_user(address):
        raise Refused("item-not-found", f"{address} is not known to this gateway.")
    call.live.host.outbox.write(
        invitation(call.room.jid, address, call.sender.partition("/")[0], reason).encode()
    )


async def decline(call: Call) -> None:
    """Tell the network that the user does not want to come; no error where it cannot be told."""
    if not call.muc.can("on_decline"):
        return
    element = call.stanza.find(f"{X}/{USER}decline")
    assert element is not None
    reason = element.findtext(f"{USER}reason") or ""
    await call.muc.on_decline(element.get("to", ""), reason or None)
