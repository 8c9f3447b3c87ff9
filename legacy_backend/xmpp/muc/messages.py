"""What a message from a room is, and which signals tell of it (XEP-0045 §7.2.13, §7.4, §8.1)."""

from __future__ import annotations

from collections.abc import Iterator

from slixmpp import Message

from legacy_backend.xmpp.muc.about import About
from legacy_backend.xmpp.muc.codes import CONFIG_CODES
from legacy_backend.xmpp.muc.language import LanguageMap
from legacy_backend.xmpp.muc.names import DELAY, qualified
from legacy_backend.xmpp.muc.occupant import Member, Occupant, ServiceMember, occupant_id_of
from legacy_backend.xmpp.muc.states import MessageSource, RoomState
from legacy_backend.xmpp.muc.view import Happening, View, happening
from legacy_backend.xmpp.muc.xso import UserExt

_SUBJECT = "{jabber:client}subject"
_BODY = "{jabber:client}body"
_THREAD = "{jabber:client}thread"


def take(view: View, service: ServiceMember, message: Message) -> Iterator[Happening]:
    """Bring `view` up to date with a message of type groupchat.

    Carbon copies of such messages do not exist, so what claims to be one never comes here: it is
    not from the room.
    """
    if is_subject(message):
        yield from _topic(view, message)
        return
    source = source_of(view, message)
    if source is MessageSource.STREAM:
        yield from view.end_history()
    ext = UserExt.of(message)
    codes = CONFIG_CODES & (ext.status_codes if ext is not None else frozenset())
    if codes and not message["from"].resource:
        yield happening("on_muc_config_changed", muc_status_codes=codes)
        if message.xml.find(_BODY) is None:
            return
    said = About.of(message.xml, view.jid)
    member = member_of(view, service, message, source)
    yield happening("on_message", message, member, source, about=said)


def is_subject(message: Message) -> bool:
    """A subject alone sets the subject; beside a body it is a headline (§8.1)."""
    xml = message.xml
    return xml.find(_SUBJECT) is not None and xml.find(_BODY) is None and xml.find(_THREAD) is None


def source_of(view: View, message: Message) -> MessageSource:
    """Whether this was said before we came.

    A delay alone does not say so: a link that was down delays what is said now. The room's does,
    at any time; somebody else's only where a replay is to be expected.
    """
    for delay in message.xml.iterfind(qualified(DELAY, "delay")):
        if delay.get("from") == view.jid.bare or view.state is RoomState.HISTORY:
            return MessageSource.HISTORY
    return MessageSource.STREAM


def member_of(
    view: View, service: ServiceMember, message: Message, source: MessageSource
) -> Member:
    """Who said it.

    What is replayed was said under a nickname that somebody else may have now. So an occupant is
    taken for its author only if the real address is the same too; otherwise the author is an
    object of their own, which is in no list.
    """
    nick = message["from"].resource
    if not nick:
        return service
    known = view.occupants.get(nick)
    said = UserExt.of(message) or UserExt()
    if known is not None and source is MessageSource.STREAM:
        return known
    by = said.item.jid
    real = None if known is None else known.direct_jid
    if known is not None and real is not None and by is not None and by.bare == real.bare:
        return known
    return Occupant(message["from"], False, jid=by, occupant_id=occupant_id_of(message))


def _topic(view: View, message: Message) -> Iterator[Happening]:
    texts = LanguageMap.of(message.xml, _SUBJECT)
    setter = message["from"].resource or None
    was_joining = view.state is RoomState.HISTORY
    view.subject, view.subject_setter = texts, setter
    if any(texts.values()) or not was_joining:
        member = view.occupants.get(setter) if setter else None
        yield happening("on_topic_changed", member, texts, muc_nick=setter)
    yield from view.end_history()
