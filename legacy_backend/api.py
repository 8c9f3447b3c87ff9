"""The interface that makes a chat network a network of the gateway.

One `LegacyBackend` for the network, one `LegacyAccount` for each login. Whatever a network cannot
do, its classes simply do not override: `abilities` reads off what they do, and clients are offered
that and nothing else.

Every callback answers with a value, or raises `LegacyError(condition, text)` with the network's
no. It returns once the network has done it: clients see nothing before that. What it did also
comes as an event, and is shown once, whichever arrives first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, NoReturn

from legacy_backend.events import EventSink
from legacy_backend.past import Past
from legacy_backend.terms import (
    Affiliation,
    GroupId,
    LegacyError,
    MemberId,
    MessageId,
    Role,
    UserId,
)
from legacy_backend.values import (
    ChatState,
    Draft,
    Group,
    GroupConfig,
    Hat,
    Listed,
    LoginField,
    Member,
    Message,
    Picture,
)


def _lacks(what: str) -> NoReturn:
    raise LegacyError("feature-not-implemented", f"This network has no {what}.")


class LegacyAccount:
    """One user's login to the network.

    Groups are named by id, people by member id; the account acts as itself. Unless a method says
    otherwise it raises LegacyError: "forbidden" if the network will not let this account do it,
    "item-not-found" if group, member or message is not there, "not-acceptable" if a value will
    not do, "resource-constraint" if asked too often, "remote-server-timeout" if the network
    cannot be reached.
    """

    CONFIG_FIELDS: ClassVar[frozenset[str]] = frozenset()
    """The fields of GroupConfig that `set_config` can change. The others are shown, not offered."""

    user: UserId
    member_id: MemberId
    """Who this account is on the network."""
    name: str
    """What the network calls this account by default."""

    def __init__(self, user: UserId, member_id: MemberId, name: str) -> None:
        self.user = user
        self.member_id = member_id
        self.name = name

    # What every network has

    async def groups(self) -> Sequence[Group]:
        """All groups that this account is in, in no particular order."""
        raise NotImplementedError

    async def group(self, group: GroupId) -> Group:
        """One group that this account is in, or could join.

        Raises LegacyError: "item-not-found" also where it exists and this account may not know.
        """
        raise NotImplementedError

    async def members(self, group: GroupId) -> Sequence[Member]:
        """Everyone in the group, this account among them; the banned, if the network tells."""
        raise NotImplementedError

    async def send(self, group: GroupId, draft: Draft) -> MessageId:
        """Say something in a group; returns the id that the network gave it."""
        raise NotImplementedError

    # Messages

    async def history(
        self,
        group: GroupId,
        *,
        after: tuple[MessageId, datetime] | None = None,
        before: tuple[MessageId, datetime] | None = None,
        limit: int = 100,
    ) -> Sequence[Message] | Past:
        """Up to `limit` messages between two that are known, neither among them, oldest first.

        With `after` alone, or both: those that follow `after` directly. With `before` alone:
        those that precede it directly. With neither: the newest. Fewer than `limit`: there are
        no more. Retracted messages are left out, edited ones are as they are now. The times go
        with the ids for networks that cannot look an id up.

        A network that keeps changes beside messages, or forgets what is old, gives a Past.
        """
        _lacks("history")

    async def edit(self, group: GroupId, id: MessageId, draft: Draft) -> str:
        """Put other words in the place of an own message; returns the id of the change, or ""."""
        _lacks("corrections")

    async def retract(self, group: GroupId, id: MessageId) -> None:
        """Take an own message back."""
        _lacks("retractions")

    async def react(self, group: GroupId, id: MessageId, emojis: Sequence[str]) -> None:
        """Have exactly these reactions of ours on a message; none removes all."""
        _lacks("reactions")

    async def mark_read(self, group: GroupId, id: MessageId) -> None:
        """Say that this account has read up to and including a message."""
        _lacks("read marks")

    async def chat_state(self, group: GroupId, state: ChatState) -> None:
        """Say what this account is doing."""
        _lacks("chat states")

    async def attend(self, group: GroupId, here: bool) -> None:
        """The user has come into the group's room with the first of their clients, or has left it
        with the last one, and is as much of a member as before.

        A network may show that to the others. Who comes in without leaving first was never away.
        """

    async def send_private(self, group: GroupId, to: MemberId, draft: Draft) -> MessageId:
        """Say something to one member of a group alone."""
        _lacks("private messages")

    async def request_voice(self, group: GroupId) -> None:
        """Ask those who run a moderated group for the right to speak."""
        _lacks("voice requests")

    # Running a group

    async def set_config(self, group: GroupId, changes: GroupConfig) -> None:
        """Change what is not None in `changes`, all of it or nothing. See CONFIG_FIELDS."""
        _lacks("group settings")

    async def set_subject(self, group: GroupId, text: str) -> None:
        """Say what the group is about now; "" clears it."""
        _lacks("subjects")

    async def set_picture(self, group: GroupId, picture: Picture | None) -> None:
        """Give the group a picture, or take it away. `picture.media_type` is the client's claim."""
        _lacks("group pictures")

    async def kick(self, group: GroupId, member: MemberId, reason: str) -> None:
        """Put a member out of a group; they may come back. `reason` is "" if none was given."""
        _lacks("kicks")

    async def set_affiliation(
        self, group: GroupId, member: MemberId, affiliation: Affiliation, reason: str
    ) -> None:
        """Change the standing of a person. OUTCAST bans, NONE removes, MEMBER adds or unbans."""
        _lacks("affiliations")

    async def set_role(self, group: GroupId, member: MemberId, role: Role, reason: str) -> None:
        """Give a member a voice (PARTICIPANT), take it (VISITOR), make them a MODERATOR."""
        _lacks("roles")

    async def moderate(self, group: GroupId, id: MessageId, reason: str) -> None:
        """Remove a message of somebody else's."""
        _lacks("moderation")

    async def invite(self, group: GroupId, invitee: MemberId, reason: str) -> None:
        """Ask a person of this network into a group."""
        _lacks("invitations")

    async def decline(self, group: GroupId, inviter: MemberId | None, reason: str) -> None:
        """Say no to an invitation."""
        _lacks("declining")

    async def change_nick(self, group: GroupId, nick: str) -> str:
        """Be called otherwise in this group; returns the name that the network gave."""
        _lacks("names of one's own choice")

    async def rename_member(self, group: GroupId, member: MemberId, name: str) -> str:
        """Call somebody else otherwise in this group, "" as they are called elsewhere; returns the
        name that the network gave."""
        _lacks("names for others")

    async def hats(self, group: GroupId) -> Sequence[Hat]:
        """The badges that a group has for its people, worn by anybody or not."""
        _lacks("badges")

    async def put_hat(self, group: GroupId, hat: Hat) -> None:
        """Make a badge, or change the one with its URI."""
        _lacks("badges of one's own making")

    async def remove_hat(self, group: GroupId, uri: str) -> None:
        """Do away with a badge, whoever wears it."""
        _lacks("badges of one's own making")

    async def give_hat(self, group: GroupId, member: MemberId, uri: str) -> None:
        """Have somebody wear a badge of the group's."""
        _lacks("badges to be given")

    async def take_hat(self, group: GroupId, member: MemberId, uri: str) -> None:
        """Have somebody not wear a badge any more."""
        _lacks("badges to be given")

    async def create_group(self, id_hint: str, config: GroupConfig) -> Group:
        """Make a group, of which this account is the owner. `id_hint` is the wish for its id.

        Raises LegacyError: "conflict" if that cannot be had.
        """
        _lacks("groups of one's own making")

    async def join_group(self, group: GroupId, password: str = "") -> Group:
        """Become a member of a group.

        Raises LegacyError: "registration-required" if it is for members only, "forbidden" if
        banned, "not-authorized" if the password is wrong, "service-unavailable" if it is full.
        """
        _lacks("groups that may be joined")

    async def become_member(self, group: GroupId) -> None:
        """Get onto the list of members of a group that the user is in and anybody may enter.

        For networks where joining alone does not do that.

        Raises LegacyError: "registration-required" if one has to ask first.
        """
        _lacks("members of groups that are open to all")

    async def request_membership(self, group: GroupId, name: str) -> None:
        """Ask those who run a group for members only to be let in, and to be called `name` there.

        Returns once they are asked; what they say comes as an event.

        Raises LegacyError: "conflict" if the name is somebody else's, "forbidden" if banned.
        """
        _lacks("requests to be a member")

    async def answer_membership(self, group: GroupId, member: MemberId, accept: bool) -> None:
        """Let somebody in who asked to be a member, or turn them down."""
        _lacks("requests to be a member")

    async def leave_group(self, group: GroupId) -> None:
        """Stop being a member of a group."""
        _lacks("leaving")

    async def destroy_group(self, group: GroupId, reason: str) -> None:
        """Do away with a group for everyone."""
        _lacks("destruction of groups")

    # People

    async def person(self, member: MemberId) -> Member:
        """Anyone whom this account may know of, in a common group or not. `show` is how they are;
        `present` is about groups and says nothing here."""
        _lacks("lookup of people")

    async def send_direct(self, to: MemberId, draft: Draft) -> MessageId:
        """Say something to a person outside of any group."""
        _lacks("direct messages")

    async def allow_subscription(self, person: MemberId, text: str) -> bool | None:
        """Whether this account may see when a person is online. `text` is the user's request.

        Asked once for each person, if the gateway's configuration leaves it to the network. None
        leaves it open: the event SubscriptionAnswered says later. A network without such requests
        leaves this method alone; everybody whom `person` knows may be seen then.
        """
        return True

    async def end_subscription(self, person: MemberId) -> None:
        """The user does not want to see any more when a person is online."""

    async def close(self) -> None:
        """Let go of what this login holds. The account stays registered."""


