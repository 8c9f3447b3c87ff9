"""A client of multi-user chat rooms (XEP-0045), on slixmpp; see `docs/muc-client.md`.

Names follow `aioxmpp.muc`. It works on the stream of an account or of a component, there for any
number of own addresses beside each other.
"""

from legacy_backend.xmpp.muc import xso
from legacy_backend.xmpp.muc.about import About, Moderated, Reactions, Replace, Reply, Retract
from legacy_backend.xmpp.muc.admin import Found, RoomInfo
from legacy_backend.xmpp.muc.codes import StatusCode
from legacy_backend.xmpp.muc.data import Data, Field
from legacy_backend.xmpp.muc.forms import ConfigurationForm, InfoForm, VoiceRequestForm
from legacy_backend.xmpp.muc.language import LanguageMap
from legacy_backend.xmpp.muc.occupant import Occupant, ServiceMember
from legacy_backend.xmpp.muc.room import Room
from legacy_backend.xmpp.muc.service import MUCClient, Service
from legacy_backend.xmpp.muc.signals import Signal
from legacy_backend.xmpp.muc.states import (
    ConversationFeature,
    InviteMode,
    LeaveMode,
    MessageSource,
    PresenceState,
    RoomState,
)
from legacy_backend.xmpp.muc.tracking import MessageState, MessageTracker
from legacy_backend.xmpp.muc.xso import History

__all__ = [
    "About",
    "ConfigurationForm",
    "ConversationFeature",
    "Data",
    "Field",
    "Found",
    "History",
    "InfoForm",
    "InviteMode",
    "LanguageMap",
    "LeaveMode",
    "MUCClient",
    "MessageSource",
    "MessageState",
    "MessageTracker",
    "Moderated",
    "Occupant",
    "PresenceState",
    "Reactions",
    "Replace",
    "Reply",
    "Retract",
    "Room",
    "RoomInfo",
    "RoomState",
    "Service",
    "ServiceMember",
    "Signal",
    "StatusCode",
    "VoiceRequestForm",
    "xso",
]
