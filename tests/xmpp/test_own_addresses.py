"""Puppets of a component: whose is which, and what becomes of logins side by side."""

from __future__ import annotations

import re

import pytest
from slixmpp import JID

from legacy_backend import LegacyError, UserId
from legacy_backend.values import LoginState
from legacy_backend.xmpp.component import Component
from legacy_backend.xmpp.noted_bookmarks import NotedBookmarks
from legacy_backend.xmpp.own_addresses import OwnAddresses, puppet_address

DOMAIN = "puppets.example"
ESCAPED = r"\\(20|22|26|27|2f|3a|3c|3e|40|5c)"


async def forgetful(_: str) -> None:
    pass


def a_house() -> OwnAddresses:
    return OwnAddresses(Component(DOMAIN, "secret", "127.0.0.1", 1))


@pytest.mark.parametrize(
    ("user", "local"),
    [
        ("ada@example.org", r"ada\40example.org"),
        # Who chose their address to look like somebody else's puppet.
        (r"ada\40example.org@evil.example", r"ada\5c40example.org\40evil.example"),
        (r"ada\5c40example.org@evil.example", r"ada\5c5c40example.org\40evil.example"),
        (r"a\b@example.org", r"a\b\40example.org"),
        ("gateway.example", "gateway.example"),
    ],
)
def test_each_user_has_an_address_that_nobody_else_has(user: str, local: str) -> None:
    jid = puppet_address(UserId(user), DOMAIN)
    assert (jid.local, jid.domain, jid.resource) == (local, DOMAIN, "")
    assert re.sub(ESCAPED, lambda one: chr(int(one[1], 16)), jid.local) == user  # and no other's


def test_an_address_that_leaves_no_room_is_refused() -> None:
    with pytest.raises(LegacyError, match="too long"):
        puppet_address(UserId("@".join(("a" * 1000, "b" * 200))), DOMAIN)


async def test_a_second_login_of_a_user_does_not_disturb_the_first() -> None:
    house, jid = a_house(), puppet_address(UserId("ada@example.org"), DOMAIN)
    first, second = (house.take(jid, NotedBookmarks("", forgetful)) for _ in range(2))
    assert first.jid == second.jid == jid
    assert first.full.resource == OwnAddresses.RESOURCE
    assert first.client is not second.client
    await second.close()
    assert list(house.at(jid)) == [first]
    third = house.take(jid, NotedBookmarks("", forgetful))
    await second.close()  # once more, which closes nobody else's
    assert set(house.at(jid)) == {first, third}
    assert list(house.at(first.full)) == [first]
    assert not list(house.at(JID(f"bao@{DOMAIN}")))


async def test_all_hear_where_the_component_stands() -> None:
    heard: list[tuple[str, LoginState, str]] = []
    component = Component(DOMAIN, "secret", "127.0.0.1", 1)
    house = OwnAddresses(component, lambda state, why: heard.append(("backend", state, why)))
    link = house.take(JID(f"ada@{DOMAIN}"), NotedBookmarks("", forgetful))
    link.tell = lambda state, why: heard.append(("ada", state, why))
    component.tell(LoginState.TRANSIENT_DISCONNECT, "away")
    assert [who for who, *_ in heard] == ["ada", "backend"]
    assert {why for *_, why in heard} == {"away"}
