"""The rules of localparts, on any text."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from slixmpp import JID

from gateway.store.address import LONGEST, choose, is_plain, make_token

ANY = st.text(st.characters(codec=None), max_size=60)


@pytest.mark.requirement("ADDR-01")
@given(wish=ANY, legacy_id=ANY)
@example(wish="x" * 2000, legacy_id="")
@example(wish="\ud800", legacy_id="\ud800\0")
@example(wish="straße", legacy_id="a")
@example(wish="İ", legacy_id="a")
@example(wish="ﬁ", legacy_id="a")
@example(wish="\u05d0a", legacy_id="a")
@example(wish="\U0001f600", legacy_id="a")
def test_what_is_chosen_is_a_localpart_as_it_is(wish: str, legacy_id: str) -> None:
    chosen = choose("", legacy_id, wish, lambda _: False)
    assert is_plain(chosen)
    assert 0 < len(chosen.encode()) <= LONGEST
    assert chosen == chosen.lower()
    jid = JID(f"{chosen}@example.org")
    assert jid.local == chosen
    assert jid.bare == f"{chosen}@example.org"


@given(ids=st.lists(ANY, unique=True, max_size=8), wish=ANY)
def test_nobody_shares_a_localpart(ids: list[str], wish: str) -> None:
    taken: set[str] = set()
    for legacy_id in ids:
        taken.add(choose("", legacy_id, wish, taken.__contains__))
    assert len(taken) == len(ids)


@given(first=ANY, second=ANY)
def test_a_token_tells_ids_and_scopes_apart(first: str, second: str) -> None:
    if first != second:
        assert make_token("", first, "x") != make_token("", second, "x")
        assert make_token(first, "id", "x") != make_token(second, "id", "x")


@pytest.mark.parametrize("wish", ["general", "#chan%irc.example", "日本語", "a\\20b", "x" * 1023])
def test_a_good_wish_is_granted(wish: str) -> None:
    assert choose("", "id", wish, lambda _: False) == wish


@pytest.mark.parametrize(
    "wish", ["", "General", "a b", "a@b", "a/b", "x" * 1024, "ß", "é" * 600, "\u00ad", "a\0"]
)
def test_another_wish_is_not(wish: str) -> None:
    assert choose("", "id", wish, lambda _: False) != wish


def test_a_token_shows_what_can_be_read() -> None:
    assert make_token("", "!x:y", "Café\\20du Monde!").startswith("cafe-du-monde-")
    assert len(make_token("", "x", "long name " * 100)) < 60
