"""Whatever is sent: answered as the standards say, told to nobody else, and harmless.

A failure names its seed: HOSTILE_SEED=… makes the same stanzas again. HOSTILE_COUNT says how many
stanzas all of these tests send together.
"""

from __future__ import annotations

import asyncio
import copy
import logging
import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.hostile.generator import Generator
from tests.hostile.judge import faults
from tests.hostile.world import ATTACKERS, NICKS, ROOMS, enter, leaks, world
from tests.stage import DOMAIN, Person, Stage

FIXED = "sluice"
COUNT = int(os.environ.get("HOSTILE_COUNT", "2000"))
BATCH = 125
"""Stanzas that one world has to bear, before it is made anew."""

SEEDS = [FIXED, "drawn"] if "HOSTILE_COUNT" in os.environ else [FIXED]
"""New ones are looked for by `make hostile`; what is found is a test of its own from then on."""

TESTS = 2 * len(SEEDS)
"""In shared rooms, and in personal ones."""

GOOD_FAITH_EVERY = 25
PATIENCE = 1000


@pytest.mark.timeout(300 + COUNT / 5)
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("rooms", ["shared", "personal"])
async def test_nothing_that_is_sent_does_harm(
    tmp_path: Path, database: Path, rooms: str, seed: str, caplog: pytest.LogCaptureFixture
) -> None:
    if seed == "drawn":
        seed = os.environ.get("HOSTILE_SEED") or secrets.token_hex(4)
    print(f"HOSTILE_SEED={seed}")
    for number in range(max(1, COUNT // TESTS // BATCH)):
        folder = tmp_path / str(number)
        folder.mkdir()
        async with world(folder, database, shared=rooms == "shared") as stage:
            generator = Generator(f"{seed} {number}", ATTACKERS, ROOMS, NICKS)
            await Trial(stage, generator, caplog, f"seed {seed}, world {number}").run()


class Trial:
    """One batch: what was sent, what came of it, and whether that is as it should be."""

    def __init__(
        self, stage: Stage, generator: Generator, caplog: pytest.LogCaptureFixture, title: str
    ) -> None:
        self.stage = stage
        self.generator = generator
        self.caplog = caplog
        self.title = title
        self._pings = 0

    async def run(self) -> None:
        sent = 0
        self.caplog.clear()
        while sent < BATCH:
            stanzas = self.generator.burst()
            await self._step(stanzas)
            if sent // GOOD_FAITH_EVERY != (sent + len(stanzas)) // GOOD_FAITH_EVERY:
                await self._others_are_served(stanzas)
            sent += len(stanzas)

    async def _step(self, stanzas: Sequence[ET.Element]) -> None:
        wire = self.stage.wire
        before = len(wire.stanzas)
        for stanza in stanzas:
            self.stage.gateway._spawn_event(copy.deepcopy(stanza))  # slixmpp answers in place
        for _ in range(PATIENCE):
            await self._quiet()
            came = wire.stanzas[before:]
            if not faults(stanzas, came):
                break
            await asyncio.sleep(0.02)  # what is missing may only be late
        found = faults(stanzas, came)
        found += [
            f"{stanza.get('to')} is told {word}"
            for stanza in came
            for word in leaks(stanza.get("to", ""), _text(stanza))
        ]
        found += [r.getMessage() for r in self.caplog.records if r.levelno >= logging.ERROR]
        assert not found, self._told(found, stanzas, came)
        self.generator.heard += [s for s in came if s.get("to") in ATTACKERS]
        del self.generator.heard[:-50]

    async def _quiet(self) -> None:
        """What slixmpp is given goes through queues of its own."""
        await self.stage.settled()
        gateway = self.stage.gateway
        while not gateway.waiting_queue.empty():  # noqa: ASYNC110  (the queue is slixmpp's)
            await asyncio.sleep(0)
        await self.stage.settled()

    async def _others_are_served(self, stanzas: Sequence[ET.Element]) -> None:
        """Somebody who does as the standards say gets what they ask for, whatever went before."""
        bao = self.stage.person("bao")
        await enter(bao, f"g2@{DOMAIN}")  # a room that is out of the attackers' reach
        for to, payload in (
            (f"g2@{DOMAIN}/bao", "<ping xmlns='urn:xmpp:ping'/>"),
            (f"g2@{DOMAIN}", "<query xmlns='http://jabber.org/protocol/disco#info'/>"),
            (DOMAIN, "<query xmlns='http://jabber.org/protocol/disco#info'/>"),
        ):
            answer = await self._asks(bao, to, payload)
            assert answer.get("type") == "result", self._told([_text(answer)], stanzas, [])

    async def _asks(self, person: Person, to: str, payload: str) -> ET.Element:
        self._pings += 1
        person.sends(f"<iq type='get' id='good{self._pings}' to='{to}'>{payload}</iq>")
        (answer,) = await person.receives(f"<iq id='good{self._pings}'/>")
        return answer

    def _told(
        self, found: Sequence[str], sent: Sequence[ET.Element], came: Sequence[ET.Element]
    ) -> str:
        lines = [self.title, *found, "sent:", *map(_text, sent), "came:", *map(_text, came)]
        traces = [r.exc_text for r in self.caplog.records if r.exc_text]
        return "\n".join(line[:3000] for line in (*lines, *traces))


def _text(stanza: ET.Element) -> str:
    try:
        return ET.tostring(stanza, encoding="unicode")
    except RecursionError:
        return f"<{stanza.tag}, too deep to be shown>"
