"""Commands on rooms (XEP-0050), and hats by them (XEP-0317)."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from legacy_backend.events import MemberChanged
from legacy_backend.terms import MemberId
from legacy_backend.values import Hat
from tests.fake_network import FakeNetwork
from tests.muc.asking import iq_refusal
from tests.muc.reading import codes, find, lacks, values
from tests.muc.saying import G1
from tests.stage import Person, Stage, member

NS = "http://jabber.org/protocol/commands"
HATS = "urn:xmpp:hats:commands"
HOST = Hat("urn:x:host", "Host", "327.5")
GUEST = Hat("urn:x:guest", "Guest")


def command(node: str, form: dict[str, str] | None = None, action: str = "") -> str:
    inner = "".join(
        f"<field var='{var}'><value>{value}</value></field>" for var, value in (form or {}).items()
    )
    x = "" if form is None else f"<x xmlns='jabber:x:data' type='submit'>{inner}</x>"
    how = f" action='{action}'" if action else ""
    return (
        f"<iq type='set' id='k1' to='{{room}}'><command xmlns='{NS}' node='{node}'{how}"
        f" sessionid='s1'>{x}</command></iq>"
    )


async def listed(person: Person) -> list[str]:
    person.sends(
        "<iq type='get' id='i' to='{room}'>"
        f"<query xmlns='http://jabber.org/protocol/disco#items' node='{NS}'/></iq>"
    )
    (answer,) = await person.hears_only("<iq type='result' id='i'/>")
    return [i.get("node", "") for i in answer.iter("{http://jabber.org/protocol/disco#items}item")]


async def info(person: Person, node: str = "") -> ET.Element:
    at = f" node='{node}'" if node else ""
    person.sends(
        "<iq type='get' id='d' to='{room}'>"
        f"<query xmlns='http://jabber.org/protocol/disco#info'{at}/></iq>"
    )
    (answer,) = await person.hears_only("<iq id='d'/>")
    return answer


async def runs(person: Person, node: str, form: dict[str, str] | None = None) -> ET.Element:
    person.sends(command(node, form))
    (answer,) = await person.receives("<iq type='result' id='k1'/>")
    found = find(answer, "command")
    assert (found.get("node"), found.get("sessionid")) == (node, "s1")
    return found


@pytest.mark.requirement("ALSO-10")
async def test_also_10_the_commands_are_listed(stage: Stage) -> None:
    ada, bao = await stage.seated("ada:owner", "bao")
    assert await listed(ada) == [
        "leave",
        *(f"{HATS}:{name}" for name in ("create", "destroy", "list", "assign", "unassign")),
        f"{HATS}:list-assigned",
    ]
    assert await listed(bao) == ["leave", f"{HATS}:list", f"{HATS}:list-assigned"]
    find(await info(ada), "identity")
    features = [f.get("var") for f in (await info(ada)).iter() if f.tag.endswith("}feature")]
    assert NS in features
    for node, kind in ((NS, "command-list"), ("leave", "command-node")):
        assert find(await info(bao, node), "identity").get("type") == kind
    find(await info(bao, f"{HATS}:create"), "item-not-found")


@pytest.mark.requirement("ALSO-10")
async def test_also_10_leaving_the_group(stage: Stage, network: FakeNetwork) -> None:
    ada, bao = await stage.seated("ada", "bao")
    offered = await runs(bao, "leave")
    assert offered.get("status") == "executing"
    assert "confirm" in values(offered)
    refused = await runs(bao, "leave", {"confirm": "0"})
    assert refused.get("status") == "completed"
    network.was_not_asked()
    bao.sends(command("leave", {"confirm": "1"}))
    asked = await network.is_asked("leave_group", "g1")
    await ada.hears_nothing()
    asked.agrees()
    done, own = await bao.hears_only(
        "<iq type='result' id='k1'/>", "<presence type='unavailable' from='{room}/bao'/>"
    )
    assert find(done, "command").get("status") == "completed"
    assert sorted(codes(own)) == [110, 321]
    await ada.hears_only("<presence type='unavailable' from='{room}/bao'/>")


@pytest.mark.requirement("ALSO-10")
async def test_also_10_cancelling(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada")
    ada.sends(command("leave", {"confirm": "1"}, action="cancel"))
    (answer,) = await ada.hears_only("<iq type='result' id='k1'/>")
    assert find(answer, "command").get("status") == "canceled"
    network.was_not_asked()


@pytest.mark.requirement("ALSO-10", "HAT-04")
@pytest.mark.parametrize(
    ("node", "action", "condition", "kind"),
    [
        ("nothing", "", "item-not-found", "cancel"),
        ("leave", "jump", "bad-request", "modify"),
        (f"{HATS}:create", "", "forbidden", "auth"),
        (f"{HATS}:assign", "", "forbidden", "auth"),
    ],
)
async def test_also_10_what_cannot_be_run(
    stage: Stage, node: str, action: str, condition: str, kind: str
) -> None:
    (ada,) = await stage.seated("ada")
    ada.sends(command(node, action=action))
    await ada.hears_only(iq_refusal(condition, kind))


@pytest.mark.requirement("HAT-04")
async def test_hat_04_a_network_without_hats_to_give(modest: Stage) -> None:
    (ada,) = await modest.seated("ada:owner")
    for name in ("create", "list", "list-assigned"):
        ada.sends(command(f"{HATS}:{name}"))
        await ada.hears_only(iq_refusal("item-not-found", "cancel"))
    assert f"{HATS}:create" not in await listed(ada)
    assert "leave" not in await listed(ada)


@pytest.mark.requirement("HAT-04")
async def test_hat_04_making_hats_and_doing_away_with_them(
    stage: Stage, network: FakeNetwork
) -> None:
    network.hats = [HOST, GUEST]
    ada, bao = await stage.seated("ada:owner", "bao")
    offered = await runs(ada, f"{HATS}:create")
    assert offered.get("status") == "executing"
    assert values(offered)["FORM_TYPE"] == [HATS]
    assert {"hats#title", "hats#uri", "hats#hue"} <= set(values(offered))
    form = {"hats#title": "Host", "hats#uri": "urn:x:host", "hats#hue": "327.5"}
    for wrong in ({"hats#hue": "blue"}, {"hats#hue": "361"}):
        ada.sends(command(f"{HATS}:create", {**form, **wrong}))
        await ada.hears_only(iq_refusal("not-acceptable", "modify"))
    ada.sends(command(f"{HATS}:create", {"hats#uri": "urn:x:host"}))
    await ada.hears_only(iq_refusal("bad-request", "modify"))
    network.was_not_asked()
    ada.sends(command(f"{HATS}:create", form))
    asked = await network.is_asked("put_hat", "g1", HOST)
    await bao.hears_nothing()
    asked.agrees()
    (told,) = await bao.hears_only("<message type='groupchat' from='{room}'/>")
    assert codes(told) == [104]
    await ada.has_heard()
    options = find(await runs(ada, f"{HATS}:destroy"), "x")
    assert [o.findtext("{*}value") for o in options.iter("{jabber:x:data}option")] == [
        "urn:x:host",
        "urn:x:guest",
    ]
    ada.sends(command(f"{HATS}:destroy", {"hats#uri": "urn:x:guest"}))
    (await network.is_asked("remove_hat", "g1", "urn:x:guest")).agrees()
    await ada.receives("<iq type='result' id='k1'/>")


@pytest.mark.requirement("HAT-04")
async def test_hat_04_giving_and_taking(stage: Stage, network: FakeNetwork) -> None:
    network.hats = [HOST]
    ada, _bao = await stage.seated("ada:owner", "bao")
    assert {"hats#jid", "hats#uri"} <= set(values(await runs(ada, f"{HATS}:assign")))
    form = {"hats#jid": "bao@example.org", "hats#uri": "urn:x:host"}
    ada.sends(command(f"{HATS}:assign", form))
    (await network.is_asked("give_hat", "g1", "bao", "urn:x:host")).agrees()
    await ada.hears_only("<iq type='result' id='k1'/>")
    wearing = replace(member("bao"), hats=(HOST,))
    await network.tells(MemberChanged(group=G1, member=wearing))
    await ada.hears_only(
        """<presence from='{room}/bao'><hats xmlns='urn:xmpp:hats:0'>
        <hat uri='urn:x:host' title='Host' hue='327.5'/></hats></presence>"""
    )
    table = await runs(ada, f"{HATS}:list-assigned")
    assert table.get("status") == "completed"
    (row,) = table.iter("{jabber:x:data}item")
    assert values(row) == {
        "hats#jid": ["bao@example.org"],
        "hats#uri": ["urn:x:host"],
        "hats#title": ["Host"],
        "hats#hue": ["327.5"],
    }
    ada.sends(command(f"{HATS}:unassign", form))
    (await network.is_asked("take_hat", "g1", "bao", "urn:x:host")).refuses("item-not-found")
    await ada.hears_only(iq_refusal("item-not-found", "cancel"))
    ada.sends(command(f"{HATS}:assign", {**form, "hats#jid": "x@elsewhere.org"}))
    await ada.hears_only(iq_refusal("item-not-found", "cancel"))
    assert MemberId("bao") in network.groups["g1"].members


@pytest.mark.requirement("HAT-04", "HAT-05")
async def test_hat_05_the_list_and_its_digest(stage: Stage, network: FakeNetwork) -> None:
    (ada,) = await stage.seated("ada")
    assert "hats#hash" not in values(await info(ada))
    network.hats = [HOST, GUEST]
    table = await runs(ada, f"{HATS}:list")
    rows = [values(row) for row in table.iter("{jabber:x:data}item")]
    assert rows == [
        {"hats#title": ["Host"], "hats#uri": ["urn:x:host"], "hats#hue": ["327.5"]},
        {"hats#title": ["Guest"], "hats#uri": ["urn:x:guest"]},
    ]
    (digest,) = values(await info(ada))["hats#hash"]
    network.hats = [GUEST, HOST]
    assert values(await info(ada))["hats#hash"] == [digest]
    network.hats = [GUEST]
    assert values(await info(ada))["hats#hash"] != [digest]
    lacks(await info(ada), "error")
