"""What passes between an account and single people, in rooms and outside; and its bookmarks, of
which it hears by the same stanzas."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from slixmpp import JID, Message

from legacy_backend.events import DirectMessagePosted, PrivateMessagePosted
from legacy_backend.terms import Affiliation, GroupId, LegacyError, MemberId, MessageId
from legacy_backend.values import Member, Picture
from legacy_backend.values import Message as Said
from legacy_backend.xmpp.group import RemoteGroup
from legacy_backend.xmpp.groups import Groups
from legacy_backend.xmpp.muc import xso
from legacy_backend.xmpp.pictures import picture_of
from legacy_backend.xmpp.puppet import Puppet
from legacy_backend.xmpp.told import time_of
from legacy_backend.xmpp.who import address_of


class People:
    """Of one puppet; `hear` is told what comes."""

    def __init__(self, puppet: Puppet, groups: Groups) -> None:
        self._puppet = puppet
        self._groups = groups

    async def person(self, member: MemberId) -> Member:
        """With their picture, if some room that they are in tells that they have one.

        Raises LegacyError "item-not-found" for those of whom nothing is known just now.
        """
        for remote in self._groups:
            if remote.is_in and (nick := remote.who.nick(member)) is not None:
                picture = await self._picture(remote, nick)
                none = Affiliation.NONE
                return Member(id=member, name=nick, affiliation=none, picture=picture)
        jid = address_of(member)
        if jid is None:
            raise LegacyError("item-not-found", "They are in none of your rooms just now.")
        name = jid.local or jid.domain
        return Member(id=member, name=name, affiliation=Affiliation.NONE, present=False)

    async def _picture(self, remote: RemoteGroup, nick: str) -> Picture | None:
        occupant = None if remote.room is None else remote.room.occupant(nick)
        if occupant is None or not occupant.photo:
            return None
        return await picture_of(self._puppet.client.wire, occupant.conversation_jid)

    def address(self, member: MemberId) -> JID:
        """The real address of somebody.

        Raises LegacyError: "item-not-found" if it is not known, "not-acceptable" for addresses of
        the gateway.
        """
        jid = address_of(member)
        for remote in self._groups:
            if jid is None and remote.is_in and remote.who.nick(member) is not None:
                jid = remote.occupant(member).direct_jid
        if jid is None:
            raise LegacyError("item-not-found", "Their real address is not known.")
        if self._puppet.loops.is_gateway(jid.domain):
            raise LegacyError("not-acceptable", "That would lead back to this very gateway.")
        return JID(jid.bare)

    def write(self, to: JID, stanza: Message) -> MessageId:
        """Send something to one person. Whether it arrives, XMPP does not tell."""
        wire = self._puppet.client.wire
        if not wire.online:
            raise LegacyError("remote-server-timeout", "You are not connected there just now.")
        stanza["type"] = "chat"
        wire.address(stanza, to)
        wire.send(stanza)
        return MessageId(str(stanza["id"]))

    def hear(self, message: Message) -> None:
        """Pass on what somebody wrote to the user, and what another client has bookmarked."""
        for bookmark in self._puppet.bookmarks.hear(message):
            self._puppet.start(self._groups.follow(bookmark))
        body = str(message["body"])
        kind = message.xml.get("type", "normal")
        is_ours = xso.DirectInvite.of(message) is not None or xso.UserExt.of(message) is not None
        sender = message["from"]
        remote = self._groups.known(GroupId(sender.bare))
        if not body or kind not in ("chat", "normal") or (remote is None and is_ours):
            return
        at = time_of(message.xml) or datetime.now(UTC)
        id = MessageId(str(message["id"]) or uuid.uuid4().hex)
        user = self._puppet.user
        if remote is not None and sender.resource:
            author = remote.who.named(sender.resource)
            said = Said(id=id, author=author, author_name=sender.resource, at=at, body=body)
            self._puppet.put(PrivateMessagePosted(to=user, group=remote.id, message=said))
        elif remote is None and sender.local and not self._puppet.loops.is_gateway(sender.domain):
            said = Said(
                id=id, author=MemberId(sender.bare), author_name=sender.local, at=at, body=body
            )
            self._puppet.put(DirectMessagePosted(to=user, message=said))
