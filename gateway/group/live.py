"""A room at work: its state, its archive, and the seats it sends to, in one order.

Everything a seat is sent goes through here. A message is archived first and sent when that is
durable; whatever happens in the room meanwhile waits behind it, so that all see the same order
as the archive has.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from gateway.archive import Gap, Kind, NewEntry, Stored
from gateway.archive.gap import Known, State
from gateway.group.changing import Changing
from gateway.group.expected import Expected
from gateway.group.host import Host
from gateway.group.keeping import Keeping
from gateway.mirror.downlink import accepted, introduction, told_config, told_roster
from gateway.render.message import notice, standing
from gateway.render.presence import presence
from gateway.render.versions import listed, mav, step
from gateway.render.xml import Splice
from gateway.room.mirrored import sees_jids
from gateway.room.state import (
    Appearance,
    Delivery,
    Face,
    Notice,
    Occupant,
    Relisted,
    Room,
    Seat,
    Standing,
    Step,
)
from gateway.room.versions import Versions
from legacy_backend.terms import MemberId

log = logging.getLogger(__name__)


INVITATIONS = 1000
"""Those between users that may be declined through the room; older ones are taken as accepted."""


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


class LiveRoom:
    """One room and what it takes to run it. `id` is its row in the store, and in the archive."""

    def __init__(self, host: Host, id: int, key: str, room: Room) -> None:
        self.host = host
        self.id = id
        self.key = key
        self.room = room
        self.keeping = Keeping(host.store, id, room, host.now)
        self.filling = asyncio.Lock()
        """Held by whoever asks the network who is in the group."""
        self.people_known = False
        """Whether the network was asked who is in the group since the process started."""
        self.history_known = False
        """Whether the archive has what the network said while nobody listened."""
        self.reading: asyncio.Task[None] | None = None
        """What is just asking for it, for all who have a handle on the room."""
        self.reading_now = asyncio.Lock()
        """Held while a piece of the past is read."""
        self.gaps: dict[int, Gap] = {}
        """What is known to be missing, by the number of the row, but for the gap without an end."""
        self._missing: asyncio.Future[Gap] | None = None
        self.losses = 0
        """How often nobody listened any more."""
        self.posted = 0
        """How many messages of the network's were posted."""
        self.went_on: Known | None = None
        """The first of them since the gap without an end began."""
        self._line: deque[_Waiting] = deque()
        self._joining: dict[str, list[tuple[str, bytes]]] = {}
        self._last: asyncio.Future[Stored] | None = None
        self._sending: dict[MemberId, int] = {}
        self._held: dict[MemberId, list[tuple[Post, asyncio.Future[Stored]]]] = {}
        self.changing = Changing()
        """The change of somebody's standing that is with the network."""
        self.expected = Expected(host.now)
        """What users have the network change, and it has not told of yet."""
        self._invited: dict[tuple[str, str], None] = {}
        self.subject_id = ""
        """The id of a user's message that changes the subject, while the network is asked."""
        self.subject_lang = ""
        """Its language, as long."""
        self._faces: dict[tuple[MemberId, bool], tuple[Face, Splice]] = {}
        self._sharp_eyed: set[str] = set()
        """The mirrors that were told real JIDs."""
        self.versions: Versions | None = None
        """Those of the affiliations, once a client has asked for them."""

    def use_versions(self) -> Versions:
        """Count versions of the affiliations from now on, also after a restart (XEP-0463)."""
        if self.versions is None:
            self.versions = Versions(self.room, self._digest, self._address)
            self.keeping.extra["versions"] = True
        return self.versions

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
        if self.versions is not None:
            shown = self.versions.told(shown)
        if shown:
            self._in_turn(lambda: self._deliver(shown))
        self.keeping.changed()

    def broadcast(self, stanza: str) -> None:
        """Send a stanza (serialised, without `to`) to everyone seated. It is not archived."""
        splice = Splice.of(stanza)
        self._in_turn(lambda: self._fan_out(splice, ""))

    def send(self, jid: str, data: bytes) -> None:
        """Send bytes to one JID, after what came before in this room."""
        self._in_turn(lambda: self._write(jid, data, ""))

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

    def post_now(self, post: Post) -> asyncio.Future[Stored]:
        """As `post`, for the sender's own words that are under way."""
        if not self.history_known:
            self.missing()
        if post.entry.legacy_id is not None and post.entry.kind is Kind.MESSAGE:
            self.posted += 1
            self.went_on = self.went_on or (post.entry.legacy_id, post.entry.at)
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
                splice = Splice.of(post.live or result.entry.stanza, post.live_tail)
                self._fan_out(splice, result.entry.stanza_id, but=post.shown_by)
                if post.shown_by:
                    self.host.outbox.write(accepted(result.entry.stanza).to(post.shown_by))
                for listener in self.host.listeners:
                    listener(self, result.entry)
            if not done.cancelled():
                done.set_result(result)

        self._last = done
        self._line.append(_Waiting(act, stored.done))
        stored.add_done_callback(lambda _: self._advance())
        return done

    def missing(self) -> asyncio.Future[Gap]:
        """The gap that has no end yet: what the network said since the newest message that was
        archived before this process, or before `lost_sight`."""
        if self._missing is None:
            self._missing = self.host.gaps.open(self.id)
            self.went_on = None
        return self._missing

    def lost_sight(self) -> None:
        """The network is out of reach: what it says from now on has to be asked for later."""
        self.losses += 1
        heard = None if self.history_known else self.went_on
        self.history_known = False
        if heard is not None and self._missing is not None:
            _then(self._missing, lambda gap: self.has_end(gap, heard))
            self._missing = self.host.gaps.open(self.id, heard)
            self.went_on = None
        self.missing()

    def has_end(self, gap: Gap, end: Known) -> None:
        """What was said from `end` on was heard."""
        self.gaps[gap.id] = replace(gap, before=end)

    def try_again(self) -> None:
        """The network is back: what it could not give before is worth another try."""
        now = self.host.now()
        self.gaps = {id: replace(gap, next_try=now) for id, gap in self.gaps.items()}
        if self._missing is not None and self._missing.done():
            self.went_past(replace(self._missing.result(), next_try=now))

    def regained_sight(self) -> None:
        """All that the network says from now on is heard: the gap has an end, or is none."""
        self.history_known = True
        self._missing = None

    def went_past(self, gap: Gap) -> None:
        """The gap without an end begins elsewhere now, or is to be left alone for some time."""
        self._missing = asyncio.get_running_loop().create_future()
        self._missing.set_result(gap)

    @property
    def whole(self) -> bool:
        """Whether nothing is missing but what is further back than anybody looked."""
        return self.history_known and not any(
            gap.state is State.WANTED for gap in self.gaps.values()
        )

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

    def invited(self, inviter: str, invitee: str) -> None:
        """Note that the room passes an invitation on between two users, by their bare JIDs."""
        self._invited.pop((inviter, invitee), None)
        self._invited[(inviter, invitee)] = None
        if len(self._invited) > INVITATIONS:
            del self._invited[next(iter(self._invited))]

    def was_invited(self, inviter: str, invitee: str) -> bool:
        """Whether one user has asked the other in, who now answers: asked once."""
        if (inviter, invitee) not in self._invited:
            return False
        del self._invited[(inviter, invitee)]
        return True

    async def settled(self) -> None:
        """Return when all that was posted so far is in the archive, to be found there."""
        if self._last is not None:
            await asyncio.wait({self._last})

    @property
    def waiting(self) -> int:
        """How many things wait for the archive."""
        return len(self._line)

    def show_to(self, jid: str, fact: Appearance, *, codes: tuple[int, ...] = ()) -> None:
        """Send one presence to one full JID, as the room's own would be for whoever sits there."""
        seat = self.room.seats.get(jid)
        mine = seat is not None and seat.occupant.member == fact.face.member
        if seat is not None and mine:
            splice = self.self_presence(seat, fact, codes)
        else:
            with_jid = seat is not None and self.room.sees_jids(seat.occupant)
            splice = self._presence(fact, with_jid=with_jid)
        self.send(jid, splice.to(jid))

    def self_presence(self, seat: Seat, fact: Appearance, codes: tuple[int, ...] = ()) -> Splice:
        """A presence about the one who gets it (§7.2.2); `codes` besides the room's usual ones."""
        usual = self.own_codes() if fact.available else ()
        return presence(
            self.room.jid,
            fact,
            with_jid=True,
            own_jid=seat.jid,
            extra_codes=(*usual, *codes),
            version=self._version(seat, fact),
        )

    def _version(self, seat: Seat, fact: Appearance) -> str:
        """What somebody is told of the version with their own presence: the change that it shows,
        or else where things stand."""
        if self.versions is None or not fact.available:
            return ""
        if fact.relisted is not None and (change := self._step(seat, fact.relisted)) is not None:
            return step(change)
        listing = self.versions.list_of(seat.occupant)
        return "" if listing is None else mav(listing.version)

    def introduce(self, mirror: str, newcomer: Occupant) -> None:
        """Tell a mirror that knows nothing of the room everything, but who comes in by it."""

        def act() -> None:
            self._notes_jids(mirror)
            self.host.outbox.write(introduction(self.room, mirror, newcomer))

        self._in_turn(act)

    # Joining

    def roster(self, viewer: Occupant) -> Iterator[Splice]:
        """The presences of everyone here now but the viewer, as they may see them.

        Each is written when it is taken, so that it may be done in pieces.
        """
        with_jid = self.room.sees_jids(viewer)
        faces = [self.room.face(person) for person in self.room.occupants() if person is not viewer]
        return (self._usual(face, with_jid) for face in faces if not face.hidden)

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

    def _in_turn(self, act: Callable[[], None]) -> None:
        if self._line:
            self._line.append(_Waiting(act, lambda: True))
        else:
            act()

    def _advance(self) -> None:
        while self._line and self._line[0].ready():
            self._line.popleft().act()

    def _deliver(self, deliveries: list[Delivery]) -> None:
        if self.host.trust:
            deliveries = self._tell_mirrors(deliveries)
        for delivery in deliveries:
            if isinstance(delivery.fact, Notice):
                splice = Splice.of(notice(self.room.jid, delivery.fact))
                for seat in delivery.seats:
                    self._write(seat.jid, splice.to(seat.jid), "")
            elif isinstance(delivery.fact, Relisted):
                self._deliver_step(delivery.seats, delivery.fact)
            elif isinstance(delivery.fact, Standing):
                stanza = standing(self.room.jid, delivery.fact)
                self._write(delivery.fact.user, stanza.encode(), "")
            else:
                self._deliver_presence(delivery.seats, delivery.fact)

    def _tell_mirrors(self, deliveries: list[Delivery]) -> list[Delivery]:
        """Tell each mirror each fact once that is for any of its users; return the deliveries to
        the others."""
        told: set[object] = set()
        others = []
        for delivery in deliveries:
            fact = delivery.fact
            once = fact.destroyed if isinstance(fact, Appearance) and fact.destroyed else fact
            for mirror in {seat.mirror: None for seat in delivery.seats if seat.mirror}:
                if (mirror, once) not in told:
                    told.add((mirror, once))
                    self._tell_mirror(mirror, fact)
            seats = tuple(seat for seat in delivery.seats if not seat.mirror)
            if seats or isinstance(fact, Standing):
                others.append(Delivery(seats, fact))
        return others

    def _tell_mirror(self, mirror: str, fact: object) -> None:
        write = self.host.outbox.write
        if isinstance(fact, Notice):
            write(told_config(self.room, mirror))
            write(Splice.of(notice(self.room.jid, fact)).to(mirror))
        elif isinstance(fact, Appearance):
            if self._notes_jids(mirror):
                write(told_roster(self.room, mirror))
            with_jid = mirror in self._sharp_eyed
            write(presence(self.room.jid, fact, with_jid=with_jid, with_id=True).to(mirror))

    def _notes_jids(self, mirror: str) -> bool:
        """Note whether somebody behind a mirror sees real JIDs now; whether that is new."""
        before = mirror in self._sharp_eyed
        if sees_jids(self.room, mirror):
            self._sharp_eyed.add(mirror)
        else:
            self._sharp_eyed.discard(mirror)
        return not before and mirror in self._sharp_eyed

    def _deliver_presence(self, seats: tuple[Seat, ...], fact: Appearance) -> None:
        for seat in seats:
            if seat.occupant.member == fact.face.member:
                self._write(seat.jid, self.self_presence(seat, fact).to(seat.jid), "")
                continue
            with_jid = self.room.sees_jids(seat.occupant)
            if fact.relisted is not None:
                version = step(self._step(seat, fact.relisted))
                splice = presence(self.room.jid, fact, with_jid=with_jid, version=version)
            else:
                splice = self._presence(fact, with_jid=with_jid)
            self._write(seat.jid, splice.to(seat.jid), "")

    def _deliver_step(self, seats: tuple[Seat, ...], fact: Relisted) -> None:
        for seat in seats:
            change = self._step(seat, fact)
            if change is not None:
                people = [(change.jid, change.affiliation)]
                stanza = listed(self.room.jid, seat.jid, people, change.since, change.until)
                self._write(seat.jid, stanza.encode(), "")

    def _step(self, seat: Seat, fact: Relisted) -> Step | None:
        """A change of the list that somebody sees."""
        which = self.versions.for_viewer(seat.occupant) if self.versions is not None else None
        return None if which is None else fact.steps[which]

    def own_codes(self) -> tuple[int, ...]:
        """The codes of every self-presence here besides 110 (§7.2.3, §7.2.12)."""
        config = self.room.config
        return (() if config.anonymous else (100,)) + ((170,) if config.public_log else ())

    def _presence(self, fact: Appearance, *, with_jid: bool) -> Splice:
        if fact.available and not fact.codes and not fact.actor and not fact.reason:
            return self._usual(fact.face, with_jid)
        if not fact.available:
            self._faces.pop((fact.face.member, with_jid), None)
        return presence(self.room.jid, fact, with_jid=with_jid)

    def _usual(self, face: Face, with_jid: bool) -> Splice:
        """The presence of somebody who just is here: kept until they look different."""
        key = (face.member, with_jid)
        cached = self._faces.get(key)
        if cached is not None and cached[0] == face:
            return cached[1]
        splice = presence(self.room.jid, Appearance(face), with_jid=with_jid)
        self._faces[key] = (face, splice)
        return splice

    def _fan_out(self, splice: Splice, stanza_id: str, but: str = "") -> None:
        seats = self.room.seats
        told: Iterable[str] = seats
        if self.host.trust:
            told = dict.fromkeys(seat.mirror or jid for jid, seat in seats.items())
        for jid in told:
            if jid != but:
                self._write(jid, splice.to(jid), stanza_id)

    def _write(self, jid: str, data: bytes, stanza_id: str) -> None:
        held = self._joining.get(jid)
        if held is None:
            self.host.outbox.write(data)
        else:
            held.append((stanza_id, data))


def _then(future: asyncio.Future[Gap], act: Callable[[Gap], None]) -> None:
    """Do something with what comes of it; at once if it is there."""
    if future.done():
        act(future.result())
    else:
        future.add_done_callback(lambda done: None if done.exception() else act(done.result()))


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
