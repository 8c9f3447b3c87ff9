"""The mirror's end: copies of rooms that live elsewhere, one for each room, kept by one link.

`users` deals with what our users send, `feed` with what masters do. Here is what they share: the
copies, the ways out, and what becomes of a copy when its link goes down and comes back.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from xml.etree import ElementTree as ET

from gateway.group.host import utc_now
from gateway.mirror.addresses import at_mirror, original, split
from gateway.mirror.asking import Asking
from gateway.mirror.bounces import unreachable
from gateway.mirror.copy import Copy, Phase, cut_off
from gateway.mirror.feed import Feed, Joining
from gateway.mirror.history import MUC
from gateway.mirror.names import DMUC, OWN
from gateway.mirror.show import shown
from gateway.mirror.users import Users
from gateway.render.xml import Splice, attribute, content
from gateway.room.presence import Looks
from gateway.room.seating import rise
from gateway.room.state import Delivery, Room, RoomConfig, Seat
from legacy_backend.terms import GroupId

log = logging.getLogger(__name__)

TRIES = 3
"""How often in a row all our users come back, to a master that forgets some of them meanwhile."""
MISSES = 2
"""Pings without an answer after which the link is taken for down."""
AGAIN_SECONDS = 10.0
"""How often at most a copy is brought up to date again because of what the master says."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What the configuration says; see `config.example.toml`."""

    masters: frozenset[str]
    local_first: frozenset[str] = frozenset()
    transparent: bool = False
    ping_seconds: float = 60.0
    queue_max: int = 100
    history_max: int = 100
    answer_seconds: float = 30.0
    """How long a master may take for a question, or for a join."""


@dataclass(slots=True, eq=False)
class Link:
    """The way to one master. `supports` is None until it was asked whether it has mirrors."""

    missed: int = 0
    supports: bool | None = None
    asked_at: datetime | None = None
    returning: dict[Copy, asyncio.Task[None]] = field(default_factory=dict)


