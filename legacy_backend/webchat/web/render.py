"""Values and events as JSON. `who` shows the id of a person: see `veil`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from urllib.parse import quote

from legacy_backend.events import (
    ChatStateChanged,
    Event,
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
    Reacted,
    ReadUpTo,
    SubjectChanged,
    VoiceRequested,
)
from legacy_backend.terms import MemberId
from legacy_backend.values import Group, Listed, Member, Message, Subject
from legacy_backend.webchat.happenings import InvitationGone, Whispered
from legacy_backend.webchat.store.groups import ROLES
from legacy_backend.webchat.web.veil import Veil

Json = dict[str, Any]


def time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _maybe(who: Veil, id: MemberId | None) -> str | None:
    return None if id is None else who(id)


def member(one: Member, who: Veil) -> Json:
    return {
        "id": who(one.id),
        "name": one.name,
        "affiliation": one.affiliation.word,
        "role": None if one.role is None else one.role.word,
        "present": one.present,
        "online": one.show == "",
        "xmpp": one.user is not None,
        "badges": [hat.title for hat in one.hats],
    }


def message(one: Message, who: Veil) -> Json:
    reply = one.reply_to
    return {
        "id": one.id,
        "author": _maybe(who, one.author),
        "author_name": one.author_name,
        "at": time(one.at),
        "body": one.body,
        "attachments": [asdict(file) for file in one.attachments],
        "thread": one.thread,
        "origin": one.origin,
        "reply_to": reply
        and {
            "id": reply.id,
            "author": _maybe(who, reply.author),
            "author_name": reply.author_name,
            "body": reply.body,
        },
    }


def subject(one: Subject | None, who: Veil) -> Json | None:
    if one is None:
        return None
    by = _maybe(who, one.by)
    return {"text": one.text, "by": by, "by_name": one.by_name, "at": time(one.at)}


def group(one: Group, who: Veil) -> Json:
    """Everything but the password: whether there is one is enough."""
    config = asdict(one.config)
    config["password"] = bool(one.config.password)
    for name in ROLES:
        config[name] = [role.word for role in sorted(config[name])]
    picture = None
    if one.picture is not None:
        picture = f"/pictures/{quote(one.id, safe='')}/{one.picture.id}.png"
    return {
        "id": one.id,
        "kind": one.kind.value,
        "config": config,
        "subject": subject(one.subject, who),
        "member_count": one.member_count,
        "picture": picture,
        "log": f"/logs/{quote(one.id, safe='')}" if one.config.public_log else None,
    }


def listed(one: Listed) -> Json:
    return asdict(one) | {"kind": one.kind.value}


def whispered(one: Whispered, who: Veil) -> Json:
    return {
        "group": one.group,
        "recipient": who(one.recipient),
        "recipient_name": one.recipient_name,
        "message": message(one.message, who),
    }


def event(one: Event, who: Veil) -> Json | None:
    """None for what browsers are not told."""
    told = _told(one, who)
    if told is None:
        return None
    name, fields = told
    return {"event": name, "group": getattr(one, "group", None), **fields}


def _told(one: Event, who: Veil) -> tuple[str, Mapping[str, Any]] | None:
    match one:
        case MessagePosted():
            return "message-posted", {"message": message(one.message, who)}
        case MessageEdited():
            edited = {"message": message(one.message, who), "edited_at": time(one.edited_at)}
            return "message-edited", edited
        case MessageRetracted():
            by = {"by": _maybe(who, one.by), "by_author": one.by_author, "reason": one.reason}
            return "message-retracted", {"id": one.id, **by}
        case Reacted():
            return "reacted", {"id": one.id, "by": who(one.by), "emojis": one.emojis}
        case ReadUpTo():
            return "read-up-to", {"id": one.id, "by": who(one.by)}
        case ChatStateChanged():
            return "chat-state", {"by": who(one.by), "state": one.state}
        case MemberJoined():
            return "member-joined", {"member": member(one.member, who)}
        case MemberLeft():
            how = {"how": one.how.value, "by": _maybe(who, one.by), "reason": one.reason}
            return "member-left", {"id": who(one.id), **how}
        case MemberChanged():
            by = {"by": _maybe(who, one.by), "reason": one.reason}
            return "member-changed", {"member": member(one.member, who), **by}
        case VoiceRequested():
            return "voice-requested", {"by": who(one.by)}
        case MembershipRequested():
            return "membership-requested", {"member": member(one.member, who)}
        case GroupAdded():
            return "group-added", {"info": group(one.info, who)}
        case GroupChanged():
            return "group-changed", {"info": group(one.info, who), "by": _maybe(who, one.by)}
        case SubjectChanged():
            return "subject-changed", {"subject": subject(one.subject, who)}
        case GroupDestroyed():
            return "group-destroyed", {"reason": one.reason}
        case Invited():
            by = {"by": _maybe(who, one.by), "by_name": one.by_name, "reason": one.reason}
            return "invited", {"info": group(one.info, who), **by}
        case InvitationDeclined():
            return "invitation-declined", {"by": who(one.by), "reason": one.reason}
        case InvitationGone():
            return "invitation-gone", {}
        case Whispered():
            return "whispered", whispered(one, who)
        case _:
            return None
