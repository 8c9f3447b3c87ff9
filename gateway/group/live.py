"""A room at work: its state, its archive, and the seats it sends to, in one order.

Everything a seat is sent goes through here. A message is archived first and sent when that is
durable; whatever happens in the room meanwhile waits behind it, so that all see the same order
as the archive has.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from gateway.archive import Kind, NewEntry, Stored
from gateway.archive.gap import Known
from gateway.group.changing import Changing
from gateway.group.expected import Expected
from gateway.group.former_names import FormerNames
from gateway.group.host import Host
from gateway.group.invitations import Invitations
from gateway.group.keeping import Keeping
from gateway.group.sight import Sight
from gateway.group.told_mirrors import ToldMirrors
from gateway.group.views import Views
from gateway.mirror.crossed import Crossed
from gateway.mirror.downlink import accepted
from gateway.render.message import notice, standing
from gateway.render.xml import Splice
from gateway.room.mirrored import mirrors
from gateway.room.state import (
    Appearance,
    Delivery,
    Notice,
    Occupant,
    Relisted,
    Room,
    Seat,
    Standing,
)
from gateway.room.versions import Versions
from legacy_backend.terms import MemberId, UserId

log = logging.getLogger(__name__)

FOLDED_AT_MOST = 2_000
"""People of one room: to have them back takes 3 µs for each, and the event loop."""

LOOKS_SECONDS = 1.0
"""Between two looks whether what waits for the archive waits for long."""


@dataclass(slots=True)
class Post:
    """A message for everyone: what the archive keeps, and how it looks when it is live."""

    entry: NewEntry
    live_tail: str = ""
    """XML that only the live copies carry, as their last child."""
    author: MemberId | None = None
    """Who wrote it, if that may be a user whose own sending is under way."""
    live: str = ""
    """What the live copies are, where that is not what is archived."""
    shown_by: str = ""
    """The mirror that has shown it to its users already."""


@dataclass(slots=True)
class _Waiting:
    """What is to be done when it is this one's turn, and what it has to wait for."""

    act: Callable[[], None]
    ready: Callable[[], bool]


