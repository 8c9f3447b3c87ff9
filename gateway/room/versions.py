"""Versions of who has which affiliation, so that clients need to be told changes only (XEP-0463).

A version is a digest of the list itself: it is the same after a restart if the list is, and says
nothing to whoever has not seen that list. There are two lists, with the banned and without, since
not everybody may see those.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace

from gateway.room.lists import may_list
from gateway.room.state import Appearance, Delivery, Occupant, Relisted, Room, Step
from legacy_backend.terms import Affiliation, MemberId

REMEMBERED = 1000
"""Changes from which a difference can be told; older versions are answered with the whole list."""

Digest = Callable[[str], int]
"""A number of 128 bits for a text, which nobody else can compute."""

_ALL = 1 << 128


class Listing:
    """One list, as it was told last, and how it came to be so."""

    def __init__(self, digest: Digest, *, banned: bool) -> None:
        self._digest = digest
        self._banned = banned
        self._sum = digest(f"list {banned}")
        self._known: dict[MemberId, tuple[str, Affiliation]] = {}
        self._steps: deque[Step] = deque(maxlen=REMEMBERED)

    @property
    def version(self) -> str:
        return f"{self._sum:032x}"

    def note(self, member: MemberId, jid: str, affiliation: Affiliation) -> Step | None:
        """Take down what somebody is now; the change, if it is one."""
        listed = affiliation is not Affiliation.NONE
        listed = listed and (self._banned or affiliation is not Affiliation.OUTCAST)
        now = (jid, affiliation) if listed else None
        had = self._known.get(member)
        if had == now:
            return None
        since = self.version
        if had is not None:
            self._sum = (self._sum - self._digest(f"{had[0]}\0{had[1].word}")) % _ALL
        if now is not None:
            self._sum = (self._sum + self._digest(f"{jid}\0{affiliation.word}")) % _ALL
            self._known[member] = now
        else:
            del self._known[member]
        step = Step(since, self.version, jid, affiliation.word)
        self._steps.append(step)
        return step

    def members(self) -> Iterable[MemberId]:
        return self._known.keys()

    def forget_steps(self) -> None:
        self._steps.clear()

    def whole(self) -> list[tuple[str, str]]:
        """Everybody: JID and affiliation."""
        return [(jid, affiliation.word) for jid, affiliation in self._known.values()]

    def since(self, version: str) -> list[tuple[str, str]] | None:
        """What is different from an earlier version; None if that is not known any more."""
        if version == self.version:
            return []
        changed: dict[str, str] = {}
        for step in reversed(self._steps):
            changed.setdefault(step.jid, step.affiliation)
            if step.since == version:
                return list(reversed(changed.items()))
        return None


class Versions:
    """Both lists of a room. `address` is the bare JID by which somebody is listed."""

    def __init__(self, room: Room, digest: Digest, address: Callable[[Occupant], str]) -> None:
        self._room = room
        self._address = address
        self._lists = (Listing(digest, banned=False), Listing(digest, banned=True))
        self._as_of = -1
        self._last_jids: dict[MemberId, str] = {}
        self.bring_up_to_date()
        for listing in self._lists:
            listing.forget_steps()

    def for_viewer(self, viewer: Occupant) -> int | None:
        """Which of the lists somebody may see, None for neither."""
        if may_list(self._room, viewer, Affiliation.OUTCAST):
            return 1
        return 0 if may_list(self._room, viewer, Affiliation.MEMBER) else None

    def list_of(self, viewer: Occupant) -> Listing | None:
        """The list that somebody may see."""
        which = self.for_viewer(viewer)
        return None if which is None else self._lists[which]

    def bring_up_to_date(self, first: Iterable[MemberId] = ()) -> dict[MemberId, Relisted]:
        """Take down all that has changed, that of `first` before the rest; whose, and how."""
        if self._as_of == self._room.version:
            return {}
        self._as_of = self._room.version
        known = {*self._lists[0].members(), *self._lists[1].members()}
        order = dict.fromkeys([*first, *self._room.people, *known])
        steps = {member: self._note(member) for member in order}
        return {member: step for member, step in steps.items() if step is not None}

    def _note(self, member: MemberId) -> Relisted | None:
        person = self._room.people.get(member)
        if person is not None:
            jid, affiliation = self._address(person), person.affiliation
            self._last_jids[member] = jid
        else:
            jid, affiliation = self._last_jids.pop(member, ""), Affiliation.NONE
        plain, full = (listing.note(member, jid, affiliation) for listing in self._lists)
        return None if plain is None and full is None else Relisted((plain, full))

    def told(self, deliveries: list[Delivery]) -> list[Delivery]:
        """What is to be shown, with the versions that it leads to: a presence tells those of whom
        it shows, messages those of the others."""
        shown = [d.fact for d in deliveries if isinstance(d.fact, Appearance)]
        told = [fact.face for fact in shown if not fact.face.hidden]
        changes = self.bring_up_to_date([face.member for face in told])
        if not changes:
            return deliveries
        marked = []
        for delivery in deliveries:
            fact = delivery.fact
            if isinstance(fact, Appearance) and not fact.face.hidden:
                change = changes.get(fact.face.member)
                if change is not None and fact.face.affiliation == change.affiliation:
                    delivery = replace(delivery, fact=replace(fact, relisted=change))
            marked.append(delivery)
        by_presence = {
            d.fact.face.member
            for d in marked
            if isinstance(d.fact, Appearance) and d.fact.relisted is not None
        }
        others = [change for member, change in changes.items() if member not in by_presence]
        seats = tuple(self._room.seats.values())
        return marked + [Delivery(seats, change) for change in others if seats]
