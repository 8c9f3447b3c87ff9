"""How a user and an address stand to each other: the rules alone, in all of their states."""

from __future__ import annotations

import itertools
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.presence.policy import Policy
from gateway.presence.standing import Kind, Standing, decided, received, sent

ALL = [
    Standing(number)
    for number in range(16)
    if not (number & 1 and number & 4) and not (number & 2 and number & 8)
]
"""All that can be: who sees already has no question open."""

NONE, TO, FROM = Standing.NONE, Standing.TO, Standing.FROM
ASKING, ASKED, BOTH = Standing.ASKING, Standing.ASKED, Standing.BOTH


@pytest.mark.requirement("SUB-01")
@pytest.mark.parametrize(
    ("standing", "word"), [(NONE, "none"), (TO, "to"), (FROM, "from"), (BOTH, "both"),
                           (FROM | ASKING, "from"), (TO | ASKED, "to")],
)  # fmt: skip
def test_the_words_of_rosters(standing: Standing, word: str) -> None:
    assert standing.word == word


@pytest.mark.requirement("SUB-04", "SUB-03", "S-011")
@pytest.mark.parametrize(
    ("before", "kind", "after", "replies"),
    [
        (ASKING, "subscribed", TO, ("presence", "probe")),
        (ASKING | FROM, "subscribed", BOTH, ("presence", "probe")),
        (NONE, "subscribed", NONE, ()),
        (TO, "subscribed", TO, ()),
        (ASKING, "unsubscribed", NONE, ()),
        (TO, "unsubscribed", NONE, ()),
        (BOTH, "unsubscribed", FROM, ("unsubscribe",)),
        (FROM, "unsubscribed", FROM, ()),
        (FROM, "unsubscribe", NONE, ("unsubscribed", "unavailable")),
        (BOTH, "unsubscribe", TO, ("unsubscribed", "unavailable")),
        (ASKED, "unsubscribe", NONE, ("unsubscribed", "unavailable")),
        (TO, "unsubscribe", TO, ()),
    ],
)
def test_what_comes_in(
    before: Standing, kind: Kind, after: Standing, replies: tuple[str, ...]
) -> None:
    assert received(before, kind) == (after, replies)


@pytest.mark.requirement("SUB-02", "S-020", "S-021", "S-022")
def test_a_request_is_granted_refused_or_left_open() -> None:
    assert decided(ASKED, True) == (FROM, ("subscribed", "presence"))
    assert decided(ASKED | TO, True) == (BOTH, ("subscribed", "presence"))
    assert decided(ASKED, False) == (NONE, ("unsubscribed",))
    assert decided(NONE, None) == (ASKED, ())


@pytest.mark.requirement("SUB-03", "GW-09")
def test_what_goes_out_once_and_what_not_at_all() -> None:
    assert sent(NONE, "subscribe") == (ASKING, True)
    assert sent(ASKING, "subscribe") == (ASKING, False)
    assert sent(TO, "subscribe") == (TO, False)
    assert sent(NONE, "subscribed") == (NONE, False), "nobody asked for that"
    assert sent(ASKED, "subscribed") == (FROM, True)
    assert sent(NONE, "unsubscribe") == (NONE, False)


@given(
    st.sampled_from(ALL),
    st.lists(st.tuples(st.booleans(), st.sampled_from(get_args(Kind)), st.booleans()), max_size=30),
)
def test_whatever_is_said_it_stays_a_standing_that_can_be(
    standing: Standing, said: list[tuple[bool, Kind, bool]]
) -> None:
    for ours, kind, allowed in said:
        if ours:
            standing, _ = sent(standing, kind)
        elif kind == "subscribe":
            standing, _ = decided(standing, allowed)
        else:
            standing, _ = received(standing, kind)
        assert standing in ALL


@pytest.mark.requirement("S-035", "SUB-03")
@pytest.mark.parametrize(("mine", "theirs"), list(itertools.product(ALL, ALL)))
def test_two_ends_that_keep_to_this_come_to_rest(mine: Standing, theirs: Standing) -> None:
    """Each accepts and asks back, from any two states, however ill they fit together."""
    ends = [mine, theirs]
    line: list[tuple[int, Kind]] = [(0, "subscribe"), (1, "subscribe")]
    count = 0
    while line and count < 100:
        count += 1
        to, kind = line.pop(0)
        if kind == "subscribe":
            ends[to], replies = decided(ends[to], True)
            replies = (*replies, "subscribe")  # type: ignore[assignment]
        else:
            ends[to], replies = received(ends[to], kind)
        for reply in replies:
            if reply in get_args(Kind):
                before = ends[to]
                ends[to], goes = sent(before, reply)  # type: ignore[arg-type]
                if goes:
                    line.append((1 - to, reply))  # type: ignore[arg-type]
    assert count < 20
    assert not line


@pytest.mark.requirement("S-020", "S-021", "S-022", "S-023", "S-024")
@pytest.mark.parametrize(
    ("policy", "authorize", "subscribe"),
    [(Policy.ACCEPT, True, False), (Policy.MUTUAL, True, True), (Policy.REJECT, False, False),
     (Policy.ASK, None, False)],
)  # fmt: skip
def test_the_policies_by_slixmpps_names(
    policy: Policy, authorize: bool | None, subscribe: bool
) -> None:
    assert (policy.auto_authorize, policy.auto_subscribe) == (authorize, subscribe)
    assert Policy.of(authorize, subscribe) is policy
