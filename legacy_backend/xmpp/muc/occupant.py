"""Who is in a room, and the room itself where it speaks."""

from __future__ import annotations

import uuid

from slixmpp import JID, Presence
from slixmpp.xmlstream.stanzabase import StanzaBase

from legacy_backend.xmpp.muc.language import LanguageMap
from legacy_backend.xmpp.muc.looks import Hat, hats_of, photo_of
from legacy_backend.xmpp.muc.names import OCCUPANT_ID, child
from legacy_backend.xmpp.muc.states import PresenceState
from legacy_backend.xmpp.muc.xso import UserExt


class Occupant:
    """One occupant; the object stays the same through changes of name and standing.

    `affiliation` and `role` are None with services that do not tell them.
    """

    def __init__(
        self,
        occupantjid: JID,
        is_self: bool,
        presence_state: PresenceState = PresenceState(True),  # noqa: B008 - frozen
        presence_status: LanguageMap | None = None,
        affiliation: str | None = None,
        role: str | None = None,
        jid: JID | None = None,
        occupant_id: str | None = None,
        hats: tuple[Hat, ...] = (),
        photo: str = "",
    ) -> None:
        self.conversation_jid = occupantjid
        self.is_self = is_self
        self.presence_state = presence_state
        self.presence_status = LanguageMap() if presence_status is None else presence_status
        self.affiliation = affiliation
        self.role = role
        self.direct_jid = jid
        """The real address, None if we may not see it."""
        self.occupant_id = occupant_id
        """Stays the same over visits and names (XEP-0421); None if the service has none."""
        self.hats = hats
        self.photo = photo
        """The SHA-1 of their picture, "" if they tell of none."""
        self._random = uuid.uuid4().urn

    @property
    def nick(self) -> str:
        return str(self.conversation_jid.resource)

    @property
    def uid(self) -> str:
        """Opaque: two occupants with the same one are the same person.

        Made of the real address, else of the id that the room gives them (XEP-0421), else random.
        """
        if self.direct_jid is not None:
            return f"xmpp:{self.direct_jid.bare}"
        if self.occupant_id is not None:
            return f"occupant:{self.conversation_jid.bare}/{self.occupant_id}"
        return self._random

    @property
    def looks(self) -> tuple[object, ...]:
        """All that a presence tells but who they are and what they may do."""
        return self.presence_state, self.presence_status, self.hats, self.photo

    @classmethod
    def from_presence(cls, presence: Presence, ext: UserExt, is_self: bool) -> Occupant:
        return cls(
            presence["from"],
            is_self,
            PresenceState.of(presence),
            LanguageMap.of(presence.xml, "{jabber:client}status"),
            ext.item.affiliation,
            ext.item.role,
            ext.item.jid,
            occupant_id_of(presence),
            hats_of(presence.xml),
            photo_of(presence.xml),
        )

    def update(self, seen: Occupant) -> None:
        """Become as `seen`, but for the name and what it does not tell."""
        self.presence_state = seen.presence_state
        self.presence_status = seen.presence_status
        self.affiliation = seen.affiliation
        self.role = seen.role
        self.direct_jid = seen.direct_jid or self.direct_jid
        self.occupant_id = seen.occupant_id or self.occupant_id
        self.hats = seen.hats
        self.photo = seen.photo

    def __repr__(self) -> str:
        return f"<{self.conversation_jid} {self.affiliation}/{self.role} {self.direct_jid or ''}>"


class ServiceMember:
    """The room itself: who says what comes from its bare address."""

    nick: None = None
    presence_state = PresenceState(False)
    affiliation: None = None
    role: None = None
    is_self = False

    def __init__(self, muc_address: JID) -> None:
        self.conversation_jid = muc_address
        self.direct_jid = muc_address
        self.presence_status = LanguageMap()
        self.uid = f"xmpp:{muc_address}"


Member = Occupant | ServiceMember
"""Who can say something in a room."""


def occupant_id_of(stanza: StanzaBase) -> str | None:
    found = child(stanza.xml, OCCUPANT_ID, "occupant-id")
    return None if found is None else found.get("id") or None
