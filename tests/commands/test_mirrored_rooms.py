"""How it stands with mirrored rooms, by command, for those who run the gateway (XEP-0050)."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from slidge.core import config
from slixmpp import JID

from legacy_backend import GroupId, Member, MemberId, UserId
from tests.stage import Person, member, on_stage

NODE = "https://slidge.im/command/core/mirrored-rooms"
MIRRORS = '[mirrors]\ntrusted = {"mirror.example" = ["ship.example"]}\n'


async def asks(person: Person) -> ET.Element:
    person.sends(
        f"<iq type='set' id='c1' to='{{gw}}'><command xmlns='http://jabber.org/protocol/commands'"
        f" node='{NODE}' action='execute'/></iq>"
    )
    (answer,) = await person.receives("<iq id='c1'/>")
    return answer


async def test_admins_see_the_rooms_and_others_do_not(
    tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with on_stage(tmp_path, database, more=MIRRORS) as stage:
        monkeypatch.setattr(config, "ADMINS", (JID("ada@example.org"),))
        wayne = Member(id=MemberId("w"), name="Wayne", user=UserId("wayne@ship.example"))
        stage.network.has_group(GroupId("g1"), wayne, member("ada"), member("bao"))
        ada, bao = stage.person("ada"), stage.person("bao")
        await ada.joins()
        assert (await asks(bao)).get("type") == "error"
        assert "No room is mirrored" in ET.tostring(await asks(ada), "unicode")

        monkeypatch.setattr(type(stage.gateway), "allows", lambda _: True)
        stage.feed(
            "<presence to='{room}/Wayne'><x xmlns='http://jabber.org/protocol/muc'/>"
            "<dmuc xmlns='http://tridsys.com/protocol/dmuc' from='mirror.example'/></presence>",
            r"wayne\40ship.example@mirror.example/bridge",
        )
        await ada.receives("<presence from='{room}/Wayne'/>")
        told = ET.tostring(await asks(ada), "unicode")
        for words in (stage.room, "mirror.example", "linked"):
            assert words in told
