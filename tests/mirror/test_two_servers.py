"""A master and a mirror beside two real servers, with unmodified clients."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.client import Client
from tests.mirror.servers import MASTER, MIRROR, pair
from tests.web_client import web_person

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

WORDS = "<message type='groupchat' from='{room}/%s'><body>%s</body></message>"


@pytest.mark.parametrize("transparent", [False, True], ids=["escaped", "transparent"])
@pytest.mark.requirement("D-003", "D-004", "D-030", "D-031")
async def test_d_004_unmodified_clients_talk_through_a_mirror(
    tmp_path: Path, transparent: bool
) -> None:
    hall = f"hall@{MASTER}"
    local = hall if transparent else rf"hall\40{MASTER}@{MIRROR}"
    async with (
        pair(tmp_path, transparent=transparent) as both,
        web_person(both.fairfax.web, "Wanda") as wanda,
        Client(both.fairfax.server, "scott", names={"room": hall}) as scott,
        Client(both.raleigh.server, "wayne", names={"room": local}) as wayne,
        Client(both.raleigh.server, "keith", names={"room": local}) as keith,
    ):
        await wanda.makes("hall", name="The hall")
        await wanda.says("hall", "Is anybody there?")
        await scott.join(hall, "Scott")
        joined = await wayne.join(local, "Wayne")
        assert joined.nicks == {"Wanda", "Scott", "Wayne"}
        assert [m.findtext("{jabber:client}body") for m in joined.history] == ["Is anybody there?"]
        assert (await keith.join(local, "Keith")).nicks == {"Wanda", "Scott", "Wayne", "Keith"}
        await wayne.say(local, "From over here")
        for client in (wayne, keith, scott):
            await client.expect(WORDS % ("Wayne", "From over here"))
        assert [m["body"] for m in await wanda.messages("hall")][-1] == "From over here"

        await wanda.says("hall", "To all of you")
        for client in (wayne, keith, scott):
            await client.expect(WORDS % ("Wanda", "To all of you"))
        assert both.crossed("To all of you") == 1
        assert both.crossed("From over here") == 2

        for relay in both.relays:
            await relay.break_off()
        await wayne.say(local, "Still there?")
        await keith.expect("<presence type='unavailable' from='{room}/Scott'/>")
        await keith.say(local, "I am")
        await wayne.expect(WORDS % ("Keith", "I am"))
        await wanda.says("hall", "Where are they?")
        await scott.expect(WORDS % ("Wanda", "Where are they?"))
        for relay in both.relays:
            relay.cut = False
        for client in (wayne, keith):
            await client.expect(WORDS % ("Wanda", "Where are they?"), timeout=60)
        await scott.expect(WORDS % ("Keith", "I am"), timeout=60)


@pytest.mark.parametrize("where", [("raleigh",), ("fairfax",)], ids=["mirror", "master"])
async def test_ejabberd_at_either_end(tmp_path: Path, where: tuple[str, ...]) -> None:
    """With escaped addresses, which need nothing of a server."""
    hall, local = f"hall@{MASTER}", rf"hall\40{MASTER}@{MIRROR}"
    async with (
        pair(tmp_path, ejabberd=where) as both,
        web_person(both.fairfax.web, "Wanda") as wanda,
        Client(both.fairfax.server, "scott", names={"room": hall}, patience=60) as scott,
        Client(both.raleigh.server, "wayne", names={"room": local}, patience=60) as wayne,
        Client(both.raleigh.server, "keith", names={"room": local}, patience=60) as keith,
    ):
        await wanda.makes("hall", name="The hall")
        await wanda.says("hall", "Is anybody there?")
        await scott.join(hall, "Scott")
        joined = await wayne.join(local, "Wayne")
        assert joined.nicks == {"Wanda", "Scott", "Wayne"}
        assert [m.findtext("{jabber:client}body") for m in joined.history] == ["Is anybody there?"]
        await keith.join(local, "Keith")
        await wayne.say(local, "From over here")
        for client in (wayne, keith, scott):
            await client.expect(WORDS % ("Wayne", "From over here"))
        await scott.say(hall, "To all of you")
        for client in (wayne, keith, scott):
            await client.expect(WORDS % ("Scott", "To all of you"))
        assert both.crossed("To all of you") == 1
        assert both.crossed("From over here") == 2

        for relay in both.relays:
            await relay.break_off()
        await scott.say(hall, "Where are they?")
        await scott.expect("<presence type='unavailable' from='{room}/Wayne'/>")
        await wayne.say(local, "Still there?")
        await keith.expect("<presence type='unavailable' from='{room}/Scott'/>")
        for relay in both.relays:
            relay.cut = False
        for client in (wayne, keith):
            await client.expect(WORDS % ("Scott", "Where are they?"))


@pytest.mark.requirement("D-031", "D-103")
async def test_d_031_without_its_mirror_everything_flows_as_plain_muc(tmp_path: Path) -> None:
    hall = f"hall@{MASTER}"
    async with (
        pair(tmp_path, transparent=True) as both,
        web_person(both.fairfax.web, "Wanda") as wanda,
        Client(both.fairfax.server, "scott", names={"room": hall}) as scott,
        Client(both.raleigh.server, "wayne", names={"room": hall}) as wayne,
    ):
        await wanda.makes("hall", name="The hall")
        await scott.join(hall, "Scott")
        await both.raleigh.gateway.terminate()
        # a client that says to come by a mirror: its server knows better
        await wayne.send(
            "<presence to='{room}/Wayne'><x xmlns='http://jabber.org/protocol/muc'/>"
            f"<dmuc xmlns='http://tridsys.com/protocol/dmuc' from='{MIRROR}'/></presence>"
        )
        await wayne.expect("<presence from='{room}/Wayne'><x "
                           "xmlns='http://jabber.org/protocol/muc#user'><status code='110'/>"
                           "</x></presence>")  # fmt: skip
        await scott.say(hall, "Without a mirror")
        await wayne.expect(WORDS % ("Scott", "Without a mirror"))
