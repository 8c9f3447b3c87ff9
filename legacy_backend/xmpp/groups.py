"""The groups of one account: the rooms that it has bookmarked to be joined, and those it meets."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from slixmpp import JID, Message
from slixmpp.exceptions import XMPPError

from legacy_backend.events import GroupAdded, InvitationDeclined, Invited
from legacy_backend.terms import GroupId, LegacyError, MemberId
from legacy_backend.values import Group
from legacy_backend.xmpp.bookmarks import Bookmark
from legacy_backend.xmpp.group import RemoteGroup
from legacy_backend.xmpp.muc import InviteMode
from legacy_backend.xmpp.muc.names import address
from legacy_backend.xmpp.puppet import Puppet
from legacy_backend.xmpp.refusals import refusals

log = logging.getLogger(__name__)

GROUPS_SECONDS = 60.0
"""How long a login waits for rooms that it joins; those that take longer follow."""

AGAIN_SECONDS = 30.0
"""Before a bookmarked room that could not be joined for now is tried again."""


MOST_MET = 1000
"""Rooms that somebody has asked about without being in them, of which anything is remembered."""


class Groups:
    """`nick` is what the account is called in rooms whose bookmarks say nothing else."""

    def __init__(self, puppet: Puppet, nick: str) -> None:
        self._puppet = puppet
        self._nick = nick
        self._known: dict[GroupId, RemoteGroup] = {}
        self._enough = MOST_MET
        """How many are known when it is next looked which of them are of no use any more."""
        puppet.client.on_muc_invitation.connect(self._invited)
        puppet.client.on_muc_invitation_declined.connect(self._declined)

    def __iter__(self) -> Iterator[RemoteGroup]:
        return iter(tuple(self._known.values()))

    def known(self, group: GroupId) -> RemoteGroup | None:
        return self._known.get(group)

    def get(self, group: GroupId) -> RemoteGroup:
        """A group by the address of its room, met before or not.

        Raises LegacyError "item-not-found" for what is no address of a room.
        """
        found = self._known.get(group)
        if found is None:
            jid = address(group)
            if jid is None or not jid.local or jid.resource or str(jid) != group:
                raise LegacyError(
                    "item-not-found", f"{group} is no address of a room: try room@rooms.example."
                )
            kept = self._puppet.bookmarks.get(jid) or Bookmark(jid=jid)
            found = RemoteGroup(self._puppet, jid, kept.nick or self._nick, kept.password)
            self._known[group] = found
            self._forget_some()
        return found

    def _forget_some(self) -> None:
        """Whoever looks for rooms by guessing is not to fill the memory."""
        if len(self._known) <= self._enough:
            return
        idle = [id for id, remote in self._known.items() if remote.is_idle]
        for id in idle[: -MOST_MET // 2]:
            del self._known[id]
        self._enough = len(self._known) + MOST_MET

    def drop(self, group: GroupId) -> None:
        self._known.pop(group, None)

    async def enter_all(self) -> Sequence[Group]:
        """Join every room that is bookmarked to be joined; what each is, of those that let us in.

        Rooms that cannot be reached just now become groups later. Raises LegacyError if the
        account's server does not answer.
        """
        with refusals():
            await self._puppet.bookmarks.load()
        wanted = [one for one in self._puppet.bookmarks if one.autojoin]
        joins = [asyncio.ensure_future(self._enter(one)) for one in wanted]
        if joins:
            await asyncio.wait(joins, timeout=GROUPS_SECONDS)
        found = []
        for bookmark, joined in zip(wanted, joins, strict=True):
            if not joined.done():
                joined.cancel()
                self._puppet.start(self._later(bookmark))
            elif (error := joined.exception()) is None:
                found.append(joined.result())
            else:
                self._missing(bookmark, error)
        return found

    async def follow(self, bookmark: Bookmark) -> None:
        """Another client has changed a bookmark: be in the room, or not."""
        known = self._known.get(GroupId(bookmark.jid.bare))
        is_in = known is not None and known.is_in
        if known is not None and is_in and not bookmark.autojoin:
            await known.leave()
        elif bookmark.autojoin and not is_in:
            try:
                self._tell(await self._enter(bookmark))
            except LegacyError as no:
                self._missing(bookmark, no)

    async def bookmark(self, remote: RemoteGroup, *, name: str = "") -> None:
        """Have every client of the account join a room; failing that, this one does."""
        kept = self._puppet.bookmarks.get(remote.jid) or Bookmark(jid=remote.jid, name=name)
        nick = remote.nick if remote.nick != self._nick else kept.nick
        now = replace(kept, autojoin=True, nick=nick, password=remote.password)
        try:
            await self._puppet.bookmarks.put(now)
        except XMPPError as no:
            log.warning("%s cannot be bookmarked: %s", remote.jid, no.text or no.condition)

    # inside

    async def _enter(self, bookmark: Bookmark) -> Group:
        remote = self.get(GroupId(bookmark.jid.bare))
        await self._puppet.loops.check(self._puppet.client.wire, remote.jid)
        await remote.look()
        await remote.enter()
        return await remote.describe()

    def _missing(self, bookmark: Bookmark, error: BaseException) -> None:
        log.info("%s: %s cannot be joined: %s", self._puppet.user, bookmark.jid, error)
        if isinstance(error, LegacyError) and error.condition == "remote-server-timeout":
            self._puppet.start(self._later(bookmark))

    async def _later(self, bookmark: Bookmark) -> None:
        await asyncio.sleep(AGAIN_SECONDS)
        await self.follow(bookmark)

    def _tell(self, group: Group) -> None:
        self._puppet.put(GroupAdded(to=self._puppet.user, group=group.id, info=group))

    # Invitations

    def _invited(
        self,
        _: Message,
        room: JID,
        inviter: JID | None,
        __: InviteMode,
        *,
        password: str | None = None,
        reason: str | None = None,
        **___: Any,
    ) -> None:
        self._puppet.start(self._pass_on(room, inviter, password or "", reason or ""))

    async def _pass_on(self, room: JID, inviter: JID | None, password: str, reason: str) -> None:
        try:
            remote = self.get(GroupId(room.bare))
            await self._puppet.loops.check(self._puppet.client.wire, room)
            group = await remote.describe()
        except LegacyError as no:
            log.info("%s: an invitation to %s is let go: %s", self._puppet.user, room, no)
            return
        remote.password = password or remote.password
        by, name = None, ""
        if inviter is not None and inviter.bare == room.bare:
            by, name = remote.who.named(inviter.resource), inviter.resource
        elif inviter is not None:
            by, name = MemberId(inviter.bare), inviter.local or inviter.domain
        user = self._puppet.user
        self._puppet.put(
            Invited(to=user, group=remote.id, info=group, by=by, by_name=name, reason=reason)
        )

    def _declined(
        self, _: Message, room: JID, decliner: JID | None, *, reason: str | None = None, **__: Any
    ) -> None:
        if decliner is not None:
            by, group = MemberId(decliner.bare), GroupId(room.bare)
            self._puppet.put(
                InvitationDeclined(to=self._puppet.user, group=group, by=by, reason=reason or "")
            )
