"""Finding public rooms (XEP-0433)."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

import pytest

from legacy_backend import GroupId, GroupKind
from legacy_backend.values import Listed
from tests.muc.reading import find, values
from tests.stage import DOMAIN, Person, Stage

ORDER = "{urn:xmpp:channel-search:0:order}"
PARAMS = "urn:xmpp:channel-search:0:search-params"
ASK = """<iq type='get' id='s' to='{gw}'>
  <search xmlns='urn:xmpp:channel-search:0:search'>{x}</search></iq>"""
SEARCHED = "{urn:xmpp:channel-search:0:search}"
LISTED = [
    Listed(id=GroupId("tea"), name="Tea", description="Leaves", member_count=5, languages=("en",)),
    Listed(id=GroupId("ice tea"), name="Ice tea", member_count=7, kind=GroupKind.ANONYMOUS),
    Listed(id=GroupId("Quiet"), name="Quiet tea", kind=GroupKind.PRIVATE),
]


def filled(rsm: str = "", **fields: str) -> str:
    fields = {"FORM_TYPE": PARAMS, **fields}
    inner = "".join(
        f"<field var='{name}'><value>{value}</value></field>" for name, value in fields.items()
    )
    page = f"<set xmlns='http://jabber.org/protocol/rsm'>{rsm}</set>" if rsm else ""
    return f"{page}<x xmlns='jabber:x:data' type='submit'>{inner}</x>"


async def asks(person: Person, x: str = "") -> ET.Element:
    person.sends(ASK.replace("{x}", x))
    (answer,) = await person.hears_only("<iq id='s'/>")
    return answer


async def finds(person: Person, rsm: str = "", **fields: str) -> list[str]:
    answer = await asks(person, filled(rsm, **fields))
    assert answer.get("type") == "result"
    return [i.get("address", "") for i in answer.iter(f"{SEARCHED}item")]


@pytest.fixture
async def ada(stage: Stage) -> Person:
    (ada,) = await stage.seated("ada")
    stage.network.listed = LISTED
    return ada


@pytest.mark.requirement("CHS-01", "CHS-02")
async def test_chs_01_the_form_and_the_feature(ada: Person) -> None:
    answer = await asks(ada)
    assert answer.get("type") == "result"
    assert find(answer, "x").get("type") == "form"
    shown = values(answer)
    assert shown["FORM_TYPE"] == [PARAMS]
    assert {"q", "all", "sinname", "sindescription", "sinaddress", "types", "key"} <= set(shown)
    assert shown["sinname"] == shown["sindescription"] == ["true"]
    assert shown["key"] == [f"{ORDER}nusers"]
    options = [o.findtext("{*}value") for o in answer.iter("{jabber:x:data}option")]
    assert {f"{ORDER}nusers", f"{ORDER}address", "xep-0045"} <= set(options)
    ada.sends("""<iq type='get' id='d' to='{gw}'>
      <query xmlns='http://jabber.org/protocol/disco#info'/></iq>""")
    await ada.receives("""<iq id='d'><query xmlns='http://jabber.org/protocol/disco#info'>
      <feature var='urn:xmpp:channel-search:0:search'/></query></iq>""")


@pytest.mark.requirement("CHS-03")
async def test_chs_03_what_is_found(ada: Person) -> None:
    answer = await asks(ada, filled(q="Tea"))
    items = list(answer.iter(f"{SEARCHED}item"))
    assert len(items) == 3
    told = [{child.tag.removeprefix(SEARCHED): child.text for child in item} for item in items]
    assert items[0].get("address") == rf"ice\20tea@{DOMAIN}"
    assert told[0]["anonymity-mode"] == "muc_semianonymous"
    assert told[1] == {
        "name": "Tea",
        "description": "Leaves",
        "language": "en",
        "nusers": "5",
        "service-type": "xep-0045",
        "is-open": "true",
        "anonymity-mode": "{urn:xmpp:channel-search:0:anonymity}none",
    }
    assert "is-open" not in told[2]
    assert "nusers" not in told[2]
    assert find(answer, "count").text == "3"


@pytest.mark.requirement("CHS-03")
async def test_chs_03_nothing_is_no_error(ada: Person) -> None:
    assert await finds(ada, q="coffee") == []


@pytest.mark.requirement("CHS-03")
async def test_chs_03_what_is_found_can_be_joined(ada: Person) -> None:
    stage = ada.stage
    for id in ("tea", "Quiet"):
        stage.group(id=id, kind=GroupKind.PUBLIC)
    for address in await finds(ada, q="tea", min_users="0"):
        if not address.startswith("ice"):
            await ada.joins(room=address)


@pytest.mark.requirement("CHS-02")
async def test_chs_02_what_narrows_it_down(ada: Person) -> None:
    assert await finds(ada, q="tea", types="xep-0369") == []
    assert len(await finds(ada, q="tea", types="xep-0045")) == 3
    assert await finds(ada, q="tea", sinname="false", sinaddress="false") == []
    assert len(await finds(ada, q="tea", sindescription="0")) == 3
    assert len(await finds(ada, all="true", min_users="6")) == 1
    assert len(await finds(ada, q="tea", unknown="1")) == 3
    by_address = await finds(ada, all="1", key=f"{ORDER}address")
    assert by_address == sorted(by_address)
    assert len(by_address) == 3
    assert (await finds(ada, all="1"))[0] == rf"ice\20tea@{DOMAIN}"


@pytest.mark.requirement("CHS-03")
@pytest.mark.parametrize("key", ["nusers", "address"])
async def test_chs_03_pages(ada: Person, key: str) -> None:
    everything = await finds(ada, all="1", key=ORDER + key)
    answer = await asks(ada, filled("<max>2</max>", all="1", key=ORDER + key))
    last = find(answer, "last").text
    assert [i.get("address") for i in answer.iter(f"{SEARCHED}item")] == everything[:2]
    rest = await finds(ada, f"<max>2</max><after>{last}</after>", all="1", key=ORDER + key)
    assert rest == everything[2:]


@pytest.mark.requirement("CHS-04")
@pytest.mark.parametrize(
    ("fields", "condition", "kind", "detail"),
    [
        ({"q": "tea", "key": "age"}, "feature-not-implemented", "modify", "invalid-sort-key"),
        ({"q": "?!"}, "bad-request", "modify", "invalid-search-terms"),
        ({"q": "tea", "all": "true"}, "bad-request", "modify", "conflicting-fields"),
        ({}, "bad-request", "cancel", "no-search-conditions"),
        ({"q": ""}, "bad-request", "cancel", "no-search-conditions"),
        ({"q": "tea", "min_users": "x"}, "bad-request", "modify", ""),
        ({"q": "tea", "FORM_TYPE": "other"}, "bad-request", "modify", ""),
    ],
)
async def test_chs_04_what_cannot_be_searched(
    ada: Person, fields: dict[str, Any], condition: str, kind: str, detail: str
) -> None:
    answer = await asks(ada, filled(**fields))
    error = find(answer, "error")
    assert error.get("type") == kind
    find(error, condition)
    assert find(error, "text").text
    details = [c.tag for c in error if "channel-search" in c.tag]
    assert details == ([f"{{urn:xmpp:channel-search:0:error}}{detail}"] if detail else [])
    if detail == "conflicting-fields":
        assert [v.text for v in error.iter("{urn:xmpp:channel-search:0:error}var")] == ["all", "q"]


@pytest.mark.requirement("CHS-04")
async def test_chs_04_a_network_that_does_not_list_everything(ada: Person) -> None:
    ada.stage.network.listed = None
    error = find(await asks(ada, filled(all="1")), "error")
    assert error.get("type") == "cancel"
    find(error, "not-allowed")
    find(error, "full-set-retrieval-rejected")
    error = find(await asks(ada, filled(q="tea")), "error")
    assert [c.tag for c in error if "channel-search" in c.tag] == []
    find(error, "forbidden")


@pytest.mark.requirement("CHS-04")
async def test_chs_04_too_often(ada: Person) -> None:
    for _ in range(30):
        assert len(await finds(ada, q="tea")) == 3
    error = find(await asks(ada, filled(q="tea")), "error")
    assert error.get("type") == "wait"
    find(error, "resource-constraint")
    assert find(error, "rate-limit").get("retry-after") == "60"


async def test_chs_01_a_stranger_finds_nothing(ada: Person) -> None:
    eve = ada.stage.person("eve")
    answer = await asks(eve, filled(q="tea"))
    find(answer, "registration-required")


@pytest.mark.requirement("CHS-03")
async def test_chs_03_without_a_directory_the_rooms_known_here(modest: Stage) -> None:
    (ada,) = await modest.seated("ada", kind=GroupKind.PUBLIC)
    modest.group("ada", id="g2")
    await ada.joins(room=f"g2@{DOMAIN}")
    await ada.has_heard()
    assert await finds(ada, q="THE") == [f"g1@{DOMAIN}"]
    assert await finds(ada, all="1") == [f"g1@{DOMAIN}"]
    assert await finds(ada, q="coffee") == []
