"""What those get who write to the addresses of a component."""

from __future__ import annotations

import pytest
from slixmpp import JID, Message

from legacy_backend.xmpp.component import Component
from legacy_backend.xmpp.manners import Manners
from legacy_backend.xmpp.noted_bookmarks import NotedBookmarks
from legacy_backend.xmpp.own_addresses import OwnAddresses
from tests.xmpp.line import Line, present, says

PUPPET = JID(r"ada\40here.example@puppets.example")
FULL = JID(f"{PUPPET}/sluice")
STRANGER = "from='mallory@evil.example/x'"
NO = "urn:ietf:params:xml:ns:xmpp-stanzas"
REFUSED = f"<error type='cancel'><service-unavailable xmlns='{NO}'/></error>"
INFO = "<query xmlns='http://jabber.org/protocol/disco#info'/>"


class Puppet(Line):
    """A component with one puppet, Ada's; a stranger is the sender unless said otherwise."""

    def __init__(self) -> None:
        component = Component("puppets.example", "secret", "127.0.0.1", 1)
        super().__init__(FULL, component.xmpp)
        self.house = OwnAddresses(component)
        Manners(self.house)
        link = self.house.take(PUPPET, NotedBookmarks("", self._note))
        assert link.full == FULL
        assert link.client is self.client
        self.heard: list[Message] = []
        link.hear(self.heard.append)

    async def _note(self, _: str) -> None:
        pass


@pytest.fixture
async def puppet() -> Puppet:
    made = Puppet()
    made.up()
    return made


@pytest.mark.parametrize(
    ("to", "identity"),
    [
        (PUPPET, "<identity category='account' type='registered'/>"),
        (FULL, "<identity category='client'/><feature var='http://jabber.org/protocol/muc'/>"),
        ("puppets.example", "<identity category='component' type='generic'/>"),
    ],
)
async def test_it_says_what_it_is(puppet: Puppet, to: object, identity: str) -> None:
    puppet.brings(f"<iq type='get' id='1' {STRANGER} to='{{to}}'>{INFO}</iq>", to=to)
    answer = f"<iq type='result' id='1' from='{{to}}' to='mallory@evil.example/x'>{INFO}</iq>"
    await puppet.sends(answer.replace("/></iq>", f">{identity}</query></iq>"), to=to)


async def test_it_answers_pings_and_has_no_items(puppet: Puppet) -> None:
    ping = "<ping xmlns='urn:xmpp:ping'/>"
    puppet.brings(f"<iq type='get' id='1' {STRANGER}>{ping}</iq>")
    await puppet.sends("<iq type='result' id='1' from='{me}'/>")
    items = "<query xmlns='http://jabber.org/protocol/disco#items'/>"
    puppet.brings(f"<iq type='get' id='2' {STRANGER}>{items}</iq>")
    await puppet.sends(f"<iq type='result' id='2'>{items}</iq>")


@pytest.mark.parametrize(
    ("to", "type", "payload", "condition"),
    [
        (PUPPET, "get", "<vCard xmlns='vcard-temp'/>", "service-unavailable"),
        (PUPPET, "set", "<query xmlns='jabber:iq:roster'/>", "service-unavailable"),
        (PUPPET, "set", "<ping xmlns='urn:xmpp:ping'/>", "service-unavailable"),
        (PUPPET, "get", INFO.replace("/>", " node='x'/>"), "item-not-found"),
        (PUPPET, "get", "", "service-unavailable"),
        ("nobody@puppets.example", "get", INFO, "service-unavailable"),
        (f"{PUPPET}/other", "get", "<ping xmlns='urn:xmpp:ping'/>", "service-unavailable"),
    ],
)
async def test_it_refuses_everything_else(
    puppet: Puppet, to: object, type: str, payload: str, condition: str
) -> None:
    puppet.brings(f"<iq type='{type}' id='1' {STRANGER} to='{{to}}'>{payload}</iq>", to=to)
    error = REFUSED.replace("service-unavailable", condition)
    await puppet.sends(f"<iq type='error' id='1' from='{{to}}'>{error}</iq>", to=to)


async def test_what_a_person_writes_is_for_its_user(puppet: Puppet) -> None:
    hello = f"<message type='chat' id='1' {STRANGER} to='{{to}}'><body>Hello</body></message>"
    puppet.brings(hello, to=PUPPET)
    puppet.brings(hello, to=FULL)
    assert [one["body"] for one in puppet.heard] == ["Hello", "Hello"]
    await puppet.sends_nothing()


@pytest.mark.parametrize("to", ["nobody@puppets.example", "puppets.example", f"{PUPPET}/other"])
async def test_what_is_for_nobody_is_refused(puppet: Puppet, to: str) -> None:
    puppet.brings(f"<message id='1' {STRANGER} to='{to}'><body>Hello</body></message>")
    await puppet.sends(f"<message type='error' id='1' from='{to}'>{REFUSED}</message>")
    puppet.brings(f"<message id='2' type='error' {STRANGER} to='{to}'><body>No</body></message>")
    await puppet.sends_nothing()
    assert not puppet.heard


async def test_a_room_that_it_is_not_in_learns_of_that(puppet: Puppet) -> None:
    puppet.brings(says("bao", "Still there?", id="m1"))
    await puppet.sends(f"<message type='error' id='m1' to='{{room}}/bao'>{REFUSED}</message>")
    await puppet.join()
    puppet.brings(says("bao", "Ah.", id="m2"))
    assert puppet.heard[-1]["body"] == "Ah."
    await puppet.sends_nothing()


async def test_nobody_sees_whether_it_is_online(puppet: Puppet) -> None:
    for type in ("subscribe", "probe"):
        puppet.brings(f"<presence type='{type}' {STRANGER} to='{PUPPET}'/>")
        await puppet.sends("<presence type='unsubscribed' to='mallory@evil.example/x'/>")
    puppet.brings(f"<presence {STRANGER}/>", present("bao"))
    await puppet.sends_nothing()


async def test_stanzas_of_the_component_read_as_those_of_an_account() -> None:
    puppet = Puppet()
    hello = f"<message {STRANGER}><body>Hello</body><x xmlns='urn:x'><body/></x></message>"
    puppet.brings(hello.replace("<message", "<message xmlns='jabber:component:accept'"))
    (message,) = puppet.heard
    assert message.xml.findtext("{jabber:client}body") == "Hello"
    assert message.xml.find("{urn:x}x/{urn:x}body") is not None
