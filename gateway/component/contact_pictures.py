"""Pictures of contacts, as those who have them in their rosters ask for them (XEP-0084)."""

from __future__ import annotations

from slidge.contact import LegacyContact
from slidge.core.pubsub import PepAvatar, PubSubComponent
from slixmpp import Iq, Presence


def show_contact_pictures(service: PubSubComponent) -> None:
    """Have slidge's service for pictures look contacts up.

    COMPAT: slidge 0.4.2 reads the picture of a contact whom the database may have let go of,
    which fails; `LegacyContact.get_avatar` sees to that.
    """
    of_gateway = service._get_authorized_avatar

    async def picture(stanza: Iq | Presence, contact: LegacyContact | None = None) -> PepAvatar:
        if stanza.get_to() == service.xmpp.boundjid.bare:
            return await of_gateway(stanza)
        if contact is None:
            session = service.xmpp.get_session_from_stanza(stanza)
            contact = await session.contacts.by_jid(stanza.get_to())
        return contact.get_avatar() or PepAvatar()

    service._get_authorized_avatar = picture  # type: ignore[method-assign]
