"""Whom an address of the gateway stands for: one to each member, whatever their ids are."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.ids import Ids
from legacy_backend.terms import MemberId
from tests.muc.reading import item
from tests.stage import Stage, member, on_stage

WRITE = "<message to='{to}' type='chat' id='d1'><body>Hello</body></message>"


async def _in(stage: Stage, *ids: str) -> None:
    """ada is in a group with people of these ids, all called alike."""
    stage.group("ada")
    for id in ids:
        found = member("CYD")
        stage.network.groups[next(iter(stage.network.groups))].members[MemberId(id)] = type(found)(
            id=MemberId(id), name="Cyd"
        )


@pytest.mark.requirement("ESC-04")
async def test_ids_that_differ_in_case_are_two_addresses_for_ever(
    tmp_path: Path, database: Path
) -> None:
    ids = ("Bob", "bob", "BOB")
    async with on_stage(tmp_path, database) as stage:
        await _in(stage, *ids)
        groups = stage.network.groups
        ada = stage.person("ada")
        ada.sends(
            "<presence to='{room}/ada'><x xmlns='http://jabber.org/protocol/muc'/></presence>"
        )
        shown = [s for s in await ada.has_heard() if "/Cyd" in s.get("from", "")]
        jids = {item(s).get("jid", "").partition("/")[0] for s in shown}
        assert jids == {stage.contact(id) for id in ids}
        assert len(jids) == 3
        assert stage.contact("bob") == "bob@gw.example.org"
        for id in ids:
            ada.sends(WRITE, to=stage.contact(id))
            (await stage.network.is_asked("send_direct", id, "Hello")).agrees()
        first = {id: stage.contact(id) for id in ids}
    async with on_stage(tmp_path, database) as stage:
        stage.network.groups = groups
        await stage.starts()
        for id, jid in first.items():
            stage.person("ada").sends(WRITE, to=jid)
            (await stage.network.is_asked("send_direct", id, "Hello")).agrees()


@pytest.mark.parametrize("id", ["a b@c", "\\40", "@bob:example.org", "é", "ß", "Straße", " ", " x",
                                "\U0001f600", "x" * 2000, "'\"&<>/:", "ada-token"])  # fmt: skip
async def test_any_id_has_an_address_that_leads_back(stage: Stage, id: str) -> None:
    addresses = stage.gateway.rooms.host.addresses
    localpart = addresses.localpart(MemberId(id))
    assert addresses.member(localpart) == id
    assert localpart == localpart.lower()
    assert len(localpart.encode()) <= 1023


def test_nobody_else_can_make_the_address_of_somebody() -> None:
    assert Ids(b"a" * 16).scope("people") != Ids(b"b" * 16).scope("people")
