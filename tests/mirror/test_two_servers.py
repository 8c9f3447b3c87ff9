"""A link that breaks between two real servers, with unmodified clients at both ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mirror.scene import scene

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

WORDS = "<message type='groupchat' from='{room}/%s'><body>%s</body></message>"
GONE = (
    "<presence type='unavailable' from='{room}/%s'>"
    "<x xmlns='http://jabber.org/protocol/muc#user'><status code='333'/></x></presence>"
)


@pytest.mark.parametrize("way", ["escaped", "transparent", "raleigh", "fairfax"])
@pytest.mark.requirement(
    "D-003", "D-004", "D-008", "D-009", "D-090", "D-091", "D-092", "D-093", "D-094", "D-095"
)
async def test_d_090_those_of_each_end_go_on_and_afterwards_have_everything(
    tmp_path: Path, way: str
) -> None:
    """The last two have an ejabberd at that end."""
    async with scene(tmp_path, way) as it:
        await it.everybody()
        wayne, keith, scott, wanda = it.wayne, it.keith, it.scott, it.wanda
        local, hall = str(wayne.names["room"]), str(scott.names["room"])
        for relay in it.both.relays:
            await relay.break_off()
        await wayne.say(local, "Still there?")
        for name in ("Scott", "Wanda"):
            await keith.expect(GONE % name)
        await keith.say(local, "I am")
        await wayne.expect(WORDS % ("Keith", "I am"))
        await wanda.says("hall", "Where are they?")
        for name in ("Wayne", "Keith"):
            await scott.expect(GONE % name)
        await scott.expect(WORDS % ("Wanda", "Where are they?"))
        it.forget()
        for relay in it.both.relays:
            relay.cut = False
        for client in (wayne, keith):
            await client.expect(WORDS % ("Wanda", "Where are they?"))
            for name in ("Scott", "Wanda"):
                await client.expect(f"<presence from='{{room}}/{name}'/>")
        for name in ("Wayne", "Keith"):
            await scott.expect(f"<presence from='{{room}}/{name}'/>")
        await scott.expect(WORDS % ("Keith", "I am"))
        await scott.say(hall, "And on")
        for client in (wayne, keith, scott):
            await client.expect(WORDS % ("Scott", "And on"))
        assert it.both.crossed("And on") == 1
