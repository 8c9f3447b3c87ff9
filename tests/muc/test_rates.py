"""Too much of anything from one user is refused, cheaply, and the others notice nothing."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from gateway.config import Limits
from gateway.errors import Refused
from gateway.muc.call import NS
from gateway.muc.rates import LASTING, REMEMBERED, Rates
from gateway.muc.toll import price
from tests.fake_network import FakeNetwork
from tests.stage import Stage

ADMIN = "http://jabber.org/protocol/muc#admin"
USER = "http://jabber.org/protocol/muc#user"

EACH_KIND = [
    ("messages", "<message to='{room}' type='groupchat' id='s{n}'><body>Hi</body></message>"),
    ("messages", "<message to='{room}' type='groupchat' id='s{n}'><subject>A</subject></message>"),
    ("messages", """<message to='{room}/bao' type='chat' id='s{n}'><body>Hi</body>
        <x xmlns='http://jabber.org/protocol/muc#user'/></message>"""),
    ("messages", "<message to='BAO@{gw}' type='chat' id='s{n}'><body>Hi</body></message>"),
    ("signals", """<message to='{room}' type='groupchat' id='s{n}'>
        <composing xmlns='http://jabber.org/protocol/chatstates'/></message>"""),
    ("joins", """<presence to='{room}/ada' id='s{n}'>
        <x xmlns='http://jabber.org/protocol/muc'/></presence>"""),
    ("presences", "<presence to='{room}/ada' id='s{n}'><show>away</show></presence>"),
    ("queries", "<iq to='{room}' type='get' id='s{n}'><ping xmlns='urn:xmpp:ping'/></iq>"),
    ("queries", """<iq to='{gw}' type='get' id='s{n}'>
        <query xmlns='http://jabber.org/protocol/disco#items'/></iq>"""),
    ("archive queries", """<iq to='{room}' type='set' id='s{n}'>
        <query xmlns='urn:xmpp:mam:2'/></iq>"""),
    ("changes", """<iq to='{room}' type='set' id='s{n}'>
        <query xmlns='http://jabber.org/protocol/muc#admin'>
        <item nick='bao' role='none'/></query></iq>"""),
    ("invitations", """<message to='{room}' id='s{n}'>
        <x xmlns='http://jabber.org/protocol/muc#user'><invite to='bao@{gw}'/></x></message>"""),
]  # fmt: skip


@pytest.mark.requirement("SVC-05")
@pytest.mark.parametrize(("kind", "stanza"), EACH_KIND)
async def test_a_flood_of_any_kind_is_refused_and_harms_nobody_else(
    stage: Stage, network: FakeNetwork, kind: str, stanza: str
) -> None:
    network.obeys("send", "kick", "set_subject", "send_private", "invite", "send_direct")
    ada, bao = await stage.seated("ada:owner", "bao", "BAO")
    stage.refills_nothing()
    stage.gateway.rates.per_minute = {kind: 3}
    for n in range(10):
        ada.sends(stanza, n=str(n))
    refused = [s for s in await ada.has_heard() if _over(s)]
    assert [s.get("id") for s in refused] == [f"s{n}" for n in range(3, 10)]
    assert stage.gateway.rates.refused == {kind: 7}

    bao.sends(stanza, n="b")
    assert not [s for s in await bao.has_heard() if _over(s)]


def _over(stanza: ET.Element) -> bool:
    return stanza.find("{*}error[@type='wait']/{*}resource-constraint") is not None


@pytest.mark.requirement("SVC-05")
async def test_what_is_refused_is_not_repeated_nor_kept(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada")
    stage.refills_nothing()
    stage.gateway.rates.per_minute = {"messages": 1}
    ada.sends("<message to='{room}' type='groupchat' id='m0'><body>Hi</body></message>")
    held = await network.is_asked("send", "g1", "Hi")  # what follows would have to wait for this
    for _ in range(1000):
        ada.sends(
            "<message to='{room}' type='groupchat' id='m1'><body>{long}</body></message>",
            long="x" * 1000,
        )
    heard = await ada.has_heard()
    assert len(heard) == 1000
    assert all(len(ET.tostring(s)) < 600 for s in heard)
    network.was_not_asked()
    held.agrees()


@pytest.mark.requirement("SVC-05")
async def test_a_leave_is_never_refused(stage: Stage) -> None:
    ada, bao = await stage.seated("ada", "bao")
    stage.refills_nothing()
    stage.gateway.rates.per_minute = dict.fromkeys(stage.gateway.rates.per_minute, 1)
    for _ in range(5):
        ada.sends("<presence to='{room}/ada'><show>away</show></presence>")
    ada.sends("<presence to='{room}/ada' type='unavailable'/>")
    await bao.receives("<presence from='{room}/ada' type='unavailable'/>")


def test_what_a_client_does_when_it_starts_is_within_the_limits() -> None:
    rates = Rates(Limits().by_kind(), Clock())
    for _ in range(2):  # a phone and a laptop, after the server was restarted
        for kind, count in [
            ("joins", 300),
            ("presences", 2 * 300),
            ("queries", 300 * 5 + 400),  # features, lists and self-pings; pictures of occupants
            ("archive queries", 2 * 300),
            ("signals", 300),
        ]:
            for _ in range(count):
                rates.spend(kind, "ada@example.org")
    assert not rates.refused


def test_an_item_is_a_change_and_a_guest_an_invitation() -> None:
    item = "<item jid='x@example.org' affiliation='none'/>"
    assert _priced(f"<iq type='set'><query xmlns='{ADMIN}'>{item * 50}</query></iq>") == (
        "changes",
        50,
    )
    guests = "<invite to='x@example.org'/>" * 40
    assert _priced(f"<message><x xmlns='{USER}'>{guests}</x></message>") == ("invitations", 40)


def _priced(xml: str) -> tuple[str, int]:
    stanza = ET.fromstring(xml)
    stanza.tag = f"{NS}{stanza.tag}"
    return price(stanza)


@pytest.mark.parametrize(
    "xml",
    [
        "<iq type='result'/>",
        "<iq type='error'/>",
        "<message type='error'><body/></message>",
        "<presence type='unavailable'/>",
        "<presence type='error'/>",
    ],
)
def test_what_has_to_get_through_is_free(xml: str) -> None:
    assert _priced(xml) == ("", 0)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_tokens_come_back_with_time() -> None:
    clock = Clock()
    rates = Rates({"messages": 60}, clock)
    assert _passes(rates, 100) == 60
    clock.now = 10.0
    assert _passes(rates, 100) == 10


@pytest.mark.requirement("SVC-05")
def test_who_goes_on_all_the_same_has_to_be_silent_for_a_minute() -> None:
    clock = Clock()
    rates = Rates({"messages": 60}, clock)
    _passes(rates, 60 + LASTING * 60)
    clock.now = 30.0
    assert _passes(rates, 1) == 0
    with pytest.raises(Refused) as no:
        rates.spend("messages", "ada@example.org")
    assert (no.value.condition, no.value.type) == ("policy-violation", "wait")
    clock.now = 80.0
    assert _passes(rates, 1) == 0
    clock.now = 140.0
    assert _passes(rates, 100) == 60


def test_more_than_fits_into_a_bucket_takes_all_of_it() -> None:
    rates = Rates({"changes": 10}, Clock())
    rates.spend("changes", "ada@example.org", 5000)
    with pytest.raises(Refused, match="resource-constraint"):
        rates.spend("changes", "ada@example.org")


def test_no_limit_is_none() -> None:
    assert _passes(Rates({"messages": 0}, Clock()), 5000) == 5000


def test_a_crowd_of_users_does_not_fill_the_memory() -> None:
    rates = Rates({"messages": 1}, Clock())
    for n in range(REMEMBERED + 500):
        rates.spend("messages", f"u{n}@example.org")
    assert len(rates._users) == REMEMBERED


def test_operators_are_told_ever_more_rarely(caplog: pytest.LogCaptureFixture) -> None:
    _passes(Rates({"messages": 1000}, Clock()), 2500)
    told = [record.getMessage() for record in caplog.records]
    assert [text.rpartition("refused ")[2] for text in told] == [
        "1 in a row",
        "10 in a row",
        "100 in a row",
        "1000 in a row",
    ]
    assert all("ada@example.org sends too many messages" in text for text in told)


def _passes(rates: Rates, tries: int) -> int:
    """How many of these messages get through."""
    passed = 0
    for _ in range(tries):
        try:
            rates.spend("messages", "ada@example.org")
        except Refused:
            continue
        passed += 1
    return passed
