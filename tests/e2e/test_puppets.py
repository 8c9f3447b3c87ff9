"""Rooms on another server, for users who have no account there: each is in them with an address of
a component of the network's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import pytest_asyncio

from conformance.client import Client, Refusal
from conformance.xml import condition_of
from tests.e2e.elsewhere import Elsewhere, founded, gateway_to
from tests.servers import Ejabberd, Prosody
from tests.servers.fixtures import USERS
from tests.servers.server import SECRET, Server

pytestmark = pytest.mark.e2e


OPTIONS = """
puppets = "{domain}"
puppets_secret = "{secret}"
puppets_port = {port}
"""


@dataclass
class Stage:
    """A gateway whose users have puppets at `domain`, which is a component of the far server."""

    place: Elsewhere
    domain: str

    def puppet(self, name: str) -> str:
        """The address of the puppet that a user here has over there."""
        return f"{name}\\40{self.place.here.domain}@{self.domain}"

    @asynccontextmanager
    async def joined(self, room: str, *names: str) -> AsyncIterator[list[Client]]:
        """Bao has made a room over there, and users here, who are no such yet, have joined it."""
        place = self.place
        async with AsyncExitStack() as stack:
            bao = await stack.enter_async_context(place.far(room, "bao"))
            await founded(bao, room)
            found = [bao]
            for name in names:
                user = Client(place.here, name, names=place.names(room))
                found.append(await stack.enter_async_context(user))
                await user.join(place.seen_here(room), name)
                await bao.expect(f"<presence from='{{far}}/{name}'/>")
            yield found


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def there() -> AsyncIterator[Prosody]:
    async with Prosody(users=USERS, domain="far.localhost", spare=20) as server:
        yield server


@asynccontextmanager
async def staged(
    here: Prosody, there: Server, folder: Path, secret: str = SECRET
) -> AsyncIterator[Stage]:
    domain = there.spare_component()
    options = OPTIONS.format(domain=domain, secret=secret, port=there.component_port)
    async with gateway_to(here, there, folder, options=options, auto_register=True) as place:
        yield Stage(place, domain)


@pytest.fixture
async def stage(prosody: Prosody, there: Prosody, tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(prosody, there, tmp_path) as made:
        yield made


async def test_who_joins_a_room_is_in_it_with_an_address_of_their_own(stage: Stage) -> None:
    """No password, no registration; and the words pass both ways."""
    place, room = stage.place, stage.place.room()
    async with stage.joined(room, "ada") as (bao, ada):
        assert await real_addresses(bao, room) == {
            f"bao@{place.there.domain}",
            stage.puppet("ada"),
        }
        await ada.say(place.seen_here(room), "Hello over there")
        await bao.expect("<message from='{far}/ada'><body>Hello over there</body></message>")
        await ada.expect("<message from='{room}/ada'><body>Hello over there</body></message>")
        await bao.say(room, "Welcome")
        await ada.expect("<message from='{room}/bao'><body>Welcome</body></message>")
        page = await ada.page(place.seen_here(room), limit=50)
        assert page.bodies == ["Hello over there", "Welcome"]


async def test_an_ejabberd_has_puppets_as_well(prosody: Prosody, tmp_path: Path) -> None:
    """Also after a crash, while it may still have the first one in the room."""
    async with (
        Ejabberd(users=USERS, domain="far.localhost", spare=1) as there,
        staged(prosody, there, tmp_path) as stage,
    ):
        place, room = stage.place, stage.place.room()
        async with stage.joined(room, "ada") as (bao, ada):
            await place.gateway.kill()
            await place.gateway.start()
            await ada.join(place.seen_here(room), "ada")
            await ada.say(place.seen_here(room), "Here I am")
            await bao.expect("<message from='{far}/ada'><body>Here I am</body></message>")
            await bao.say(room, "Welcome back")
            await ada.expect("<message from='{room}/bao'><body>Welcome back</body></message>")


async def test_who_unregisters_is_out_of_the_rooms_for_good(stage: Stage) -> None:
    place, room = stage.place, stage.place.room()
    async with stage.joined(room, "ada") as (bao, ada):
        await ada.iq(
            "<iq type='set' to='{gw}'><query xmlns='jabber:iq:register'><remove/></query></iq>"
        )
        await bao.expect("<presence type='unavailable' from='{far}/ada'/>")
        other = place.room()
        await founded(bao, other)
        await ada.join(place.seen_here(other), "ada")
        assert await real_addresses(bao, room) == {f"bao@{place.there.domain}"}
        await bao.send(
            "<message type='chat' to='{it}' id='1'><body>Hello</body></message>",
            it=stage.puppet("ada"),
        )
        await ada.expect("<message type='chat'><body>Hello</body></message>")


async def test_two_users_in_one_room_are_two_puppets(stage: Stage) -> None:
    place, room = stage.place, stage.place.room()
    async with stage.joined(room, "ada", "cyd") as (bao, ada, cyd):
        assert await real_addresses(bao, room) == {
            f"bao@{place.there.domain}",
            stage.puppet("ada"),
            stage.puppet("cyd"),
        }
        await ada.expect("<presence from='{room}/cyd'/>")
        await ada.say(place.seen_here(room), "Hello, Cyd")
        await cyd.expect("<message from='{room}/ada'><body>Hello, Cyd</body></message>")
        done = await ada.iq(
            "<iq type='set' to='{room}'><query xmlns='jabber:iq:register'><remove/></query></iq>"
        )
        assert done.get("type") == "result", ET.tostring(done)
        await bao.expect("<presence type='unavailable' from='{far}/ada'/>")
        await bao.say(room, "She is gone")
        await cyd.expect("<message from='{room}/bao'><body>She is gone</body></message>")


async def test_a_restarted_gateway_is_in_the_rooms_again(stage: Stage) -> None:
    place, room = stage.place, stage.place.room()
    async with stage.joined(room, "ada") as (bao, ada):
        await bao.say(room, "Good night")
        await ada.expect("<message from='{room}/bao'><body>Good night</body></message>")
        await place.gateway.terminate()
        await bao.expect("<presence type='unavailable' from='{far}/ada'/>")
        await bao.say(room, "While you slept")
        await place.gateway.start()
        await ada.expect("<message from='{room}/bao'><body>While you slept</body></message>")
        await bao.say(room, "Good morning")
        await ada.expect("<message from='{room}/bao'><body>Good morning</body></message>")


async def test_a_gateway_that_had_no_time_for_goodbyes_is_in_the_rooms_under_the_same_name(
    stage: Stage,
) -> None:
    place, room = stage.place, stage.place.room()
    async with stage.joined(room, "ada") as (bao, ada):
        await place.gateway.kill()
        await place.gateway.start()
        await ada.join(place.seen_here(room), "ada")
        assert await real_addresses(bao, room) == {
            f"bao@{place.there.domain}",
            stage.puppet("ada"),
        }
        await ada.say(place.seen_here(room), "Here I am")
        await bao.expect("<message from='{far}/ada'><body>Here I am</body></message>")


async def test_a_room_that_is_left_is_not_joined_again(stage: Stage) -> None:
    place, left = stage.place, stage.place.room()
    other = place.room()
    async with stage.joined(left, "ada") as (bao, ada):
        await founded(bao, other)
        await ada.join(place.seen_here(other), "ada")
        done = await ada.iq(
            "<iq type='set' to='{room}'><query xmlns='jabber:iq:register'><remove/></query></iq>"
        )
        assert done.get("type") == "result", ET.tostring(done)
        await place.gateway.terminate()
        bao.forget()
        await place.gateway.start()
        await bao.expect("<presence from='{it}/ada'/>", it=other)
        assert await real_addresses(bao, left) == {f"bao@{place.there.domain}"}


async def test_a_component_that_comes_back_is_in_the_rooms_again(
    prosody: Prosody, tmp_path: Path
) -> None:
    async with (
        Prosody(users=USERS, domain="far.localhost", spare=1) as there,
        staged(prosody, there, tmp_path) as stage,
    ):
        room = stage.place.room()
        async with stage.joined(room, "ada") as (_, ada):
            await there.restart()
            await ada.expect("<presence from='{gw}'><show>away</show></presence>")
            async with stage.place.far(room, "cyd") as cyd:
                await cyd.join(room, "cyd")
                await ada.expect("<presence from='{room}/cyd'/>")
                await cyd.say(room, "Back again")
                await ada.expect(
                    "<message from='{room}/cyd'><body>Back again</body></message>",
                )


async def test_a_secret_that_the_server_does_not_take_is_told(
    prosody: Prosody, there: Prosody, tmp_path: Path
) -> None:
    async with staged(prosody, there, tmp_path, "guessed") as stage:
        place, room = stage.place, stage.place.room()
        log = "the server does not take puppets_secret"
        await place.gateway.logged(f"{log} for {stage.domain}")
        async with Client(place.here, "ada", names=place.names(room)) as ada:
            answer = await place.register(ada, "ada", account=" ", password=" ", nick="ada")
            assert condition_of(answer) == "remote-server-timeout"
            assert log in told(answer)


async def test_strangers_reach_a_user_and_nobody_else(stage: Stage) -> None:
    place, room = stage.place, stage.place.room()
    async with stage.joined(room, "ada") as (_, ada), place.far(room, "cyd") as cyd:
        hello = "<message type='chat' to='{it}' id='{id}'><body>Hello</body></message>"
        await cyd.send(hello, it=stage.puppet("eli"), id="1")
        refused = await cyd.expect("<message type='error' id='1'/>")
        assert condition_of(refused) == "service-unavailable"
        await cyd.send(hello, it=stage.puppet("ada"), id="2")
        contact = f"cyd\\40{place.there.domain}@{place.gateway.jid}"
        heard = await ada.expect("<message type='chat'><body>Hello</body></message>")
        assert heard.get("from", "").startswith(contact)
        await ada.send(
            "<message type='chat' to='{it}'><body>Who is it?</body></message>", it=contact
        )
        answer = await cyd.expect("<message type='chat'><body>Who is it?</body></message>")
        assert answer.get("from", "").startswith(stage.puppet("ada"))
        info = await cyd.iq(
            "<iq type='get' to='{it}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>",
            it=stage.puppet("ada"),
        )
        assert info.get("type") == "result"
        card = await cyd.iq(
            "<iq type='get' to='{it}'><vCard xmlns='vcard-temp'/></iq>", it=stage.puppet("ada")
        )
        assert condition_of(card) == "service-unavailable"


@pytest.mark.requirement("TRAP-15")
async def test_nobody_has_the_puppet_of_somebody_else(stage: Stage) -> None:
    place, room = stage.place, stage.place.room()
    async with stage.joined(room, "ada") as (_, ada):
        async with Client(place.here, "cyd", names=place.names(room)) as cyd:
            answer = await place.register(cyd, "cyd", account=stage.puppet("ada"))
            assert condition_of(answer) == "not-acceptable"
            assert "this very gateway" in told(answer)
        with pytest.raises(Refusal) as no:
            await ada.join(place.seen_here(f"any@{stage.domain}"), "ada")
        assert "this very gateway" in told(no.value.stanza)


async def test_an_account_may_be_given_all_the_same(stage: Stage) -> None:
    place, room = stage.place, stage.place.room()
    async with place.far(room, "bao") as bao, place.user(room) as ada:
        await founded(bao, room)
        await ada.join(place.seen_here(room), "ada")
        await bao.expect("<presence from='{far}/ada'/>")
        assert await real_addresses(bao, room) == {
            f"{name}@{place.there.domain}" for name in ("ada", "bao")
        }


async def real_addresses(owner: Client, room: str) -> set[str]:
    """The bare addresses of all who are in a room, as it shows them to its owner."""
    found = set()
    for role in ("moderator", "participant"):
        answer = await owner.iq(
            f"<iq type='get' to='{room}'><query xmlns='http://jabber.org/protocol/muc#admin'>"
            f"<item role='{role}'/></query></iq>"
        )
        items = answer.iter("{http://jabber.org/protocol/muc#admin}item")
        found |= {item.get("jid", "").partition("/")[0] for item in items}
    return found


def told(stanza: ET.Element) -> str:
    return stanza.findtext(".//{urn:ietf:params:xml:ns:xmpp-stanzas}text") or ""
