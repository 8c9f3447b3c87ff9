"""Bad links and bad company, between two real servers."""

from __future__ import annotations

import asyncio
import itertools
import random
from pathlib import Path
from typing import cast

import pytest

from conformance.client import Client, Refusal
from tests.mirror.crowd import crowd
from tests.mirror.scene import ESCAPED, HALL, Scene, scene
from tests.mirror.servers import MIRROR, pair
from tests.mirror.stream import Watched

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(300)]

WORDS = "<message type='groupchat' from='{room}/%s'><body>%s</body></message>"
MUC = "<x xmlns='http://jabber.org/protocol/muc'/>"
PATIENT = "[limits]\nmessages_per_minute = 100000\n"
LOST = 40
"""Stanzas that a link has lost when it is said to be bad enough."""
SATELLITE_SECONDS = 0.6


@pytest.mark.parametrize("hasty", [False, True], ids=["echo", "local first"])
@pytest.mark.requirement("D-093", "D-094", "D-095")
async def test_a_link_that_drops_every_third_stanza(tmp_path: Path, hasty: bool) -> None:
    dice = random.Random(7)
    async with (
        pair(tmp_path, relay=Watched, hasty=hasty, more=PATIENT) as both,
        crowd(both) as people,
    ):
        count, lost = itertools.count(1), asyncio.Semaphore(0)

        def loses(_: object) -> bool:
            third = next(count) % 3 == 0
            if third:
                lost.release()
            return third

        for relay in both.relays:
            cast(Watched, relay).loses = loses
        people.start(dice)
        for _ in range(LOST):
            await lost.acquire()
        await people.stop()
        for relay in both.relays:
            cast(Watched, relay).loses = lambda _: False
        await people.agree()
        told = people.check()
    print(f"\nevery third of {next(count)} stanzas was lost: {told}")


@pytest.mark.parametrize("way", ["escaped", "transparent"])
async def test_a_satellites_delay_is_not_taken_for_a_loss(tmp_path: Path, way: str) -> None:
    async with scene(tmp_path, way) as it:
        for relay in it.both.relays:
            cast(Watched, relay).seconds = SATELLITE_SECONDS
        await it.everybody()
        people = {"Scott": it.scott, "Wayne": it.wayne, "Keith": it.keith}
        for name, client in people.items():
            for number in range(5):
                await client.say(str(client.names["room"]), f"{name} {number}")
        for client in people.values():
            for name in people:
                wanted = [WORDS % (name, f"{name} {number}") for number in range(5)]
                await client.receives(*wanted)
            await client.hears_nothing("<presence type='unavailable'/>")
        assert it.up.count("message groupchat") == 10
        assert it.down.count("message groupchat") == 15
        assert "iq get state" not in it.up


@pytest.mark.parametrize("way", ["escaped", "transparent"])
async def test_who_says_far_too_much_is_told_so_and_the_link_stays(
    tmp_path: Path, way: str
) -> None:
    """A quarter of a megabyte is what servers take at most; with half of it they close a stream."""
    async with scene(tmp_path, way) as it:
        await it.everybody()
        await it.wayne.say(str(it.wayne.names["room"]), "é" * 100_000)
        no = await it.wayne.expect("<message type='error'/>")
        assert no.find(".//{*}error") is not None
        await it.keith.say(str(it.keith.names["room"]), "x" * (512 * 1024))
        for client in (it.scott, it.wayne):
            await client.expect("<presence type='unavailable' from='{room}/Keith'/>")
        await it.wayne.say(str(it.wayne.names["room"]), "On it goes")
        for client in (it.scott, it.wayne):
            await client.expect(WORDS % ("Wayne", "On it goes"))
            await client.hears_nothing("<presence type='unavailable'/>")


@pytest.mark.requirement("D-103")
async def test_d_103_what_clients_claim_is_refused_or_means_nothing(tmp_path: Path) -> None:
    async with scene(tmp_path, "escaped") as it:
        await it.everybody()
        tag = f"<dmuc xmlns='http://tridsys.com/protocol/dmuc' from='{MIRROR}'>{{}}</dmuc>"
        new = tag.format("<new xmlns='urn:sluice:mirror:0'/>")
        # beside the master, where the mirror speaks for nobody
        async with Client(it.both.fairfax.server, "keith", names={"room": HALL}) as mal:
            await mal.send(f"<presence to='{{room}}/Mal'>{MUC}{new}</presence>")
            no = await mal.expect("<presence type='error' from='{room}/Mal'/>")
            assert no.find(".//{*}forbidden") is not None
        # one of the mirror's own users, past it: nobody else is put out
        names = {"room": HALL, "local": ESCAPED}
        async with Client(it.both.raleigh.server, "scott", names=names) as mal:
            await mal.send(f"<presence to='{{room}}/Mal'>{MUC}{new}</presence>")
            await it.scott.expect("<presence from='{room}/Mal'/>")
            state = "<iq type='set' to='{mirror}'><roster xmlns='urn:xmpp:dmuc:0'/></iq>"
            answer = await mal.iq(state, mirror=MIRROR)
            assert answer.get("type") == "error"
            await it.wayne.say(ESCAPED, "Still here")
            for client in (it.scott, it.wayne, it.keith):
                await client.expect(WORDS % ("Wayne", "Still here"))
                for name in ("Scott", "Wayne", "Keith"):
                    gone = f"<presence type='unavailable' from='{{room}}/{name}'/>"
                    await client.hears_nothing(gone)


async def test_a_stranger_cannot_come_in_by_the_mirror(tmp_path: Path) -> None:
    async with scene(tmp_path, "escaped") as it:
        await it.everybody()
        async with Client(it.both.fairfax.server, "wayne", names={"room": ESCAPED}) as mal:
            with pytest.raises(Refusal) as no:
                await mal.join(ESCAPED, "Mal")
            assert no.value.condition in ("not-allowed", "forbidden", "registration-required")
        assert "presence" not in it.up
        assert _nobody_noticed(it)


def _nobody_noticed(it: Scene) -> bool:
    everything = (stanza for c in (it.scott, it.wayne, it.keith) for stanza in c.inbox.stanzas)
    return not any(stanza.get("from", "").endswith("/Mal") for stanza in everything)
