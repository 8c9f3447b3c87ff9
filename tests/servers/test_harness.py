"""The harness itself: two clients talk through the servers' own rooms."""

from __future__ import annotations

import asyncio

import pytest

from conformance.xml import condition_of, matches, parse
from tests.servers import Client, Refusal
from tests.servers.server import Server

pytestmark = pytest.mark.e2e


async def test_two_clients_talk_in_a_room_of_the_server(server: Server) -> None:
    room = f"hall@{server.rooms}"
    async with Client(server, "ada") as ada, Client(server, "bao") as bao:
        first = await ada.join(room, "Ada")
        assert first.codes >= {"110", "201"}
        assert condition_of(await ada.iq(INSTANT_ROOM, room=room)) is None
        second = await bao.join(room, "Bao")
        assert second.nicks == {"Ada", "Bao"}
        assert second.subject.findtext("{jabber:client}subject", "") == ""

        await ada.receives("<presence from='{room}/Bao'/>", room=room)
        sent = await ada.say(room, "Tea & <biscuits> at {five}?")
        for each in ada, bao:
            await each.receives(
                "<message type='groupchat' from='{room}/Ada' id='{sent}'>"
                "<body>Tea &amp; &lt;biscuits&gt; at {five}?</body></message>",
                room=room,
                sent=sent,
            )
        await bao.leave(room, "Bao")
        await ada.receives("<presence type='unavailable' from='{room}/Bao'/>", room=room)
        await ada.say(room, "Gone?")
        await ada.receives("c:message/c:body[.='Gone?']")
        await bao.hears_nothing("c:message", until=ada.fence())


async def test_history_and_archive_of_a_room_can_be_read(server: Server) -> None:
    room = f"library@{server.rooms}"
    async with Client(server, "ada") as ada, Client(server, "bao") as bao:
        await ada.join(room, "Ada")
        await ada.iq(ARCHIVED_ROOM, room=room)
        for number in range(5):
            await ada.say(room, f"line {number}")
            await ada.receives(f"<message><body>line {number}</body></message>")

        joined = await bao.join(room, "Bao", history=2)
        assert [m.findtext("{jabber:client}body") for m in joined.history] == ["line 3", "line 4"]

        last = await bao.page(room, before="", limit=2)
        assert last.bodies == ["line 3", "line 4"]
        assert not last.complete
        whole = await bao.page(room)
        assert whole.bodies == [f"line {number}" for number in range(5)]
        rest = await bao.page(room, after=whole.ids[2])
        assert rest.bodies == ["line 3", "line 4"]


async def test_accounts_and_ports_outlast_a_restart(server: Server) -> None:
    await server.add_user("eve", "secret of eve")
    async with Client(server, "eve") as eve:
        assert eve.full.startswith(f"eve@{server.domain}/")
    ports = (server.c2s_port, server.component_port)
    await server.restart()
    assert (server.c2s_port, server.component_port) == ports
    async with Client(server, "eve") as eve:
        await eve.fence()
    with pytest.raises(ConnectionError):
        await Client(server, "eve", password="wrong").connect()


async def test_a_client_can_be_cut_off_and_come_back(server: Server) -> None:
    room = f"tunnel@{server.rooms}"
    async with Client(server, "ada") as ada, Client(server, "bao", resource="phone") as bao:
        await ada.join(room, "Ada")
        await ada.iq(INSTANT_ROOM, room=room)
        await bao.join(room, "Bao")
        await bao.drop()
        await ada.receives("<presence type='unavailable' from='{room}/Bao'/>", room=room)
        await bao.connect()
        await bao.join(room, "Bao")


async def test_an_error_is_a_refusal_or_an_answer(server: Server) -> None:
    async with Client(server, "ada") as ada, Client(server, "bao") as bao:
        room = f"small@{server.rooms}"
        await ada.join(room, "Ada")
        await ada.iq(INSTANT_ROOM, room=room)
        with pytest.raises(Refusal) as refusal:
            await bao.join(room, "Ada")
        assert refusal.value.condition == "conflict"
        answer = await bao.iq("<iq type='get' to='{room}'><no xmlns='of:this'/></iq>", room=room)
        assert answer.get("type") == "error"


async def test_what_does_not_come_fails_the_test(server: Server) -> None:
    async with Client(server, "ada") as ada:
        with pytest.raises(AssertionError, match="ada did not receive"):
            await ada.expect("<message/>", timeout=0.05)
        await ada.send("<message to='{me}'><body>me</body></message>")
        with pytest.raises(AssertionError, match="should not have received"):
            await ada.hears_nothing("<message/>")
        with pytest.raises(AssertionError):
            await ada.receives("<message/>", "<message/>", timeout=0.05)


async def test_every_component_domain_given_out_is_new(server: Server) -> None:
    given = {server.spare_component() for _ in range(3)}
    assert len(given) == 3
    # Nobody is connected as that component, and the server says so.
    async with Client(server, "ada") as ada:
        for domain in given:
            answer = await ada.iq(
                "<iq type='get' to='{it}'><ping xmlns='urn:xmpp:ping'/></iq>", it=domain
            )
            assert answer.get("type") == "error"


async def test_clients_of_one_loop_do_not_wait_for_each_other(server: Server) -> None:
    async with Client(server, "ada") as ada, Client(server, "bao") as bao:
        await asyncio.gather(*(each.fence() for each in [ada, bao] * 20))


@pytest.mark.parametrize(
    ("wanted", "found", "fits"),
    [
        ("<message/>", "<message from='a@b'><body>x</body></message>", True),
        ("<message><body>x</body></message>", "<message><body>y</body></message>", False),
        ("<message><x><y/></x></message>", "<message><x xmlns='n'><y/></x></message>", True),
        ("<message><x xmlns='m'/></message>", "<message><x xmlns='n'/></message>", False),
        ("<message><x/><x/></message>", "<message><x/></message>", False),
        ("<presence type='error'/>", "<presence/>", False),
    ],
)
def test_what_is_written_has_to_be_there(wanted: str, found: str, fits: bool) -> None:
    assert matches(parse(wanted), parse(found)) is fits


INSTANT_ROOM = """
    <iq type='set' to='{room}'><query xmlns='http://jabber.org/protocol/muc#owner'>
      <x xmlns='jabber:x:data' type='submit'/>
    </query></iq>"""

ARCHIVED_ROOM = """
    <iq type='set' to='{room}'><query xmlns='http://jabber.org/protocol/muc#owner'>
      <x xmlns='jabber:x:data' type='submit'>
        <field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#roomconfig</value></field>
        <field var='muc#roomconfig_enablearchiving'><value>1</value></field>
        <field var='mam'><value>1</value></field>
      </x>
    </query></iq>"""
