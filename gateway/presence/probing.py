"""Probes: being asked how somebody is, and answering with what is so now (RFC 6121 §4.3)."""

from __future__ import annotations

from typing import Any

from slixmpp import JID


def show_contact(gateway: Any, session: Any, local: str, to: JID) -> None:
    """Send a contact's presence as it is now; who is not heard of just now is unavailable."""
    address = JID(f"{local}@{gateway.boundjid.bare}")
    contact = session.contacts.by_jid_only_if_exists(address) if session.logged else None
    state = None if contact is None else contact._get_last_presence()
    if contact is None or state is None:
        origin = address if contact is None else contact.jid
        gateway.send_presence(pfrom=origin, pto=to, ptype="unavailable")
        return
    presence = contact._make_presence(
        force=True,
        last_seen=state.last_seen,
        ptype=state.ptype,
        pshow=state.pshow,
        pstatus=state.pstatus,
    )
    presence["to"] = to
    presence.send()
