"""What can be set about the network, and who may log in."""

from __future__ import annotations

import pytest

from gateway.config.networks import backend_class
from legacy_backend import LegacyError, UserId
from legacy_backend.events import Event, LoginStateChanged
from legacy_backend.xmpp.backend import XmppBackend
from legacy_backend.xmpp.settings import OPTIONS, Puppets, Settings, problems

USER = UserId("ada@here.example")


def test_the_network_has_a_name_in_the_configuration() -> None:
    assert backend_class("xmpp") is XmppBackend


def test_what_is_set_is_read() -> None:
    settings = Settings.of(
        {
            "services": "Rooms.example  more.example",
            "connect": "a.example=127.0.0.1:5222 b.example=[::1]:1",
            "servers": "a.example",
        }
    )
    assert [str(one) for one in settings.services] == ["rooms.example", "more.example"]
    assert settings.places == {"a.example": ("127.0.0.1", 5222), "b.example": ("::1", 1)}
    assert settings.servers == {"a.example"}
    assert settings.login_seconds == OPTIONS["login_seconds"][1]


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("services", "room@rooms.example", "is domains such as rooms.example.org"),
        ("servers", "a/b", "is domains such as rooms.example.org"),
        ("unencrypted", "@", "is domains such as rooms.example.org"),
        ("connect", "a.example", "is such as example.org=127.0.0.1:5222"),
        ("connect", "a.example=host:0", "is such as example.org=127.0.0.1:5222"),
        ("connect", "a.example=host:port", "is such as example.org=127.0.0.1:5222"),
        ("login_seconds", 0, "is from 1 to 1000, not 0"),
        ("puppets_secret", "x", "is missing: the domain of the component"),
        ("puppets_port", 0, "is from 1 to 65535, not 0"),
        ("puppets_host", " ", "is a host name or an address"),
    ],
)
def test_what_is_wrong_is_named(option: str, value: object, words: str) -> None:
    ((name, said),) = problems({option: value})
    assert name == option.removesuffix("_secret")
    assert words in said
    with pytest.raises(ValueError, match=name):
        Settings.of({option: value})


@pytest.mark.parametrize(
    ("options", "option", "words"),
    [
        ({"puppets": "puppets.example"}, "puppets_secret", "is missing: the secret of"),
        ({"puppets": "a@b", "puppets_secret": "x"}, "puppets", "is a domain such as"),
        (
            {"puppets": "Rooms.example", "puppets_secret": "x", "services": "rooms.example"},
            "puppets",
            "Rooms.example is one of the services",
        ),
    ],
)
def test_what_is_wrong_with_a_component_is_named(
    options: dict[str, str], option: str, words: str
) -> None:
    ((name, said),) = problems(options)
    assert (name, words in said) == (option, True)


def test_a_component_is_read_and_makes_an_account_optional() -> None:
    options = {"puppets": "Puppets.example", "puppets_secret": "x", "puppets_port": 1}
    assert Settings.of(options).puppets == Puppets("puppets.example", "x", "127.0.0.1", 1)
    assert not any(field.required for field in XmppBackend.login_fields(options))
    assert any(field.required for field in XmppBackend.login_fields({}))
    assert Settings.of({}).puppets is None


class Sink:
    def __init__(self) -> None:
        self.events: list[Event] = []

    async def put(self, event: Event) -> None:
        self.events.append(event)


@pytest.mark.parametrize(
    ("jid", "words"),
    [
        ("", "is no address of an account"),
        ("example.org", "is no address of an account"),
        ("ada@gateway.example", "is this very gateway"),
        ("ada@elsewhere.example", "Only accounts on these servers: example.org"),
    ],
)
async def test_accounts_that_will_not_do_are_refused_before_anything_is_asked(
    jid: str, words: str
) -> None:
    backend = XmppBackend({"servers": "example.org gateway.example"})
    backend.own_address = "gateway.example"
    await backend.start(Sink())
    with pytest.raises(LegacyError) as no:
        await backend.login(USER, {"jid": jid, "password": "x"})
    assert no.value.condition == "not-acceptable"
    assert words.removeprefix("is this") in no.value.text
    await backend.stop()


async def test_a_server_that_cannot_be_reached_is_tried_on_until_the_user_is_gone(
    unused_tcp_port: int,
) -> None:
    sink = Sink()
    place = f"example.org=127.0.0.1:{unused_tcp_port}"
    backend = XmppBackend({"connect": place, "unencrypted": "example.org", "login_seconds": 1})
    await backend.start(sink)
    with pytest.raises(LegacyError) as no:
        await backend.login(USER, {"jid": "ada@example.org", "password": "x"})
    assert no.value.condition == "remote-server-timeout"
    assert "example.org cannot be reached" in no.value.text
    assert USER in backend._late
    await backend.forget(USER)
    assert not backend._late
    assert not [one for one in sink.events if not isinstance(one, LoginStateChanged)]
    await backend.stop()
