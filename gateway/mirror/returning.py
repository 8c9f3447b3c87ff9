"""What becomes of a copy when its link goes down and comes back, or loses something."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from gateway.mirror.addresses import split
from gateway.mirror.bounces import unreachable
from gateway.mirror.copy import Copy, Phase, cut_off
from gateway.mirror.entering import Joining
from gateway.mirror.names import OWN, STATE_OF
from gateway.render.xml import attribute
from gateway.room.presence import Looks
from gateway.room.state import Seat

if TYPE_CHECKING:
    from gateway.mirror.mirror import Mirror

log = logging.getLogger(__name__)

TRIES = 3
"""How often in a row all our users come back, to a master that forgets some of them meanwhile."""
MISSES = 2
"""Pings without an answer after which the link is taken for down."""
AGAIN_SECONDS = 10.0
"""How often at most a copy is brought up to date again because of what the master says."""
ATTEMPTS = 10
"""How often in a row a copy is made to agree over a link that loses something each time."""


class Returning:
    """Makes copies agree with their masters, each beside everything else, in one task."""

    def __init__(self, mirror: Mirror) -> None:
        self.mirror = mirror
        self._tasks: dict[Copy, asyncio.Task[None]] = {}

    # The link is down

    def lost(self, domain: str, why: str) -> None:
        """The link to a master is down: its rooms go on without the others who are there."""
        self.mirror.links[domain].missed = 0
        for copy in [c for c in self.mirror.copies.values() if split(c.master)[1] == domain]:
            self.stop(copy)
            self.mirror.entering.give_up(copy)
            if copy.phase is not Phase.SPLIT:
                log.warning("the link to %s is down: %s", copy.master, why)
                self.mirror.show(copy, cut_off(copy))
            self.mirror.done(copy)
        self.mirror.questions.give_up(domain)

    def stop(self, copy: Copy) -> None:
        """What goes on with a copy is for nothing."""
        task = self._tasks.pop(copy, None)
        if task is not None and task is not asyncio.current_task():
            task.cancel()

    # Whether it is there

    async def watch(self) -> None:
        """For ever: look after the links of rooms that are in use (XEP-0199)."""
        while True:
            await asyncio.gather(*map(self.look_for, list(self.mirror.copies.values())))
            await asyncio.sleep(self.mirror.terms.ping_seconds)

    async def look_for(self, copy: Copy) -> None:
        """Ask the master whether it is there and knows us in this room, unless it was heard."""
        heard, copy.heard = copy.heard, False
        if copy.phase in (Phase.SYNCING, Phase.RETURNING) or copy.mending:
            return
        if heard and copy.phase is Phase.LIVE:
            return
        answer = await self._ask(copy)
        link = self.mirror.link(copy)
        if self.mirror.copies.get(copy.master) is not copy:
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
        elif copy not in self._tasks:
            self.mirror.words.recount(copy, answer)
            if copy.torn or copy.said:
                self.mend(copy)

    async def _ask(self, copy: Copy) -> ET.Element | None:
        """A question to which the answer tells whether the master is there. While the link seems
        to be up that is what was said after the last message here: one that was lost is found."""
        if copy.phase is Phase.LIVE:
            return await self.mirror.words.ask_what_follows(copy)
        ping = '<ping xmlns="urn:xmpp:ping"/>'
        return await self.mirror.asking.ask(copy.master, ping, self.mirror.terms.answer_seconds)

    # Agreeing

    def fill(self, copy: Copy) -> None:
        """Have what is to be known of a room that is new here, and let those in who wait."""
        if not copy.filling:
            copy.filling = True
            self._start(copy, self._fill(copy))

    async def _fill(self, copy: Copy) -> None:
        await self.mirror.words.fill(copy)
        if copy.torn and not await self._agree(copy):
            log.warning("%s is not known completely", copy.master)
        if copy.phase is Phase.SYNCING:
            copy.phase = Phase.LIVE
            self.mirror.entering.welcome_all(copy)
            self.mirror.words.go_on(copy)

    def mend(self, copy: Copy) -> None:
        """Something is missing: have the difference told, unless that happens anyway."""
        if copy.phase is Phase.SYNCING:
            self.fill(copy)
        elif copy.phase is Phase.LIVE and copy not in self._tasks:
            copy.mending = True
            self._start(copy, self._mend(copy))

    async def _mend(self, copy: Copy) -> None:
        agreed = await self._agree(copy)
        copy.mending = False
        if not agreed:
            copy.phase = Phase.RETURNING
            await self._go_back(copy)
            return
        self.mirror.words.go_on(copy)
        for joining in [j for j in self.mirror.entering.joining.values() if j.copy is copy]:
            self.mirror.join(copy, joining, new=False)
        self._say_again(copy)

    async def _agree(self, copy: Copy) -> bool:
        """Have the master tell how things stand and what was said, until nothing of it is missing.
        False if it does not, or does not know of us."""
        for _ in range(ATTEMPTS):
            copy.torn = False
            copy.listing.clear()
            answer = await self._ask_state(copy)
            if answer is None:
                continue
            state = answer.find(STATE_OF)
            if state is None:
                return False
            self.mirror.feed.agrees(copy, state)
            if self.mirror.copies.get(copy.master) is not copy:
                return True
            if copy.phase is Phase.SYNCING:
                await self.mirror.words.fill(copy)
            elif not await self.mirror.words.catch_up(copy):
                continue
            if not copy.torn:
                return True
        return False

    async def _ask_state(self, copy: Copy) -> ET.Element | None:
        """The answer to how things stand, those of ours being here who are, or want to be."""
        here = [*copy.room.seats]
        here += [j.jid for j in self.mirror.entering.joining.values() if j.copy is copy]
        named = "".join(f'<here jid="{attribute(self.mirror.address(jid))}"/>' for jid in here)
        name = STATE_OF.partition("}")[2]
        question = f'<{name} xmlns="{OWN}" n="{copy.count.sent}">{named}</{name}>'
        patience = self.mirror.terms.answer_seconds / TRIES
        return await self.mirror.asking.ask(copy.master, question, patience)

    # Coming back

    def go_back(self, copy: Copy, *, soon: bool = True) -> None:
        """Bring a copy and its master to agree again, the master not knowing us any more; not
        `soon`, if that was done just now."""
        if not soon and (self.mirror.now() - copy.agreed).total_seconds() < AGAIN_SECONDS:
            return
        if copy.phase in (Phase.LIVE, Phase.SPLIT) and copy not in self._tasks:
            copy.phase = Phase.RETURNING
            self._start(copy, self._go_back(copy))

    async def _go_back(self, copy: Copy) -> None:
        """Have the master let our users in again, one by one as it would directly; the first who
        may come has it tell everything. Then what was said meanwhile, there and here."""
        for _ in range(TRIES):
            copy.unsure = False
            if not await self._all_come_back(copy):
                return
            unheard = copy.confirmed != copy.room.seats.keys()
            agreed = await self.mirror.words.catch_up(copy)
            if copy.count.heard is not None and (copy.torn or unheard or not agreed):
                agreed = await self._agree(copy)
            if not agreed:
                self.lost(split(copy.master)[1], "it does not tell what was said")
                return
            if not copy.unsure:
                break
        self.mirror.words.go_on(copy)
        self._say_again(copy)
        copy.phase, copy.agreed = Phase.LIVE, self.mirror.now()
        log.info("the mirror of %s is up to date again", copy.master)

    async def _all_come_back(self, copy: Copy) -> bool:
        """Whether there is a link, and anybody who was let in."""
        told, others = False, list[Joining]()
        copy.confirmed.clear()
        for seat in list(copy.room.seats.values()):
            joining = self.come_back(copy, seat, new=not told)
            if told:
                others.append(joining)
            else:
                told = await self._let_in(copy, joining)
            if copy.phase is not Phase.RETURNING:
                return False
        if not told:
            self.mirror.done(copy)
        elif others:
            patience = self.mirror.terms.answer_seconds / TRIES
            await asyncio.wait([joining.done for joining in others], timeout=patience)
        return told and copy.phase is Phase.RETURNING

    def come_back(self, copy: Copy, seat: Seat, *, new: bool) -> Joining:
        """Ask the master to let somebody in who sits here."""
        joining = Joining(copy, seat.jid, seat.occupant.nick, secrets.token_hex(8), again=True)
        joining.looks = looks_of(seat)
        self.mirror.join(copy, joining, new=new)
        return joining

    async def _let_in(self, copy: Copy, joining: Joining) -> bool:
        for _ in range(TRIES):
            waiting = asyncio.shield(joining.done)
            try:
                return await asyncio.wait_for(waiting, self.mirror.terms.answer_seconds / TRIES)
            except TimeoutError:  # it was lost, or its answer was
                self.mirror.join(copy, joining, new=copy.count.heard is None)
        self.lost(split(copy.master)[1], "it does not answer joins")
        return False

    def _say_again(self, copy: Copy) -> None:
        """Send what the master has not accepted; what was lost before more than once, since a link
        may lose things in step with what is sent. Who has left is not let speak any more."""
        for said in list(copy.said.values()):
            if said.jid not in copy.room.seats:
                copy.unsays(said.key)
                continue
            said.tries += 1
            for _ in range(min(said.tries, TRIES)):
                self.mirror.say(copy, said, again=True)

    def _start(self, copy: Copy, work: Coroutine[Any, Any, None]) -> None:
        task = self._tasks[copy] = asyncio.create_task(work)
        task.add_done_callback(lambda task: self._ended(copy, task))

    def _ended(self, copy: Copy, task: asyncio.Task[None]) -> None:
        if self._tasks.get(copy) is task:
            del self._tasks[copy]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("%s could not be brought up to date", copy.master, exc_info=error)
            copy.mending = False
            self.mirror.show(copy, cut_off(copy))


def looks_of(seat: Seat) -> Looks:
    """What a client has said of its user."""
    return Looks(seat.show, seat.status, seat.priority)
