"""Making a room by joining it; it is locked until its maker has configured it (XEP-0045 §10.1)."""

from __future__ import annotations

import logging
from typing import Any
from xml.etree import ElementTree as ET

from slixmpp.exceptions import XMPPError

from gateway.errors import Refused
from gateway.group.muc import LegacyMUC
from gateway.muc.call import Call
from gateway.muc.destroy import DESTROY, destroy
from legacy_backend.terms import Affiliation

log = logging.getLogger(__name__)


async def create(session: Any, localpart: str, *, allowed: bool) -> LegacyMUC[Any]:
    """Have the network make a group for an address at which there is none.

    Raises Refused "not-allowed" if nobody may (§10.1.1), XMPPError "item-not-found" if the network
    has no groups of users' own making, or has one of that name of which the user may not know.
    """
    if not allowed:
        raise Refused("not-allowed", "There is no such room, and rooms are not made here.")
    try:
        group = await session.bookmarks.on_create(localpart)
    except XMPPError as no:
        if no.condition != "conflict":
            raise
        # to a joining client a conflict is one of nicknames
        raise Refused("item-not-found", "There is no such room, and its name is taken.") from no
    muc: LegacyMUC[Any] = await session.bookmarks.by_legacy_id(group)
    await muc.ensure_people()
    me = muc.me()
    muc.room.locked = me is not None and me.affiliation is Affiliation.OWNER
    muc.live.keeping.changed()
    return muc


def there_for(call: Call) -> None:
    """Check that a room is there for the sender.

    Raises Refused "item-not-found" for all but the owner of one that is not configured yet.
    """
    if not call.room.locked:
        return
    person = call.room.person_of(call.user)
    if person is None or person.affiliation < Affiliation.OWNER:
        raise Refused("item-not-found", "This room is not set up yet.")


async def forsaken(call: Call) -> None:
    """The sender has gone: a room that they have made and not configured goes too (§10.1.3).

    If that cannot be, or others are in the group by now, it is opened as it is.
    """
    room = call.room
    if not room.locked or room.seats:
        return
    if not any(room.occupants()):
        try:
            await destroy(call, ET.Element(DESTROY))
        except (Refused, XMPPError) as no:
            log.warning("%s, which nobody configured, stays: %s", room.jid, no)
        else:
            return
    room.locked = False
    call.live.keeping.changed()