class Mirror:
    """`domain` is its own address; `allows` says of a bare JID whether it serves that user."""

    def __init__(
        self,
        domain: str,
        terms: Terms,
        write: Callable[[bytes], None],
        allows: Callable[[str], bool],
        refuses: Callable[[ET.Element], bool] = lambda _: False,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.domain = domain
        self.terms = terms
        self.write = write
        self.allows = allows
        self.refuses = refuses
        self.now = now
        self.copies: dict[str, Copy] = {}
        self.asking = Asking(domain, write)
        self.links = {master: Link() for master in terms.masters}
        self.users = Users(self)
        self.feed = Feed(self)

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

    def copy(self, master: str) -> Copy:
        """The copy of a room, made now if need be."""
        found = self.copies.get(master)
        if found is None:
            room = Room(self.local(master), GroupId(master), config=RoomConfig(members_only=False))
            found = Copy(master, room, self.terms.history_max, self.now())
            self.copies[master] = found
        return found

    def done(self, copy: Copy) -> None:
        """Forget a copy that nobody is in or waits for: then nothing crosses the link for it."""
        if copy.room.seats or any(j.copy is copy for j in self.feed.joining.values()):
            return
        if self.copies.get(copy.master) is copy:
            del self.copies[copy.master]
            self._stop_returning(copy)

    # Ways out

    def show(self, copy: Copy, deliveries: list[Delivery]) -> None:
        """Tell our users what is new."""
        for data in shown(copy, deliveries):
            self.write(data)

    def fan_out(self, copy: Copy, stanza: str, tail: str = "") -> None:
        """Send every user of ours here a stanza; those who just come in have it as history."""
        splice = Splice.of(stanza, tail)
        for jid in copy.room.seats:
            if jid not in copy.held:
                self.write(splice.to(jid))

    def up(self, name: str, jid: str, to: str, inner: str, *, mark: str = "", **more: str) -> None:
        """Send the master a stanza for one of our users, with the tag that says by whom."""
        self.write(self.uplink(name, jid, to, inner, mark=mark, **more))

    def uplink(self, name: str, jid: str, to: str, inner: str, *, mark: str, **more: str) -> bytes:
        """Such a stanza. `mark` is the name of one of our own additions, "" for none."""
        extra = f'<{mark} xmlns="{OWN}"/>' if mark else ""
        tag = f'<dmuc xmlns="{DMUC}" from="{self.domain}" user="{attribute(jid)}"'
        tag += f">{extra}</dmuc>" if extra else "/>"
        attributes = "".join(f' {k}="{attribute(v)}"' for k, v in more.items() if v)
        return (
            f'<{name} from="{attribute(self.address(jid))}" to="{attribute(to)}"{attributes}>'
            f"{inner}{tag}</{name}>"
        ).encode()

    def leave(self, copy: Copy, seat: Seat, *, status: str = "", lost: bool = False) -> None:
        """Take a seat away: our users are told at once, the master then (DMUC3, Leaving)."""
        nick = seat.occupant.nick
        copy.held.discard(seat.jid)
        self.show(copy, rise(copy.room, seat, status=status, codes=(333,) if lost else ()))
        if not seat.occupant.here:
            copy.room.unfile(seat.occupant)
        if copy.phase is not Phase.SPLIT:
            inner = f"<status>{content(status)}</status>" if status else ""
            self.up("presence", seat.jid, f"{copy.master}/{nick}", inner, type="unavailable")
        self.done(copy)

    def join(self, copy: Copy, joining: Joining, *, new: bool, password: str = "") -> None:
        """Ask the master to let somebody in. `new` asks it to tell everything of the room, too."""
        looks = joining.looks
        inner = f"<show>{looks.show}</show>" if looks.show else ""
        inner += f"<status>{content(looks.status)}</status>" if looks.status else ""
        inner += f"<priority>{looks.priority}</priority>" if looks.priority else ""
        secret = f"<password>{content(password)}</password>" if password else ""
        inner += f'<x xmlns="{MUC}">{secret}<history maxstanzas="0"/></x>'
        self.feed.joining[joining.id] = joining
        to = f"{copy.master}/{joining.nick}"
        self.up("presence", joining.jid, to, inner, mark="new" if new else "", id=joining.id)

    # Whether a master has mirrors

    async def supported(self, domain: str) -> bool:
        """Whether a master speaks the protocol: asked once a day, or once an hour if not."""
        link = self.links[domain]
        if link.asked_at is not None:
            age = (self.now() - link.asked_at).total_seconds()
            if age < (86_400 if link.supports else 3_600):
                return bool(link.supports)
        info = '<query xmlns="http://jabber.org/protocol/disco#info"/>'
        answer = await self.asking.ask(domain, info, self.terms.answer_seconds)
        if answer is None or unreachable(answer):
            return False
        features = {f.get("var") for f in answer.iterfind("{*}query/{*}feature")}
        link.supports, link.asked_at = DMUC in features, self.now()
        return link.supports

    # The link going down, and coming back

    def lost(self, domain: str, why: str) -> None:
        """The link to a master is down: its rooms go on without the others who are there."""
        self.links[domain].missed = 0
        copies = [c for c in self.copies.values() if split(c.master)[1] == domain]
        for copy in copies:
            self._stop_returning(copy)
            self.feed.give_up(copy)
            if copy.phase is not Phase.SPLIT:
                log.warning("the link to %s is down: %s", copy.master, why)
                self.show(copy, cut_off(copy))
            self.done(copy)
        self.users.give_up(domain)

    def _stop_returning(self, copy: Copy) -> None:
        task = self.link(copy).returning.pop(copy, None)
        if task is not None and task is not asyncio.current_task():
            task.cancel()

    async def watch(self) -> None:
        """For ever: look after the links of rooms that are in use (XEP-0199)."""
        while True:
            await asyncio.sleep(self.terms.ping_seconds)
            await asyncio.gather(*map(self.look_for, list(self.copies.values())))

    async def look_for(self, copy: Copy) -> None:
        """Ask the master whether it is there and knows us in this room, unless it was heard."""
        heard, copy.heard = copy.heard, False
        if copy.phase in (Phase.SYNCING, Phase.RETURNING) or (heard and copy.phase is Phase.LIVE):
            return
        answer = await self._ask(copy)
        link = self.link(copy)
        if self.copies.get(copy.master) is not copy:
            return
        if answer is None:
            link.missed += 1
            if link.missed >= MISSES:
                self.lost(split(copy.master)[1], "it does not answer")
            return
        if unreachable(answer):
            return  # which was dealt with as it came
        link.missed = 0
        if copy.phase is Phase.SPLIT or answer.get("type") == "error":
            self.go_back(copy)
        elif copy.phase is Phase.LIVE:
            self.feed.recount(copy, answer)

    async def _ask(self, copy: Copy) -> ET.Element | None:
        """A question to which the answer tells whether the master is there. While the link seems
        to be up that is what was said after the last message here: one that was lost is found."""
        if copy.phase is Phase.LIVE:
            return await self.feed.ask_what_follows(copy)
        ping = '<ping xmlns="urn:xmpp:ping"/>'
        return await self.asking.ask(copy.master, ping, self.terms.answer_seconds)

    def go_back(self, copy: Copy, *, soon: bool = True) -> None:
        """Bring a copy and its master to agree again, beside everything else; not `soon`, if that
        was done just now."""
        tasks = self.link(copy).returning
        if not soon and (self.now() - copy.agreed).total_seconds() < AGAIN_SECONDS:
            return
        if copy.phase in (Phase.LIVE, Phase.SPLIT) and copy not in tasks:
            copy.phase = Phase.RETURNING
            task = tasks[copy] = asyncio.create_task(self._go_back(copy))
            task.add_done_callback(lambda task: self._is_back(copy, task))

    def _is_back(self, copy: Copy, task: asyncio.Task[None]) -> None:
        if self.link(copy).returning.get(copy) is task:
            del self.link(copy).returning[copy]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("%s could not be brought up to date", copy.master, exc_info=error)
            self.show(copy, cut_off(copy))

    async def _go_back(self, copy: Copy) -> None:
        """Have the master let our users in again, one by one as it would directly; the first who
        may come has it tell everything. Then what was said meanwhile, there and here."""
        for _ in range(TRIES):
            copy.unsure = False
            if not await self._all_come_back(copy):
                return
            if not await self.feed.catch_up(copy):
                self.lost(split(copy.master)[1], "it does not tell what was said")
                return
            if not copy.unsure:
                break
        for key, said in list(copy.said.items()):
            if said.jid in copy.room.seats:
                self.write(said.uplink)
            else:  # who has left is not let speak any more
                del copy.said[key]
        copy.phase, copy.agreed = Phase.LIVE, self.now()
        log.info("the mirror of %s is up to date again", copy.master)

    async def _all_come_back(self, copy: Copy) -> bool:
        """Whether there is a link, and anybody who was let in."""
        told = False
        copy.confirmed.clear()
        for seat in list(copy.room.seats.values()):
            joining = Joining(copy, seat.jid, seat.occupant.nick, secrets.token_hex(8), again=True)
            joining.looks = looks_of(seat)
            self.join(copy, joining, new=not told)
            if not told:
                told = await self._let_in(copy, joining)
            if copy.phase is not Phase.RETURNING:
                return False
        if not told:
            self.done(copy)
        return told

    async def _let_in(self, copy: Copy, joining: Joining) -> bool:
        try:
            return await asyncio.wait_for(asyncio.shield(joining.done), self.terms.answer_seconds)
        except TimeoutError:
            self.lost(split(copy.master)[1], "it does not answer joins")
            return False


def looks_of(seat: Seat) -> Looks:
    """What a client has said of its user."""
    return Looks(seat.show, seat.status, seat.priority)
