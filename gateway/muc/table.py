"""Who deals with which request, by the name of its payload, and what is known of it by that."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from gateway.muc import admin, commands, disco, mam, moderate, owner, ping, register, vcard
from gateway.muc.call import Answer, Call

Handler = Callable[[Call], Awaitable[Answer]]

INFO = f"{{{disco.INFO}}}query"
ITEMS = f"{{{disco.ITEMS}}}query"
MAM = f"{{{mam.MAM}}}query"
METADATA = f"{{{mam.MAM}}}metadata"
PREFS = f"{{{mam.MAM}}}prefs"
PING = "{urn:xmpp:ping}ping"

IQS: dict[tuple[str, str], Handler] = {
    ("get", INFO): disco.info,
    ("get", ITEMS): disco.items,
    ("get", admin.QUERY): admin.get,
    ("set", admin.QUERY): admin.put,
    ("get", owner.QUERY): owner.get,
    ("set", owner.QUERY): owner.put,
    ("get", PING): ping.ping,
    ("set", MAM): mam.query,
    ("get", MAM): mam.form,
    ("get", METADATA): mam.metadata,
    ("get", PREFS): mam.prefs,
    ("set", PREFS): mam.prefs,
    ("get", vcard.VCARD): vcard.get,
    ("set", vcard.VCARD): vcard.put,
    ("get", register.QUERY): register.get,
    ("set", register.QUERY): register.put,
    ("set", commands.COMMAND): commands.execute,
    ("set", moderate.MODERATE): moderate.moderate,
    ("set", moderate.APPLY_TO): moderate.moderate_as_before,
}

TO_ROOMS_ONLY = {
    admin.QUERY,
    owner.QUERY,
    MAM,
    METADATA,
    moderate.MODERATE,
    moderate.APPLY_TO,
    register.QUERY,
}
"""Payloads that say by themselves that a room is meant, known or not."""

NO_GATEWAYS = TO_ROOMS_ONLY - {register.QUERY}
"""Of these, what makes no sense to the gateway itself, with which one registers, too."""

BEFORE_JOINING = {INFO, ITEMS, vcard.VCARD}
"""What clients ask about a room before they join it: where joining registers, so does this."""

IN_ORDER = {
    ("set", admin.QUERY),
    ("set", owner.QUERY),
    ("set", moderate.MODERATE),
    ("set", moderate.APPLY_TO),
    ("set", register.QUERY),
    ("set", commands.COMMAND),
}
"""IQs that act on the room, and so wait for what the same user did before."""

AT_ONCE = {ping.ping, disco.info, disco.items, vcard.get}
"""Handlers that do not ask who is in the group, nor wait until that is known. They are what an
occupant can be asked, too."""
