"""The mirror's end: copies of rooms that live elsewhere, one for each room, kept by one link.

`users` deals with what our users send, `questions` with what they ask, `feed` and `words` with what
masters do, `entering` with those who come in, `returning` with links that go down and come back.
Here is what they share: the copies, and the ways out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from xml.etree import ElementTree as ET

from gateway.errors import Refused
from gateway.group.rooms import Rooms
from gateway.mirror.addresses import at_mirror, original, split
from gateway.mirror.asking import Asking
from gateway.mirror.bounces import unreachable
from gateway.mirror.copy import Copy, Phase, restored
from gateway.mirror.entering import Entering, Joining
from gateway.mirror.feed import Feed
from gateway.mirror.history import MUC
from gateway.mirror.names import DMUC, OWN, STATE_OF
from gateway.mirror.questions import Questions
from gateway.mirror.returning import Returning
from gateway.mirror.said import Said
from gateway.mirror.show import shown
from gateway.mirror.users import Users
from gateway.mirror.words import Words
from gateway.muc.errors import error_stanza
from gateway.render.xml import attribute, content
from gateway.room.seating import rise
from gateway.room.state import Delivery, RoomConfig, Seat

MOST_NOBODY = 1000
NOBODY_SECONDS = 10.0
"""How often at most a master is told of a room that nobody of ours is there."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What the configuration says; see `config.example.toml`."""

    masters: frozenset[str]
    local_first: frozenset[str] = frozenset()
    transparent: bool = False
    ping_seconds: float = 60.0
    queue_max: int = 100
    answer_seconds: float = 30.0
    """How long a master may take for a question, or for a join."""


@dataclass(slots=True, eq=False)
class Link:
    """The way to one master. `supports` is None until it was asked whether it has mirrors."""

    missed: int = 0
    supports: bool | None = None
    asked_at: datetime | None = None
    asking: asyncio.Task[bool] | None = None
    """The question whether it has, while it is open: one for all who want to know."""


