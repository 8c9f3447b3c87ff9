"""What each event of the network does to a room."""

from __future__ import annotations

import asyncio
import logging
import uuid
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from slixmpp import JID
from slixmpp.exceptions import XMPPError

from gateway.bridge.speech import edit_of, entry_of
from gateway.group.applicants import applies
from gateway.group.live import Post
from gateway.group.posting import LATE
from gateway.group.rooms import SHARED
from gateway.render.approval import voice_request
from gateway.render.invitation import declined, invitation, whisper
from gateway.render.xml import Splice, delay
from gateway.room.nick import carried
from gateway.room.removal import remove
from gateway.room.state import Occupant
from legacy_backend import (
    Affiliation,
    Group,
    GroupEvent,
    GroupId,
    LegacyError,
    Member,
    MemberId,
    Role,
    UserId,
)
from legacy_backend.events import (
    ChatStateChanged,
    Departure,
    DirectMessagePosted,
    GroupAdded,
    GroupChanged,
    GroupDestroyed,
    InvitationDeclined,
    Invited,
    MemberChanged,
    MemberJoined,
    MemberLeft,
    MembershipRequested,
    MessageEdited,
    MessagePosted,
    MessageRetracted,
    PrivateMessagePosted,
    Reacted,
    ReadUpTo,
    SubjectChanged,
    SubscriptionAnswered,
    VoiceRequested,
)

if TYPE_CHECKING:
    from gateway.archive import NewEntry
    from gateway.bridge.events import Events
    from gateway.bridge.muc import BridgeMUC
    from gateway.bridge.session import BridgeSession

log = logging.getLogger(__name__)

CODES = {
    Departure.LEFT: (),
    Departure.KICKED: (307,),
    Departure.BANNED: (301,),
    Departure.REMOVED: (321,),
}
BACKLOG = 500
"""Messages of one room that may wait for the archive before its events do too."""

CATCH_UP_SECONDS = 30.0
"""How long the events of a room wait while what it missed is read; then they go first."""


async def happen(muc: BridgeMUC, event: GroupEvent) -> None:
    """Show an event of a group in its room, after what was missed before it."""
    await _caught_up(muc)
    match event:
        case MessagePosted():
            await _post(muc, entry_of(muc, event.message), event.message.author)
        case MessageEdited():
            what = ("edit", event.message.id)
            if not muc.live.expected.told(what, event.message.body):
                edit = edit_of(muc, event.message, event.edit_id)
                at = event.edited_at or muc.live.host.now()
                await _post(muc, replace(edit, at=at), None)
        case MessageRetracted():
            _retracted(muc, event)
        case Reacted():
            if (person := muc.room.people.get(event.by)) is not None:
                handle = muc.handle_of(person)
                handle.react(event.id, event.emojis, change_id=event.change_id)
        case ReadUpTo():
            _read(muc, event)
        case ChatStateChanged():
            _typing(muc, event)
        case PrivateMessagePosted():
            _whispered(muc, event)
        case MemberJoined() | MemberChanged():
            muc.live.changing.tell(event.member.id, partial(_member, muc, event))
        case MemberLeft():
            muc.live.changing.tell(event.id, partial(_left, muc, event))
        case VoiceRequested():
            _voice_asked(muc, event)
        case MembershipRequested():
            _applied(muc, event)
        case GroupChanged():
            muc.take(event.info)
        case SubjectChanged():
            muc.take_subject(event.subject)
        case GroupDestroyed():
            muc.show_destroyed(event.reason, _address(muc, event.alternate))
        case InvitationDeclined():
            _declined(muc, event)


def _address(muc: BridgeMUC, group: GroupId | None) -> str:
    live = muc.session.xmpp.rooms.of(muc.room.owner or SHARED, group) if group else None
    return live.room.jid if live is not None else ""


async def _caught_up(muc: BridgeMUC) -> None:
    """Let the room hear first what it missed, so that it hears everything in its order."""
    if await muc.awaits_history():
        await muc.ensure_history(CATCH_UP_SECONDS)


# Messages


async def _post(muc: BridgeMUC, entry: NewEntry, author: MemberId | None) -> None:
    """Archive and show a message; waits where the archive is far behind."""
    live = muc.live
    person = live.room.people.get(author) if author is not None else None
    if person is not None and person.user is None and not person.here:
        muc.handle_of(person).appear()
    own = author if person is not None and person.user is not None else None
    late = live.host.now() - entry.at > LATE
    done = live.post(Post(entry, delay(live.room.jid, entry.at) if late else "", own))
    if live.waiting > BACKLOG:
        await asyncio.wait({done})


