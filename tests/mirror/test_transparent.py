"""A mirror that users do not notice, not even when it comes and goes: the server's module."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from conformance.client import Client
from tests.mirror.servers import MASTER, MIRROR, PLAIN, pair
from tests.web_client import web_person

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

HALL = f"hall@{MASTER}"
WORDS = "<message type='groupchat' from='{room}/%s'><body>%s</body></message>"
BODY = "{jabber:client}body"


def shown(client: Client) -> Counter[str]:
    """How often a client was shown each of the things that were said."""
    return Counter(text for s in client.inbox.everything if (text := s.findtext(BODY)))


@pytest.mark.requirement("D-031", "D-103")
async def test_d_031_without_its_mirror_everything_flows_as_plain_muc(tmp_path: Path) -> None:
    async with (
        pair(tmp_path, transparent=True) as both,
        web_person(both.fairfax.web, "Wanda") as wanda,
        Client(both.fairfax.server, "scott", names={"room": HALL}) as scott,
        Client(both.raleigh.server, "wayne", names={"room": HALL}) as wayne,
    ):
        await wanda.makes("hall", name="The hall")
        await scott.join(HALL, "Scott")
        await both.raleigh.gateway.terminate()
        # a client that says to come by a mirror: its server knows better
        await wayne.send(
            "<presence to='{room}/Wayne'><x xmlns='http://jabber.org/protocol/muc'/>"
            f"<dmuc xmlns='http://tridsys.com/protocol/dmuc' from='{MIRROR}'/></presence>"
        )
        await wayne.expect("<presence from='{room}/Wayne'><x "
                           "xmlns='http://jabber.org/protocol/muc#user'><status code='110'/>"
                           "</x></presence>")  # fmt: skip
        await scott.say(HALL, "Without a mirror")
        await wayne.expect(WORDS % ("Scott", "Without a mirror"))


@pytest.mark.requirement("D-003", "D-031")
async def test_d_031_who_joined_without_the_mirror_goes_on_so_when_it_is_back(
    tmp_path: Path,
) -> None:
    """The mirror falls while Wayne and Keith are in by it. Wayne notices, and joins again."""
    async with (
        pair(tmp_path, transparent=True) as both,
        web_person(both.fairfax.web, "Wanda") as wanda,
        Client(both.fairfax.server, "scott", names={"room": HALL}, patience=60) as scott,
        Client(both.raleigh.server, "wayne", names={"room": HALL}, patience=60) as wayne,
        Client(both.raleigh.server, "keith", names={"room": HALL}, patience=60) as keith,
    ):
        await wanda.makes("hall", name="The hall")
        for client in (scott, wayne, keith):
            await client.join(HALL, client.name.capitalize())
        await both.raleigh.gateway.kill()
        ping = "<iq type='get' to='{room}/Wayne'><ping xmlns='urn:xmpp:ping'/></iq>"
        pinged = await wayne.iq(ping)
        assert pinged.find(".//{*}not-acceptable") is not None
        wayne.forget()
        await wayne.join(HALL, "Wayne")
        await scott.say(HALL, "Wayne alone hears it now")
        await wayne.expect(WORDS % ("Scott", "Wayne alone hears it now"))

        wayne.forget()
        await both.raleigh.gateway.start()
        await keith.expect(WORDS % ("Scott", "Wayne alone hears it now"))
        await wayne.say(HALL, "By a way of my own")
        for client in (scott, wayne, keith):
            await client.expect(WORDS % ("Wayne", "By a way of my own"))
        await keith.say(HALL, "By the mirror")
        for client in (scott, wayne, keith):
            await client.expect(WORDS % ("Keith", "By the mirror"))
        assert (await wayne.iq(ping)).get("type") == "result"
        await wayne.hears_nothing("<presence type='unavailable' from='{room}/Wayne'/>")

        await wayne.leave(HALL, "Wayne")
        await keith.expect("<presence type='unavailable' from='{room}/Wayne'/>")
        await wayne.join(HALL, "Wayne", history=0)
        await scott.say(HALL, "To both at once")
        for client in (scott, wayne, keith):
            await client.expect(WORDS % ("Scott", "To both at once"))
        assert both.crossed("To both at once") == 1
        for client in (scott, keith):
            assert set(shown(client).values()) == {1}, client.name
        assert shown(wayne)["By the mirror"] == 1
        assert shown(wayne)["By a way of my own"] == 1


@pytest.mark.requirement("D-031", "D-103")
async def test_d_031_a_service_without_mirrors_is_left_alone(tmp_path: Path) -> None:
    plain = f"den@{PLAIN}"
    async with (
        pair(tmp_path, transparent=True) as both,
        Client(both.fairfax.server, "scott", names={"room": plain}) as scott,
        Client(both.raleigh.server, "wayne", names={"room": plain}, patience=60) as wayne,
    ):
        await scott.join(plain, "Scott")
        form = "<x xmlns='jabber:x:data' type='submit'/>"
        owner = f"<query xmlns='http://jabber.org/protocol/muc#owner'>{form}</query>"
        await scott.iq(f"<iq type='set' to='{{room}}'>{owner}</iq>")
        assert (await wayne.join(plain, "Wayne")).nicks == {"Scott", "Wayne"}
        await wayne.say(plain, "As ever")
        for client in (scott, wayne):
            await client.expect(WORDS % ("Wayne", "As ever"))
        ping = "<iq type='get' to='{room}/Wayne'><ping xmlns='urn:xmpp:ping'/></iq>"
        assert (await wayne.iq(ping)).get("type") == "result"
        await wayne.send("<presence to='{room}/Duke'/>")  # which a mirror would not let pass
        await scott.expect("<presence from='{room}/Duke'/>")
        await wayne.drop()
        await scott.expect("<presence type='unavailable' from='{room}/Duke'/>")