class Mirror:
    """`rooms` keeps what outlasts the process; `allows` says of a bare JID whether it serves that
    user, `refuses` of a stanza whether its sender has sent too much."""

    def __init__(
        self,
        rooms: Rooms,
        terms: Terms,
        allows: Callable[[str], bool],
        refuses: Callable[[ET.Element], bool] = lambda _: False,
    ) -> None:
        self.rooms = rooms
        self.domain = rooms.host.domain
        self.terms = terms
        self.write = rooms.host.outbox.write
        self.allows = allows
        self.refuses = refuses
        self.now = rooms.host.now
        self.asking = Asking(self.domain, self.write)
        self.links = {master: Link() for master in terms.masters}
        self.users = Users(self)
        self.questions = Questions(self)
        self.feed = Feed(self)
        self.entering = Entering(self)
        self.words = Words(self)
        self.returning = Returning(self)
        self._nobody: dict[str, datetime] = {}
        self._forgetting: set[asyncio.Task[None]] = set()
        self.copies = dict(self._restored())

    def _restored(self) -> Iterator[tuple[str, Copy]]:
        """The rooms in which the process before this one has left somebody."""
        for address, live in self.rooms.elsewhere.items():
            master = self.master_of(address)
            copy = restored(master, live, self.now)
            if master and live.room.seats:
                yield master, copy

    async def watch(self) -> None:
        """For ever: look after the links of rooms that are in use."""
        await self.returning.watch()

    def takes(self, stanza: ET.Element) -> bool:
        """Deal with a stanza if it is for a room that is mirrored, or from one."""
        if split(stanza.get("from", ""))[1] in self.terms.masters:
            return self.feed.takes(stanza)
        master = self.master_of(stanza.get("to", ""))
        if not master:
            return False
        self.users.deal(stanza, master)
        return True

    # Addresses

    def master_of(self, to: str) -> str:
        """The bare address of a room at its master, from how our users address it; "" if it is
        none."""
        localpart, domain, _ = split(to)
        if self.terms.transparent:
            room = f"{localpart}@{domain}" if localpart else ""
        else:
            room = original(f"{localpart}@{domain}") if domain == self.domain else ""
        return room if split(room)[1] in self.terms.masters else ""

    def local(self, master: str) -> str:
        """How our users address a room; "" for what is no room of a master's."""
        if not split(master)[0] or split(master)[1] not in self.terms.masters:
            return ""
        return master if self.terms.transparent else at_mirror(master, self.domain)

    def address(self, jid: str) -> str:
        """How masters address a user of ours."""
        return at_mirror(jid, self.domain)

    def is_ours(self, jid: str) -> bool:
        """Whether somebody is one of our users."""
        return self.allows(jid.partition("/")[0])

    def link(self, copy: Copy) -> Link:
        return self.links[split(copy.master)[1]]

    # Copies

    async def copy(self, master: str) -> Copy:
        """The copy of a room, made now if need be."""
        if self._forgetting:  # it may be among them
            await asyncio.wait(self._forgetting)
        live = await self.rooms.obtain_elsewhere(self.local(master))
        if master not in self.copies:
            live.room.config = RoomConfig(members_only=False)
            self.copies[master] = Copy(master, live, self.now)
        return self.copies[master]

    def done(self, copy: Copy) -> None:
        """Forget a copy that nobody is in or waits for: then nothing crosses the link for it."""
        if copy.room.seats or any(j.copy is copy for j in self.entering.joining.values()):
            return
        if self.copies.get(copy.master) is copy:
            del self.copies[copy.master]
            self.returning.stop(copy)
            for person in list(copy.room.people.values()):
                copy.room.unfile(person)
            for key in list(copy.said):
                copy.unsays(key)
            if not copy.last and copy.count.heard is None:  # nothing is known of such a room
                forgetting = asyncio.create_task(self.rooms.forget(copy.live))
                self._forgetting.add(forgetting)
                forgetting.add_done_callback(self._forgetting.discard)
                return
            copy.live.lost_sight()
            copy.live.keeping.changed()

    def nobody(self, master: str) -> None:
        """Tell a master that nobody of ours is in a room, which it does not know."""
        at = self._nobody.get(master)
        if at is not None and (self.now() - at).total_seconds() < NOBODY_SECONDS:
            return
        self._nobody.pop(master, None)
        self._nobody[master] = self.now()
        if len(self._nobody) > MOST_NOBODY:
            del self._nobody[next(iter(self._nobody))]
        name = STATE_OF.partition("}")[2]
        self.write(
            f'<iq type="get" id="nobody" from="{attribute(self.domain)}"'
            f' to="{attribute(master)}"><{name} xmlns="{OWN}"/></iq>'.encode()
        )

    # Ways out

    def refuse(self, stanza: ET.Element, no: Refused) -> None:
        """Answer what one of our users has sent to a room."""
        to = stanza.get("to", "")
        told = error_stanza(stanza, no, origin=to, by=to.partition("/")[0])
        self.write(told.encode())

    def show(self, copy: Copy, deliveries: list[Delivery]) -> None:
        """Tell our users what is new, after what came before."""
        for jid, data in shown(copy, deliveries):
            copy.live.send(jid, data)
        copy.live.keeping.changed()

    def up(
        self, name: str, copy: Copy | None, jid: str, to: str, inner: str, *marks: str, **more: str
    ) -> None:
        """Send the master a stanza for one of our users, with the tag that says by whom, and its
        number. `marks` are names of our own additions. No `copy` for who is not in the room."""
        extra = "".join(f'<{mark} xmlns="{OWN}"/>' for mark in marks)
        number = f' n="{copy.count.next()}"' if copy is not None else ""
        tag = f'<dmuc xmlns="{DMUC}" from="{self.domain}" user="{attribute(jid)}"{number}'
        tag += f">{extra}</dmuc>" if extra else "/>"
        attributes = "".join(f' {k}="{attribute(v)}"' for k, v in more.items() if v)
        self.write(
            f'<{name} from="{attribute(self.address(jid))}" to="{attribute(to)}"{attributes}>'
            f"{inner}{tag}</{name}>".encode()
        )

    def say(self, copy: Copy, said: Said, *, again: bool = False) -> None:
        """Send the master what somebody of ours has said; when, if it was kept from it."""
        marks = (["shown"] if said.shown else []) + (["again"] if again else [])
        late = said.late if again else ""
        more = {"type": "groupchat", "id": said.id, "xml:lang": said.lang}
        self.up("message", copy, said.jid, copy.master, said.inner + late, *marks, **more)

    def leave(self, copy: Copy, seat: Seat, *, status: str = "", lost: bool = False) -> None:
        """Take a seat away: our users are told at once, the master then (DMUC3, Leaving).

        A client that is `lost` is not told: it is there no more, or in the room without us.
        """
        nick = seat.occupant.nick
        if seat.jid in copy.held:  # who is told nothing of what there was
            copy.held.discard(seat.jid)
            copy.live.hold(seat)
            copy.live.release(seat.jid)
        copy.confirmed.discard(seat.jid)
        own, *others = rise(copy.room, seat, status=status, codes=(333,) if lost else ())
        self.show(copy, others if lost else [own, *others])
        if not seat.occupant.here:
            copy.room.unfile(seat.occupant)
        if copy.phase is not Phase.SPLIT:
            inner = f"<status>{content(status)}</status>" if status else ""
            to = f"{copy.master}/{nick}"
            self.up("presence", copy, seat.jid, to, inner, type="unavailable")
        self.done(copy)

    def join(self, copy: Copy, joining: Joining, *, new: bool) -> None:
        """Ask the master to let somebody in. `new` asks it to tell everything of the room, too."""
        looks, password = joining.looks, joining.ask.password
        inner = f"<show>{looks.show}</show>" if looks.show else ""
        inner += f"<status>{content(looks.status)}</status>" if looks.status else ""
        inner += f"<priority>{looks.priority}</priority>" if looks.priority else ""
        secret = f"<password>{content(password)}</password>" if password else ""
        inner += f'<x xmlns="{MUC}">{secret}<history maxstanzas="0"/></x>'
        self.entering.joining[joining.id] = joining
        to = f"{copy.master}/{joining.nick}"
        marks = ["new"] if new else []
        self.up("presence", copy, joining.jid, to, inner, *marks, id=joining.id)

    # Whether a master has mirrors

    async def needs(self, master: str, copy: Copy | None) -> None:
        """Check that the master takes what comes by a mirror.

        Raises Refused "service-unavailable" if it does not.
        """
        if copy is None and not await self.supported(split(master)[1]):
            raise Refused("service-unavailable", "This room cannot be mirrored.")

    async def supported(self, domain: str) -> bool:
        """Whether a master speaks the protocol: asked once a day, or once an hour if not."""
        link = self.links[domain]
        if link.asked_at is not None:
            age = (self.now() - link.asked_at).total_seconds()
            if age < (86_400 if link.supports else 3_600):
                return bool(link.supports)
        if link.asking is None:
            link.asking = asyncio.create_task(self._ask_support(link, domain))
        return await asyncio.shield(link.asking)

    async def _ask_support(self, link: Link, domain: str) -> bool:
        info = '<query xmlns="http://jabber.org/protocol/disco#info"/>'
        try:
            answer = await self.asking.ask(domain, info, self.terms.answer_seconds)
        finally:
            link.asking = None
        if answer is None or unreachable(answer):
            return False
        features = {f.get("var") for f in answer.iterfind("{*}query/{*}feature")}
        link.supports, link.asked_at = DMUC in features, self.now()
        return link.supports