def _retracted(muc: BridgeMUC, event: MessageRetracted) -> None:
    person = muc.room.people.get(event.by) if event.by is not None else None
    if event.by_author and person is not None:
        muc.handle_of(person).retract(event.id, change_id=event.change_id)
        return
    by = muc.handle_of(person) if person is not None else muc.get_system_participant()
    by.moderate(event.id, event.reason or None, event.change_id)


def _typing(muc: BridgeMUC, event: ChatStateChanged) -> None:
    person = muc.room.people.get(event.by)
    if person is None or not person.here or person.seats:
        return  # who types in an XMPP client was shown by the room itself
    muc.handle_of(person)._chat_state(event.state, forced=True)


def _read(muc: BridgeMUC, event: ReadUpTo) -> None:
    """Show who has read; by their own handle, if that is a user, whose clients learn of it."""
    person = muc.room.people.get(event.by)
    if person is None:
        return
    session = muc.session.xmpp.get_session_from_jid(JID(person.user)) if person.user else None
    own = None if session is None else session.bookmarks.known(muc.legacy_id)
    (own or muc).handle_of(person).displayed(event.id)


def _whispered(muc: BridgeMUC, event: PrivateMessagePosted) -> None:
    message = event.message
    person = muc.room.people.get(message.author) if message.author is not None else None
    nick = person.nick if person is not None else carried(message.author_name) or "someone"
    for seat in tuple(muc.room.seats.values()):
        if seat.user == event.to:
            stanza = whisper(muc.room.jid, nick, seat.jid, message.body, uuid.uuid4().hex)
            muc.live.send(seat.jid, stanza.encode())


async def written_to(events: Events, event: DirectMessagePosted) -> None:
    """Pass on what somebody writes to a user outside of groups, as from a contact."""
    session = events.session(event.to)
    author = event.message.author
    if session is None or not session.logged or author is None:
        return
    contact = await session.contacts.by_legacy_id(author)
    contact.send_text(event.message.body, event.message.id, when=event.message.at)


async def answered(events: Events, event: SubscriptionAnswered) -> None:
    """Somebody has decided whether a user may see their presence."""
    session = events.session(event.to)
    if session is None or not session.logged:
        return
    contact = await session.contacts.by_legacy_id(event.by)
    if event.allowed:
        await contact.accept_friend_request()
    else:
        contact.reject_friend_request()


# Members


def _member(muc: BridgeMUC, event: MemberJoined | MemberChanged) -> None:
    actor, reason = "", ""
    if isinstance(event, MemberChanged):
        actor, reason = _nick(muc, event.by), event.reason
    muc.see(muc.person(_up_to_date(muc, event.member)), actor=actor, reason=reason)
    muc.session.xmpp.show_person(event.member, event.to)


def _up_to_date(muc: BridgeMUC, member: Member) -> Member:
    """Somebody as the network tells of them, under the name that it has given them since."""
    what = ("nick", member.id)
    name = muc.live.expected.awaited(what)
    if name is None:
        return member
    if name == member.name:
        muc.live.expected.told(what, name)
        return member
    return replace(member, name=name)


def _left(muc: BridgeMUC, event: MemberLeft) -> None:
    target = muc.room.people.get(event.id)
    if target is None:
        return
    banned = event.how is Departure.BANNED
    muc.live.show(
        remove(
            muc.room,
            target,
            codes=CODES[event.how],
            actor=_nick(muc, event.by),
            reason=event.reason,
            affiliation=Affiliation.OUTCAST if banned else Affiliation.NONE,
            forget=not banned,
        )
    )


def _nick(muc: BridgeMUC, member: MemberId | None) -> str:
    person = muc.room.people.get(member) if member is not None else None
    return person.nick if person is not None else ""


def _voice_asked(muc: BridgeMUC, event: VoiceRequested) -> None:
    asking = muc.room.people.get(event.by)
    if asking is None:
        return
    for seat in tuple(muc.room.seats.values()):
        if muc.room.role(seat.occupant) is Role.MODERATOR:
            with_jid = muc.room.sees_jids(seat.occupant)
            form = Splice.of(voice_request(muc.room.jid, asking, with_jid=with_jid))
            muc.live.send(seat.jid, form.to(seat.jid))


def _applied(muc: BridgeMUC, event: MembershipRequested) -> None:
    member = event.member
    address = member.user or muc.jid_of(member.id)
    applies(muc.live, member.id, member.name, address)