class LegacyBackend:
    """A chat network.

    `options` are the keys of `[network.options]`, already checked against OPTIONS.
    """

    NAME: ClassVar[str] = ""
    """What people call the network."""

    SHARED: ClassVar[bool] = False
    """Whether a group is the same for all its members, so that they may share one room.

    True asks for three things of a network: every member of a group sees the same messages with
    the same ids, events are put once and not once a login (`Event.to` None), and there is nothing
    in a group that one member may see and another may not, but for what was said at certain times:
    see `Member.sees`.
    """

    OPTIONS: ClassVar[Mapping[str, tuple[type, Any, str]]] = {}
    """Own settings: name → (str, int or bool; default; words for the example file)."""

    LOGIN_FIELDS: ClassVar[Sequence[LoginField]] = ()
    """What registration asks. None that is required lets users be registered by joining, if so
    configured."""

    LOGIN_INSTRUCTIONS: str = ""

    LOGIN_URL: str = ""
    """Where people register with the network's own page, "" if a client's form will do. They are
    then told this address instead of being asked; the page makes users of them."""

    own_address: str = ""
    """Where the gateway is that this network belongs to, set before `start`; "" if there is none.
    For networks that could be led back to it."""

    account_class: ClassVar[type[LegacyAccount]] = LegacyAccount
    """What `login` returns: says what the network can do before anyone has logged in."""

    @classmethod
    def problems(cls, options: Mapping[str, Any]) -> Iterable[tuple[str, str]]:  # noqa: ARG003
        """What is wrong with options whose types are right, each as its name and words that go on
        from it: ("port", "is taken by …"). Asked by `sluice check`: connects to nothing."""
        return ()

    @classmethod
    def login_fields(cls, options: Mapping[str, Any]) -> Sequence[LoginField]:  # noqa: ARG003
        """What registration asks with these options: LOGIN_FIELDS, unless that depends on them.
        Asked by `sluice check`, too, of options that may be wrong."""
        return cls.LOGIN_FIELDS

    def __init__(self, options: Mapping[str, Any]) -> None:
        self.options = options

    async def start(self, events: EventSink) -> None:
        """Connect to the network. Returns when logins are possible; retries by itself."""

    async def stop(self) -> None:
        """Let go of everything. No event comes after this returned."""

    async def login(self, user: UserId, credentials: Mapping[str, str]) -> LegacyAccount:
        """Log a user in; called at registration and at every start.

        `credentials` are the answers to LOGIN_FIELDS by name, and what LoginNoted has added.

        Raises LegacyError: "not-authorized" if the network does not accept them.
        """
        raise NotImplementedError

    async def forget(self, user: UserId) -> None:
        """The user has unregistered: log out for good and drop what is kept of them here."""

    async def search_groups(self, words: str) -> Sequence[Listed]:
        """Groups that anyone may find, those matching `words` ("" for all)."""
        _lacks("directory of groups")


def abilities(cls: type[LegacyAccount]) -> frozenset[str]:
    """The names of those methods of LegacyAccount that `cls` has its own version of."""
    optional = (name for name, value in vars(LegacyAccount).items() if callable(value))
    return frozenset(
        name
        for name in optional
        if not name.startswith("_") and getattr(cls, name) is not getattr(LegacyAccount, name)
    )
