"""A network that does what a test tells it to: a real LegacyAccount, of which every call waits.

`network.obeys("send")` has calls of that kind agreed to at once; otherwise `is_asked` hands the
test the call, which `agrees` or `refuses`.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from conformance.client import PATIENCE
from legacy_backend import (
    Affiliation,
    Draft,
    Event,
    EventSink,
    Group,
    GroupConfig,
    GroupId,
    GroupKind,
    LegacyAccount,
    LegacyBackend,
    LegacyError,
    Member,
    MemberId,
    Message,
    MessageId,
    Picture,
    Role,
    UserId,
)
from legacy_backend.values import Hat, Listed

EPOCH = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)


@dataclass(slots=True)
class Asked:
    """A call that waits for its answer."""

    what: str
    args: tuple[Any, ...]
    answer: asyncio.Future[Any]
    draft: Any = None
    """What was to be sent, if that is what was asked."""

    def agrees(self, value: Any = None) -> None:
        self.answer.set_result(value)

    def refuses(self, condition: str, text: str = "") -> None:
        self.answer.set_exception(LegacyError(condition, text))


@dataclass
class FakeGroup:
    """A group of the network, as the test wants it."""

    group: Group
    members: dict[MemberId, Member] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)


class FakeAccount(LegacyAccount):
    CONFIG_FIELDS = frozenset(
        {"name", "description", "moderated", "members_only", "password", "public", "anonymous"}
    )
    network: ClassVar[FakeNetwork]

    async def groups(self) -> Sequence[Group]:
        return [
            g.group
            for g in self.network.groups.values()
            if self.member_id in g.members
            and g.members[self.member_id].affiliation is not Affiliation.OUTCAST
        ]

    def _known(self, group: GroupId) -> FakeGroup:
        found = self.network.groups.get(group)
        if found is None:
            raise LegacyError("item-not-found", "There is no such group.")
        return found

    async def group(self, group: GroupId) -> Group:
        return self._known(group).group

    async def members(self, group: GroupId) -> Sequence[Member]:
        return list(self._known(group).members.values())

    async def history(
        self,
        group: GroupId,
        *,
        after: tuple[MessageId, datetime] | None = None,
        before: tuple[MessageId, datetime] | None = None,
        limit: int = 100,
    ) -> Sequence[Message]:
        await self._ask("history", group)
        messages = self._known(group).messages
        ids = [message.id for message in messages]
        if after is not None:
            start = ids.index(after[0]) + 1 if after[0] in ids else len(ids)
            end = ids.index(before[0]) if before is not None and before[0] in ids else len(ids)
            return messages[start:end][:limit]
        end = ids.index(before[0]) if before is not None and before[0] in ids else len(ids)
        return messages[max(0, end - limit) : end]

    async def person(self, member: MemberId) -> Member:
        for group in self.network.groups.values():
            if member in group.members:
                return group.members[member]
        if member in self.network.strangers:
            return self.network.strangers[member]
        raise LegacyError("item-not-found", "Nobody is called that.")

    async def send(self, group: GroupId, draft: Draft) -> MessageId:
        id = await self._ask("send", group, draft.body, draft=draft)
        return MessageId(id or self.network.next_id())

    async def edit(self, group: GroupId, id: MessageId, draft: Draft) -> str:
        return str(await self._ask("edit", group, id, draft.body) or "")

    async def retract(self, group: GroupId, id: MessageId) -> None:
        await self._ask("retract", group, id)

    async def react(self, group: GroupId, id: MessageId, emojis: Sequence[str]) -> None:
        await self._ask("react", group, id, tuple(emojis))

    async def mark_read(self, group: GroupId, id: MessageId) -> None:
        await self._ask("mark_read", group, id)

    async def attend(self, group: GroupId, here: bool) -> None:
        await self._ask("attend", group, here)

    async def chat_state(self, group: GroupId, state: Any) -> None:
        await self._ask("chat_state", group, state)

    async def send_private(self, group: GroupId, to: MemberId, draft: Draft) -> MessageId:
        return MessageId(await self._ask("send_private", group, to, draft.body) or "p")

    async def request_voice(self, group: GroupId) -> None:
        await self._ask("request_voice", group)

    async def set_config(self, group: GroupId, changes: GroupConfig) -> None:
        told = {n: v for n in GroupConfig.__slots__ if (v := getattr(changes, n)) is not None}
        await self._ask("set_config", group, told)
        found = self._known(group)
        found.group = replace(found.group, config=replace(found.group.config, **told))

    async def set_subject(self, group: GroupId, text: str) -> None:
        await self._ask("set_subject", group, text)

    async def set_picture(self, group: GroupId, picture: Picture | None) -> None:
        await self._ask("set_picture", group, picture)

    async def kick(self, group: GroupId, member: MemberId, reason: str) -> None:
        await self._ask("kick", group, member, reason)

    async def set_affiliation(
        self, group: GroupId, member: MemberId, affiliation: Affiliation, reason: str
    ) -> None:
        await self._ask("set_affiliation", group, member, affiliation, reason)

    async def set_role(self, group: GroupId, member: MemberId, role: Role, reason: str) -> None:
        await self._ask("set_role", group, member, role, reason)

    async def moderate(self, group: GroupId, id: MessageId, reason: str) -> None:
        await self._ask("moderate", group, id, reason)

    async def invite(self, group: GroupId, invitee: MemberId, reason: str) -> None:
        await self._ask("invite", group, invitee, reason)

    async def decline(self, group: GroupId, inviter: MemberId | None, reason: str) -> None:
        await self._ask("decline", group, inviter, reason)

    async def change_nick(self, group: GroupId, nick: str) -> str:
        return str(await self._ask("change_nick", group, nick) or nick)

    async def rename_member(self, group: GroupId, member: MemberId, name: str) -> str:
        return str(await self._ask("rename_member", group, member, name) or name)

    async def hats(self, group: GroupId) -> Sequence[Hat]:
        return self.network.hats

    async def put_hat(self, group: GroupId, hat: Hat) -> None:
        await self._ask("put_hat", group, hat)

    async def remove_hat(self, group: GroupId, uri: str) -> None:
        await self._ask("remove_hat", group, uri)

    async def give_hat(self, group: GroupId, member: MemberId, uri: str) -> None:
        await self._ask("give_hat", group, member, uri)

    async def take_hat(self, group: GroupId, member: MemberId, uri: str) -> None:
        await self._ask("take_hat", group, member, uri)

    async def create_group(self, id_hint: str, config: GroupConfig) -> Group:
        await self._ask("create_group", id_hint)
        me = Member(
            id=self.member_id, name=self.name, user=self.user, affiliation=Affiliation.OWNER
        )
        return self.network.has_group(GroupId(id_hint), me).group

    async def join_group(self, group: GroupId, password: str = "") -> Group:
        await self._ask("join_group", group, password)
        found = self._known(group)
        if self.network.joins_nobody:
            return found.group
        found.members[self.member_id] = Member(id=self.member_id, name=self.name, user=self.user)
        return found.group

    async def request_membership(self, group: GroupId, name: str) -> None:
        await self._ask("request_membership", group, name)

    async def answer_membership(self, group: GroupId, member: MemberId, accept: bool) -> None:
        await self._ask("answer_membership", group, member, accept)

    async def leave_group(self, group: GroupId) -> None:
        await self._ask("leave_group", group)

    async def destroy_group(self, group: GroupId, reason: str) -> None:
        await self._ask("destroy_group", group, reason)

    async def send_direct(self, to: MemberId, draft: Draft) -> MessageId:
        return MessageId(await self._ask("send_direct", to, draft.body) or "d")

    async def allow_subscription(self, person: MemberId, text: str) -> bool | None:
        if "allow_subscription" in self.network._obeyed:
            return True
        allowed: bool | None = await self._ask("allow_subscription", person, text)
        return allowed

    async def end_subscription(self, person: MemberId) -> None:
        await self._ask("end_subscription", person)

    async def _ask(self, what: str, *args: Any, draft: Draft | None = None) -> Any:
        return await self.network.asks(what, *args, draft=draft)


class FakeNetwork(LegacyBackend):
    NAME = "Fake"
    SHARED = True
    account_class = FakeAccount

    def __init__(self, options: Mapping[str, Any]) -> None:
        super().__init__(options)
        FakeAccount.network = self
        self.groups: dict[GroupId, FakeGroup] = {}
        self.strangers: dict[MemberId, Member] = {}
        self.refused_logins: set[UserId] = set()
        self.hats: list[Hat] = []
        self.listed: list[Listed] | None = []
        """What its directory has; None if it shows nobody any."""
        self.login_error = ""
        """The condition with which every login is refused, "" for none."""
        self.joins_nobody = False
        """Whether groups are open without becoming anybody's."""
        self._asked: asyncio.Queue[Asked] = asyncio.Queue()
        self._obeyed: set[str] = {"attend", "join_group", "chat_state", "mark_read", "history"}
        self._obeyed |= {"allow_subscription", "end_subscription"}
        self._ids = itertools.count(1)
        self._times = itertools.count(1)

    async def start(self, events: EventSink) -> None:
        self.events = events

    async def login(self, user: UserId, credentials: Mapping[str, str]) -> LegacyAccount:
        if self.login_error:
            raise LegacyError(self.login_error, "You cannot log in like this.")
        if user in self.refused_logins:
            raise LegacyError("not-authorized", "The password is wrong.")
        name = user.partition("@")[0]
        return FakeAccount(user, MemberId(name), name)

    async def search_groups(self, words: str) -> Sequence[Listed]:
        if self.listed is None:
            raise LegacyError("forbidden" if words else "not-allowed", "No list for you.")
        return [one for one in self.listed if all(w in one.name.casefold() for w in words.split())]

    # What a test does with it

    def obeys(self, *whats: str) -> None:
        """Agree at once to calls of these kinds."""
        self._obeyed |= set(whats)

    def holds(self, *whats: str) -> None:
        """Have calls of these kinds wait again."""
        self._obeyed -= set(whats)

    def says(self, group: str, author: str, body: str, **more: Any) -> Message:
        """Have somebody have said something before anyone listened."""
        message = self.message(author, body, **more)
        self.groups[GroupId(group)].messages.append(message)
        return message

    async def asks(self, what: str, *args: Any, draft: Draft | None = None) -> Any:
        if what in self._obeyed:
            return None
        call = Asked(what, args, asyncio.get_running_loop().create_future(), draft)
        self._asked.put_nowait(call)
        return await call.answer

    async def is_asked(self, what: str, *args: Any) -> Asked:
        """The next call, which has to be this one."""
        call = await asyncio.wait_for(self._asked.get(), PATIENCE)
        assert (call.what, call.args) == (what, args), call
        return call

    def was_not_asked(self) -> None:
        """Nothing waits for an answer."""
        assert self._asked.empty()

    def has_group(self, id: GroupId, *members: Member, **config: Any) -> FakeGroup:
        """Have a group with these members."""
        kind = config.pop("kind", GroupKind.PRIVATE)
        settings = {"name": f"The {id}", "description": "", "moderated": False, **config}
        group = Group(id=id, kind=kind, config=GroupConfig(**settings))
        self.groups[id] = FakeGroup(group, {member.id: member for member in members})
        return self.groups[id]

    async def tells(self, event: Event) -> None:
        """Have something happen."""
        await self.events.put(event)

    def next_id(self) -> MessageId:
        return MessageId(f"m{next(self._ids)}")

    def message(self, author: str | None, body: str, **more: Any) -> Message:
        """A message with the next id and the next second."""
        at = EPOCH + timedelta(seconds=next(self._times))
        return Message(
            **{
                "id": self.next_id(),
                "author": None if author is None else MemberId(author),
                "author_name": author or "",
                "at": at,
                "body": body,
                **more,
            }
        )


class PersonalNetwork(FakeNetwork):
    """A network that looks different to each of its users: rooms are one to each of them."""

    SHARED = False


class ModestAccount(FakeAccount):
    """Can do no more than every account."""

    join_group = LegacyAccount.join_group
    request_membership = LegacyAccount.request_membership
    request_voice = LegacyAccount.request_voice
    change_nick = LegacyAccount.change_nick
    moderate = LegacyAccount.moderate
    rename_member = LegacyAccount.rename_member
    hats = LegacyAccount.hats
    put_hat = LegacyAccount.put_hat
    leave_group = LegacyAccount.leave_group


class ModestNetwork(FakeNetwork):
    """A network without much of what others have."""

    account_class = ModestAccount

    async def login(self, user: UserId, credentials: Mapping[str, str]) -> LegacyAccount:
        name = user.partition("@")[0]
        return ModestAccount(user, MemberId(name), name)

    search_groups = LegacyBackend.search_groups
