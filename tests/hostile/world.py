"""Who is there: well-behaved users with secrets, and those who are after them.

| group | who is in it | what else |
|---|---|---|
| g1 | bao (owner), ada, mallory, CYD | oscar is banned |
| g2 | bao (owner), ada, DORA | private: no attacker has ever been in it |
| g3 | CYD, ada | public |
| g4 | mallory (owner), ada, bao, CYD | for the attacker to do her worst in |

A secret is a word that only some may ever be sent. In personal rooms each user has one more: what
the network told to them alone.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from legacy_backend import (
    Affiliation,
    Draft,
    Group,
    GroupConfig,
    GroupId,
    GroupKind,
    LegacyError,
    Member,
    MemberId,
    Message,
    MessageId,
)
from legacy_backend.events import MessagePosted
from legacy_backend.terms import UserId
from tests.fake_network import FakeAccount, FakeNetwork
from tests.hostile.generator import MARK
from tests.stage import DOMAIN, Person, Stage, on_stage

HONEST = ("ada", "bao")
MALLORY = "mallory@example.org/phone"
ATTACKERS = (
    MALLORY,
    MALLORY,
    MALLORY,
    "mallory@example.org/laptop",
    "mallory@example.org",
    "oscar@example.org/phone",
    "eve@example.org/phone",
    "eve@example.org/😀 <&>\"'",
    "trudy@evil.example/phone",
    "example.org",
    f"g1@{DOMAIN}/bao",
)
ROOMS = (*(f"g{n}@{DOMAIN}" for n in (1, 1, 1, 2, 3, 4, 4)),)
NICKS = ("bao", "ada", "mallory", "CYD", "nobody", "bao ")


def secret(word: str) -> str:
    return f"{MARK}-{word}-TERCES"


SECRETS: dict[str, frozenset[str]] = {
    secret("g1"): frozenset({"ada", "bao", "mallory"}),
    secret("g2"): frozenset(HONEST),
    **{secret(f"of-{name}"): frozenset({name}) for name in HONEST},
}
"""Each secret, and who may be sent it."""


class StrictAccount(FakeAccount):
    """Tells of private groups only to those who are in them, and of what is theirs to them."""

    def _mine(self, group: GroupId) -> bool:
        member = self._known(group).members.get(self.member_id)
        return member is not None and member.affiliation > Affiliation.NONE

    def _shown(self, group: GroupId) -> None:
        if self._known(group).group.kind is GroupKind.PRIVATE and not self._mine(group):
            raise LegacyError("item-not-found", "There is no such group.")

    async def group(self, group: GroupId) -> Group:
        self._shown(group)
        return await super().group(group)

    async def members(self, group: GroupId) -> Sequence[Member]:
        self._shown(group)
        return await super().members(group)

    async def history(
        self,
        group: GroupId,
        *,
        after: tuple[MessageId, datetime] | None = None,
        before: tuple[MessageId, datetime] | None = None,
        limit: int = 100,
    ) -> Sequence[Message]:
        self._shown(group)
        said = await super().history(group, after=after, before=before, limit=limit)
        return [m for m in said if "only" not in m.id or m.id.endswith(f"only-{self.member_id}")]

    async def join_group(self, group: GroupId, password: str = "") -> Group:
        self._shown(group)
        if self.member_id == "oscar":
            raise LegacyError("forbidden", "You are banned.")
        return await super().join_group(group, password)

    async def leave_group(self, group: GroupId) -> None:
        self._known(group).members.pop(self.member_id, None)

    async def destroy_group(self, group: GroupId, reason: str) -> None:
        self.network.groups.pop(group, None)

    async def create_group(self, id_hint: str, config: GroupConfig) -> Group:
        if GroupId(id_hint) in self.network.groups or len(id_hint) > 200:
            raise LegacyError("conflict", "That is taken.")
        return await super().create_group(id_hint, config)


class SharedHostile(FakeNetwork):
    account_class = StrictAccount

    async def asks(self, what: str, *args: Any, draft: Draft | None = None) -> Any:
        """Let everybody do everything: what is to be refused, the gateway has to refuse."""
        return None

    async def login(self, user: UserId, credentials: Mapping[str, str]) -> StrictAccount:
        name = user.partition("@")[0]
        return StrictAccount(user, MemberId(name), name)


class PersonalHostile(SharedHostile):
    SHARED = False


WITHOUT_LIMITS = "[limits]\n" + "\n".join(
    f"{kind}_per_minute = 0"
    for kind in ("messages", "signals", "joins", "presences", "queries", "archive_queries",
                 "changes", "invitations")
)  # fmt: skip


@asynccontextmanager
async def world(folder: Path, database: Path, *, shared: bool) -> AsyncIterator[Stage]:
    """A gateway with these people in their places, and nothing unread."""
    network = f"{__name__}:{'Shared' if shared else 'Personal'}Hostile"
    async with on_stage(folder, database, network=network, more=WITHOUT_LIMITS) as stage:
        _found(stage, "g1", GroupKind.PRIVATE, "bao:owner", "ada", "mallory", "oscar:outcast")
        _found(stage, "g2", GroupKind.PRIVATE, "bao:owner", "ada")
        _found(stage, "g3", GroupKind.PUBLIC, "ada")
        _found(stage, "g4", GroupKind.PRIVATE, "mallory:owner", "ada", "bao")
        await take_places(stage)
        if not shared:
            await _whisper_to_each(stage)
        await stage.settled()
        yield stage


def _found(stage: Stage, id: str, kind: GroupKind, *members: str) -> None:
    mine = {"g1": secret("g1"), "g2": secret("g2")}.get(id, "")
    other = "DORA" if id == "g2" else "CYD"
    stage.group(*members, id=id, kind=kind, name=f"{id} {mine}".strip())
    group = stage.network.groups[GroupId(id)]
    group.members[MemberId(other)] = Member(id=MemberId(other), name=f"{other} {mine}".strip())
    group.group = replace(group.group, config=replace(group.group.config, description=mine))
    stage.network.says(id, other, f"Welcome {mine}")


async def take_places(stage: Stage) -> None:
    """Have everybody sit where they belong."""
    for name, rooms in {"ada": "1234", "bao": "124", "mallory": "14"}.items():
        for n in rooms:
            await enter(stage.person(name), f"g{n}@{DOMAIN}")


async def enter(person: Person, room: str) -> None:
    """Join, if that is still possible; everything that comes is read."""
    person.sends(
        f"<presence to='{room}/{person.name}' id='enter'>"
        "<x xmlns='http://jabber.org/protocol/muc'/></presence>"
    )
    await person.has_heard()


async def _whisper_to_each(stage: Stage) -> None:
    for name in HONEST:
        message: Any = stage.network.says("g1", "CYD", secret(f"of-{name}"), id=f"only-{name}")
        await stage.network.tells(
            MessagePosted(group=GroupId("g1"), message=message, to=UserId(f"{name}@example.org"))
        )


def leaks(address: str, text: str) -> list[str]:
    """The secrets in a stanza for this address that are not meant for it."""
    name, _, domain = address.partition("/")[0].partition("@")
    who = name if domain == "example.org" else ""
    return [word for word, may in SECRETS.items() if word in text and who not in may]
