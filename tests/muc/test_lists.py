"""Who has which rank or role (XEP-0045 §8.5, §9.2, §9.5, §10.5, §10.8, §17.4)."""

from __future__ import annotations

import pytest

from legacy_backend import GroupKind
from tests.muc.asking import admin, iq_refusal
from tests.stage import Stage

PEOPLE = ("ada:owner", "bao:admin", "cyd", "DAN", "EVE:outcast", "FLO::visitor")


async def _list(stage: Stage, name: str, what: str) -> list[dict[str, str]]:
    person = stage.person(name)
    person.sends(admin(f"<item {what}/>", kind="get"))
    (answer,) = await person.hears_only("<iq type='result' id='k1'/>")
    return [dict(item.attrib) for item in answer.iter("{http://jabber.org/protocol/muc#admin}item")]


@pytest.mark.requirement("MEM-05", "OWN-04", "OWN-07", "AMB-02", "AFF-03", "BAN-08", "MEM-06")
async def test_mem_05_lists_of_ranks_have_addresses_and_no_roles(stage: Stage) -> None:
    await stage.seated(*PEOPLE)
    assert await _list(stage, "cyd", "affiliation='owner'") == [
        {"affiliation": "owner", "jid": "ada@example.org", "nick": "ada"}
    ]
    assert await _list(stage, "cyd", "affiliation='admin'") == [
        {"affiliation": "admin", "jid": "bao@example.org", "nick": "bao"}
    ]
    members = await _list(stage, "cyd", "affiliation='member'")
    assert [entry["nick"] for entry in members] == ["cyd", "DAN", "FLO"]
    assert all(set(entry) == {"affiliation", "jid", "nick"} for entry in members)
    assert all("/" not in entry["jid"] for entry in members)
    (banned,) = await _list(stage, "bao", "affiliation='outcast'")
    assert set(banned) == {"affiliation", "jid"}
    assert await _list(stage, "cyd", "affiliation='none'") == []


@pytest.mark.requirement("MEM-06", "BAN-08", "OWN-04")
@pytest.mark.parametrize(
    ("kind", "name", "what"),
    [
        (GroupKind.PRIVATE, "cyd", "affiliation='outcast'"),
        (GroupKind.ANONYMOUS, "cyd", "affiliation='member'"),
        (GroupKind.ANONYMOUS, "cyd", "affiliation='owner'"),
        (GroupKind.PRIVATE, "cyd", "role='participant'"),
    ],
)
async def test_mem_06_lists_that_are_not_for_everybody(
    stage: Stage, kind: GroupKind, name: str, what: str
) -> None:
    await stage.seated(*PEOPLE, kind=kind)
    person = stage.person(name)
    person.sends(admin(f"<item {what}/>", kind="get"))
    await person.hears_only(iq_refusal("forbidden", "auth"))


@pytest.mark.requirement("MOD-11", "AMOD-03")
async def test_mod_11_lists_of_roles_have_nicknames_and_full_addresses(stage: Stage) -> None:
    await stage.seated(*PEOPLE)
    moderators = await _list(stage, "ada", "role='moderator'")
    assert moderators == [
        {
            "nick": "ada",
            "role": "moderator",
            "affiliation": "owner",
            "jid": "ada@example.org/phone",
        },
        {
            "nick": "bao",
            "role": "moderator",
            "affiliation": "admin",
            "jid": "bao@example.org/phone",
        },
    ]
    nicks = [entry["nick"] for entry in await _list(stage, "ada", "role='participant'")]
    assert nicks == ["cyd", "DAN"]
    assert [e["nick"] for e in await _list(stage, "ada", "role='visitor'")] == ["FLO"]


@pytest.mark.parametrize(
    "items",
    [
        [],
        ["<item/>"],
        ["<item affiliation='king'/>"],
        ["<item role='king'/>"],
        ["<item role='visitor' affiliation='member'/>"],
    ],
)
async def test_mod_16_a_question_that_is_none(stage: Stage, items: list[str]) -> None:
    (ada,) = await stage.seated("ada:owner")
    for kind in ("get", "set"):
        ada.sends(admin(*items, kind=kind))
        await ada.hears_only(iq_refusal("bad-request", "modify"))


async def test_mem_05_a_stranger_sees_no_list(stage: Stage) -> None:
    await stage.seated("ada")
    eve = stage.person("eve")
    eve.sends(admin("<item affiliation='member'/>", kind="get"))
    await eve.hears_only(iq_refusal("registration-required", "auth"))
