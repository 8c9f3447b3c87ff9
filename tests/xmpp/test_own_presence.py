"""How we look in rooms: changed at any time, and kept over names and re-joins."""

from __future__ import annotations

import pytest
from slixmpp import JID

from legacy_backend.xmpp.muc import PresenceState
from tests.xmpp.line import Line

AWAY = PresenceState(True, "away")


async def test_we_look_otherwise(line: Line) -> None:
    room, _ = await line.join()
    room.set_presence(AWAY, {None: "Tea", "de": "Tee"}, 5)
    looks = """<show>away</show><status>Tea</status><status xml:lang='de'>Tee</status>
        <priority>5</priority>"""
    sent = await line.sends(f"<presence to='{{room}}/ada'>{looks}</presence>")
    assert sent.find("{http://jabber.org/protocol/muc}x") is None  # which would be a join

    await room.set_nick("ada the second")
    await line.sends(f"<presence to='{{room}}/ada the second'>{looks}</presence>")
    room.set_presence(PresenceState(True))
    sent = await line.sends("<presence to='{room}/ada'/>")
    assert len(sent) == 0


async def test_it_is_kept_over_a_break(line: Line) -> None:
    room, _ = await line.join()
    line.down()
    room.set_presence(AWAY)
    await line.sends_nothing()
    line.up()
    await line.sends("""
        <presence to='{room}/ada'><show>away</show>
          <x xmlns='http://jabber.org/protocol/muc'/></presence>""")
    room.set_presence(AWAY, "Tea")
    await line.sends_nothing()  # we are not in yet
    line.enters()
    await line.sends("<presence to='{room}/ada'><show>away</show><status>Tea</status></presence>")
    await line.sends_nothing()


async def test_all_rooms_and_those_to_come(line: Line) -> None:
    await line.join()
    line.client.set_presence(AWAY)
    await line.sends("<presence to='{room}/ada'><show>away</show></presence>")
    line.client.join(JID("den@rooms.example"), "ada")
    await line.sends("<presence to='den@rooms.example/ada'><show>away</show></presence>")


@pytest.mark.parametrize(
    ("state", "priority"),
    [(PresenceState(False), 0), (PresenceState(True, "gone"), 0), (AWAY, 128), (AWAY, -129)],
)
async def test_what_is_no_presence_is_refused(
    line: Line, state: PresenceState, priority: int
) -> None:
    room, _ = await line.join()
    with pytest.raises(ValueError, match=r"."):
        room.set_presence(state, None, priority)
    await line.sends_nothing()