class LiveRoom(Sight):
    """One room and what it takes to run it. `id` is its row in the store, and in the archive."""

    def __init__(self, host: Host, id: int, key: str, room: Room) -> None:
        super().__init__(host, id)
        self.key = key
        self.room = room
        self.keeping = Keeping(host.store, id, room, host.now, self._attended)
        self.filling = asyncio.Lock()
        """Held by whoever asks the network who is in the group."""
        self.people_known = False
        """Whether the network was asked who is in the group since the process started."""
        self._line: list[_Waiting] = []
        """A list, since an empty deque takes 700 bytes, and there may be very many rooms."""
        self._joining: dict[str, list[tuple[str, bytes]]] = {}
        self._last: asyncio.Future[Stored] | None = None
        self._sending: dict[MemberId, int] = {}
        self._held: dict[MemberId, list[tuple[Post, asyncio.Future[Stored]]]] = {}
        self.changing = Changing()
        """The change of somebody's standing that is with the network."""
        self.expected = Expected(host.now)
        """What users have the network change, and it has not told of yet."""
        self.former_names = FormerNames(host.now)
        self.invitations = Invitations()
        self.new_subject = ("", "")
        """Id and language of a user's message that changes the subject, while the network is
        asked."""
        self.crossed: dict[str, Crossed] = {}
        """What went between the room and its mirrors, since each was introduced."""
        self.mirrors = ToldMirrors(self)
        self.views = Views(room)
        room.books.opened = self._opened
        host.resting.add(self)

    def use_versions(self) -> Versions:
        """Count versions of the affiliations from now on, also after a restart (XEP-0463)."""
        if self.views.versions is None:
            self.views.versions = Versions(self.room, self._digest, self._address)
            self.keeping.extra["versions"] = True
        return self.views.versions

    @property
    def may_rest(self) -> bool:
        """Whether nobody is in the room, and nothing goes on in it."""
        busy = self.room.seats or self._line or self.filling.locked()
        return not busy and len(self.room.books.unfolded()) <= FOLDED_AT_MOST

    def rest(self) -> int:
        """Put away what is known of people until somebody asks; of how many that could not be."""
        self.keeping.write()
        self.room.books.fold()
        self.keeping.folded()
        self.views.forget()
        return len(self.room.books.unfolded())

    def _opened(self) -> None:
        self.keeping.unfolded()
        self.host.resting.add(self)

    def _attended(self, user: UserId, here: bool) -> None:
        for attendant in self.host.attendants:
            attendant(self, user, here)

    def _digest(self, text: str) -> int:
        return self.host.ids.number(self.key, text)

    def _address(self, person: Occupant) -> str:
        """The bare JID of somebody: the user's, or the contact's."""
        jid = person.user or (person.jid or "").partition("/")[0]
        return jid or f"{self.host.addresses.localpart(person.member)}@{self.host.domain}"

    # What is shown

    def show(self, deliveries: Iterable[Delivery]) -> None:
        """Send facts to those they are meant for, after what came before, and keep the change."""
        shown = [d for d in deliveries if d.seats or isinstance(d.fact, Standing)]
        if self.views.versions is not None:
            shown = self.views.versions.told(shown)
        if shown:
            self.former_names.note(shown)
            self.in_turn(lambda: self._deliver(shown))
        self.keeping.changed()

    def broadcast(self, stanza: str, tail: str = "", stanza_id: str = "") -> None:
        """Send a stanza (serialised, without `to`), with `tail` as its last children, to everyone
        seated. It is not archived; what is already has a `stanza_id`."""
        splice = Splice.of(stanza, tail)
        self.in_turn(lambda: self._fan_out(splice, stanza_id))

    def send(self, jid: str, data: bytes) -> None:
        """Send bytes to one JID, after what came before in this room."""
        self.in_turn(lambda: self._write(jid, data, ""))

    def in_turn(self, act: Callable[[], None]) -> None:
        """Do something after all that came before in this room."""
        if self._line:
            self._line.append(_Waiting(act, lambda: True))
        else:
            act()

    def post(self, post: Post) -> asyncio.Future[Stored]:
        """Archive a message, then send it to everyone; the future is done when both are.

        A message that the archive has already is not sent again. One whose author is just
        sending through the gateway waits until that is through, since it may be that very one.
        """
        if post.author is not None and self._sending.get(post.author):
            done: asyncio.Future[Stored] = asyncio.get_running_loop().create_future()
            self._held.setdefault(post.author, []).append((post, done))
            return done
        return self.post_now(post)

    def post_now(self, post: Post, *, late: bool = False) -> asyncio.Future[Stored]:
        """As `post`, for the sender's own words that are under way, and for what is of the past and
        `late`."""
        gap = None if self.history_known else self.missing()
        heard: Known | None = None
        if post.entry.legacy_id is not None and post.entry.kind is Kind.MESSAGE:
            self.posted += 1
            heard = None if late else (post.entry.legacy_id, post.entry.at)
        stored = self.host.archive.append(self.id, post.entry)
        done: asyncio.Future[Stored] = asyncio.get_running_loop().create_future()

        def act() -> None:
            error = stored.exception()
            if error is not None:
                log.error("a message to %s could not be archived: %s", self.room.jid, error)
                if not done.cancelled():
                    done.set_exception(error)
                    done.exception()  # whoever cares awaits it; nobody has to
                return
            result = stored.result()
            if result.new:
                if gap is not None and gap is self._missing:
                    self.went_on = self.went_on or heard
                splice = Splice.of(post.live or result.entry.stanza, post.live_tail)
                self._fan_out(splice, result.entry.stanza_id, but=post.shown_by)
                if post.shown_by:
                    told = accepted(result.entry.stanza).to(post.shown_by)
                    self.mirrors.write(post.shown_by, told)
                for listener in self.host.listeners:
                    listener(self, result.entry)
            if not done.cancelled():
                done.set_result(result)

        self._last = done
        self._line.append(_Waiting(act, stored.done))
        stored.add_done_callback(lambda _: self._advance())
        return done

    @contextlib.contextmanager
    def sending(self, author: MemberId) -> Iterator[None]:
        """While a user's message is on its way to the network: what comes from them waits."""
        self._sending[author] = self._sending.get(author, 0) + 1
        try:
            yield
        finally:
            self._sending[author] -= 1
            if not self._sending[author]:
                del self._sending[author]
                for post, done in self._held.pop(author, ()):
                    _follow(self.post_now(post), done)

    async def settled(self) -> None:
        """Return when all that was posted so far is in the archive, to be found there; or nothing
        can be stored just now: what waits for that was seen by nobody."""
        last = self._last
        while last is not None and not last.done() and not self.host.archive.trouble:
            await asyncio.wait({last}, timeout=LOOKS_SECONDS)

    @property
    def waiting(self) -> int:
        """How many things wait for the archive."""
        return len(self._line)

    def show_to(self, jid: str, fact: Appearance, *, codes: tuple[int, ...] = ()) -> None:
        """Send one presence to one full JID, as the room's own would be for whoever sits there."""
        self.send(jid, self.views.to(jid, fact, codes).to(jid))

    # Joining

    def hold(self, seat: Seat) -> None:
        """Keep what happens from now on from a seat that is still being told what was before."""
        self._joining[seat.jid] = []

    def release(self, jid: str, already: Iterable[str] = ()) -> None:
        """Send a seat what happened meanwhile, but for the messages with these stanza ids."""
        known = set(already)
        for stanza_id, data in self._joining.pop(jid, ()):
            if not stanza_id or stanza_id not in known:
                self.host.outbox.write(data)

    # Inside

    def _advance(self) -> None:
        while self._line and self._line[0].ready():
            self._line.pop(0).act()

    def _deliver(self, deliveries: list[Delivery]) -> None:
        if self.host.trust:
            deliveries = self.mirrors.tell(deliveries)
        for delivery in deliveries:
            fact = delivery.fact
            if isinstance(fact, Notice):
                splice = Splice.of(notice(self.room.jid, fact))
                for seat in delivery.seats:
                    self._write(seat.jid, splice.to(seat.jid), "")
            elif isinstance(fact, Relisted):
                for seat in delivery.seats:
                    if stanza := self.views.relisted(seat, fact):
                        self._write(seat.jid, stanza.encode(), "")
            elif isinstance(fact, Standing):
                self._write(fact.user, standing(self.room.jid, fact).encode(), "")
            else:
                for seat in delivery.seats:
                    self._write(seat.jid, self.views.to_seat(seat, fact).to(seat.jid), "")

    def _fan_out(self, splice: Splice, stanza_id: str, but: str = "") -> None:
        seats: Iterable[str] = self.room.seats
        if self.host.trust:
            for mirror in mirrors(self.room):
                if mirror != but:
                    self.mirrors.write(mirror, splice.to(mirror))
            seats = [jid for jid, seat in self.room.seats.items() if not seat.mirror]
        for jid in seats:
            self._write(jid, splice.to(jid), stanza_id)

    def _write(self, jid: str, data: bytes, stanza_id: str) -> None:
        held = self._joining.get(jid)
        if held is None:
            self.host.outbox.write(data)
        else:
            held.append((stanza_id, data))


def _follow(first: asyncio.Future[Stored], then: asyncio.Future[Stored]) -> None:
    """Have `then` end as `first` does."""

    def pass_on(done: asyncio.Future[Stored]) -> None:
        if then.cancelled():
            return
        error = done.exception()
        if error is None:
            then.set_result(done.result())
        else:
            then.set_exception(error)
            then.exception()

    first.add_done_callback(pass_on)