# Coming in, for users of the gateway


async def added(events: Events, event: GroupAdded) -> None:
    """A group has users of the gateway in it now: have it open for them."""
    if event.to is None:
        sessions = [s for s in events.gateway.sessions() if s.logged]
    else:
        session = events.session(event.to)
        sessions = [session] if session is not None and session.logged else []
    for session in sessions:
        try:
            if event.to is not None or await _is_in(session, event.group):
                await _open(session, event.info)
        except (LegacyError, XMPPError) as no:
            log.warning("%s cannot have %s: %s", session.user_jid, event.group, no.text)


async def _is_in(session: BridgeSession, group: GroupId) -> bool:
    if group in {muc.legacy_id for muc in session.bookmarks}:
        return True
    return any(one.id == group for one in await session.account.groups())


async def _open(session: BridgeSession, group: Group) -> None:
    bookmarks: Any = session.bookmarks
    muc = await bookmarks.described(group)
    await muc.ensure_people()
    session.create_task(muc.ensure_history(None))


async def user_joined(events: Events, event: MemberJoined) -> None:
    """A user of the gateway is a member now, by their own doing or by somebody else's."""
    user = event.member.user
    assert user is not None
    if events.shared or event.to in (None, user):
        await _welcome(events, event.group, user)
    for muc in events.concerned(event):
        await happen(muc, event)


async def _welcome(events: Events, group: GroupId, user: UserId) -> None:
    """Have a group open for a user who is new in it, and ask them in unless they came by
    themselves."""
    session = events.session(user)
    if session is None or not session.logged:
        return
    live = events.gateway.rooms.of(session.bookmarks.owner, group)
    own_doing = live is not None and (
        live.expected.told(("join", user)) or live.expected.told(("invite", user))
    )
    if own_doing or session.makes_groups > 0:
        return
    own = await session.bookmarks.by_legacy_id(group)
    await own.ensure_people()
    if not any(seat.user == user for seat in own.room.seats.values()):
        _invite(own, user, own.room.jid, "You are a member of this group now.")


async def invited(events: Events, event: Invited) -> None:
    """Pass an invitation on to a user (XEP-0045 §7.8.2)."""
    session = events.session(event.to)
    if session is None or event.to is None:
        return
    bookmarks = session.bookmarks
    wish = await bookmarks.legacy_id_to_jid_local_part(event.group)
    live = await bookmarks.rooms.obtain(bookmarks.owner, event.group, wish)
    if live.expected.told(("invite", event.to)):
        return  # a user's own invitation, which was passed on
    person = live.room.people.get(event.by) if event.by is not None else None
    inviter = f"{live.room.jid}/{person.nick}" if person is not None else live.room.jid
    stanza = invitation(live.room.jid, event.to, inviter, event.reason)
    live.host.outbox.write(stanza.encode())


def _invite(muc: Any, user: UserId, inviter: str, reason: str) -> None:
    stanza = invitation(muc.room.jid, user, inviter, reason)
    muc.live.host.outbox.write(stanza.encode())


def _declined(muc: BridgeMUC, event: InvitationDeclined) -> None:
    if event.to is None:
        return
    person: Occupant | None = muc.room.people.get(event.by)
    jid = (person.jid if person is not None else None) or muc.jid_of(event.by)
    stanza = declined(muc.room.jid, event.to, jid, event.reason)
    muc.live.host.outbox.write(stanza.encode())


def _bookmarks(muc: BridgeMUC) -> Any:
    return muc.session.bookmarks


async def forget(events: Events, event: MemberLeft | GroupDestroyed) -> None:
    """Close the handles of those who are no longer in a group."""
    rooms = events.gateway.rooms
    if isinstance(event, MemberLeft):
        for muc in events.handles(event.group):
            if _is_meant(events, event, muc) and muc.session.account_member == event.id:
                _bookmarks(muc).left(muc, event.id)
        return
    gone = [muc for muc in events.handles(event.group) if _is_meant(events, event, muc)]
    lives = [muc.live for muc in gone]
    owner = SHARED if events.shared else event.to
    if owner is not None and (live := rooms.of(owner, event.group)) is not None:
        lives.append(live)
    for muc in gone:
        _bookmarks(muc).drop(muc.legacy_id)
        muc.session.create_task(muc.remove_from_bookmarks())
    for live in dict.fromkeys(lives):
        await rooms.forget(live)


def _is_meant(events: Events, event: GroupEvent, muc: BridgeMUC) -> bool:
    return events.shared or event.to in (None, muc.session.user_id)
