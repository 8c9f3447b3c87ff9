"""Registering with the gateway, changing that, and leaving (XEP-0077)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from gateway.config import parse
from legacy_backend.terms import UserId
from legacy_backend.values import LoginField
from tests.fake_network import FakeNetwork
from tests.stage import CONFIG, DOMAIN, Person, Stage, on_wire

ADA = UserId("ada@example.org")
REGISTER = "{jabber:iq:register}"


class AskingNetwork(FakeNetwork):
    """A network with credentials."""

    LOGIN_FIELDS = (
        LoginField(name="username", label="Your name"),
        LoginField(name="password", label="Password", private=True),
    )
    LOGIN_INSTRUCTIONS = "Use your account of the network."


@pytest.fixture
async def stage(tmp_path: Path, database: Path) -> AsyncIterator[Stage]:
    served = "backend = 'tests.muc.test_account:AskingNetwork'"
    text = CONFIG.format(domain=DOMAIN, folder=tmp_path, network=served, more="")
    text = text.replace("auto_register = true", "")
    config = parse(text, tmp_path / "config.toml", {})
    async with on_wire(config, tmp_path, database) as (gateway, wire):
        yield Stage(gateway, wire)


async def asks(person: Person, kind: str, inner: str = "") -> ET.Element:
    person.sends(
        f"<iq type='{kind}' id='r' to='{{gw}}'>"
        f"<query xmlns='jabber:iq:register'>{inner}</query></iq>"
    )
    return await answer(person)


async def answer(person: Person) -> ET.Element:
    def is_answer(stanza: ET.Element) -> bool:
        return stanza.tag.endswith("}iq") and stanza.get("id") == "r"

    for _ in range(500):
        await person.stage.settled()
        heard = [s for s in person._inbox()[person._read :] if is_answer(s)]
        if heard:
            person._read = len(person._inbox())
            return heard[0]
    raise AssertionError("no answer")


def refused(answer: ET.Element) -> tuple[str, str]:
    """Type and condition of an error."""
    error = answer.find("{*}error")
    assert error is not None, ET.tostring(answer)
    return error.get("type", ""), error[0].tag.partition("}")[2]


PLAIN = "<username>ada</username><password>secret</password>"


def form(**values: str) -> str:
    fields = "".join(
        f"<field var='{var}'><value>{value}</value></field>" for var, value in values.items()
    )
    return f"<x xmlns='jabber:x:data' type='submit'>{fields}</x>"


def kept(stage: Stage) -> dict[str, str]:
    (session,) = stage.gateway.sessions()
    data: dict[str, str] = session.user.legacy_module_data
    return data


@pytest.mark.requirement("IBR-01")
async def test_ibr_01_the_form_has_instructions_fields_and_a_data_form(stage: Stage) -> None:
    ada = stage.person("ada")
    query = (await asks(ada, "get")).find(f"{REGISTER}query")
    assert query is not None
    assert query.findtext(f"{REGISTER}instructions") == "Use your account of the network."
    assert query.find(f"{REGISTER}username") is not None
    assert query.find(f"{REGISTER}password") is not None
    assert query.find(f"{REGISTER}registered") is None
    fields = query.findall("{jabber:x:data}x/{jabber:x:data}field")
    assert [field.get("var") for field in fields] == ["FORM_TYPE", "username", "password"]
    assert (await asks(ada, "set", PLAIN)).get("type") == "result"
    assert kept(stage) == {"username": "ada", "password": "secret"}
    query = (await asks(ada, "get")).find(f"{REGISTER}query")
    assert query is not None
    assert query.find(f"{REGISTER}registered") is not None


@pytest.mark.requirement("IBR-02")
@pytest.mark.parametrize("inner", ["<username>ada</username>", "", form(username="ada")])
async def test_ibr_02_without_what_is_required_nobody_is_registered(
    stage: Stage, inner: str
) -> None:
    ada = stage.person("ada")
    assert refused(await asks(ada, "set", inner)) == ("modify", "not-acceptable")
    assert not stage.gateway.is_user(ADA)


@pytest.mark.requirement("IBR-02")
async def test_ibr_02_an_account_that_is_somebody_elses_is_refused(
    stage: Stage, network: FakeNetwork
) -> None:
    network.login_error = "conflict"
    ada = stage.person("ada")
    assert refused(await asks(ada, "set", PLAIN))[1] == "conflict"
    assert not stage.gateway.is_user(ADA)


@pytest.mark.requirement("IBR-03")
async def test_ibr_03_remove_stands_alone_and_is_for_the_registered(stage: Stage) -> None:
    ada = stage.person("ada")
    assert refused(await asks(ada, "set", "<remove/>")) == ("auth", "registration-required")
    await asks(ada, "set", PLAIN)
    both = await asks(ada, "set", "<remove/><username>ada</username>")
    assert refused(both) == ("modify", "bad-request")
    assert stage.gateway.is_user(ADA)
    laptop = stage.person("ada", "laptop")
    assert (await asks(laptop, "set", "<remove/>")).get("type") == "result"
    await stage.settled()
    assert not stage.gateway.is_user(ADA)


@pytest.mark.requirement("IBR-04")
async def test_ibr_04_the_data_form_goes_before_plain_fields(stage: Stage) -> None:
    ada = stage.person("ada")
    await asks(ada, "set", PLAIN + form(username="lovelace", password="better"))
    assert kept(stage) == {"username": "lovelace", "password": "better"}


async def test_one_of_several_users_changes_their_credentials(stage: Stage) -> None:
    for name in ("ada", "bao"):
        await asks(stage.person(name), "set", PLAIN)
    done = await asks(stage.person("bao"), "set", form(username="bao", password="new"))
    assert done.get("type") == "result"
    await stage.settled()
    passwords = {
        s.user_jid.node: s.user.legacy_module_data["password"] for s in stage.gateway.sessions()
    }
    assert passwords == {"ada": "secret", "bao": "new"}
    assert all(session.logged for session in stage.gateway.sessions())


@pytest.mark.requirement("IBR-06")
async def test_ibr_06_registration_may_be_elsewhere(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = "https://network.example/login"
    monkeypatch.setattr(type(stage.gateway), "registration_url", page)
    ada = stage.person("ada")
    query = (await asks(ada, "get")).find(f"{REGISTER}query")
    assert query is not None
    assert [child.tag for child in query] == [f"{REGISTER}instructions", "{jabber:x:oob}x"]
    assert query.findtext("{jabber:x:oob}x/{jabber:x:oob}url") == page
    assert refused(await asks(ada, "set", PLAIN))[1] == "not-allowed"


@pytest.mark.requirement("IBR-05")
async def test_ibr_05_a_room_has_a_registration_of_its_own(stage: Stage) -> None:
    stage.group("ada")
    ada = stage.person("ada")
    await asks(ada, "set", PLAIN)
    await ada.joins()
    ada.sends("<iq type='get' id='r' to='{room}'><query xmlns='jabber:iq:register'/></iq>")
    query = (await answer(ada)).find(f"{REGISTER}query")
    assert query is not None
    assert query.findtext(f"{REGISTER}username") == "ada"
    assert query.find(f"{REGISTER}password") is None


@pytest.mark.requirement("GW-08")
async def test_gw_08_an_address_for_an_id(stage: Stage) -> None:
    stage.group("ada", "CYD")
    ada = stage.person("ada")
    await asks(ada, "set", PLAIN)
    gateway = "<query xmlns='jabber:iq:gateway'>{}</query>"
    ada.sends(f"<iq type='get' id='r' to='{{gw}}'>{gateway.format('')}</iq>")
    asked = await answer(ada)
    assert asked.findtext(".//{jabber:iq:gateway}desc")
    assert asked.findtext(".//{jabber:iq:gateway}prompt")
    prompt = gateway.format("<prompt>CYD</prompt>")
    ada.sends(f"<iq type='set' id='r' to='{{gw}}'>{prompt}</iq>")
    jid = (await answer(ada)).findtext(".//{jabber:iq:gateway}jid") or ""
    addresses = stage.gateway.rooms.host.addresses
    assert jid == f"{addresses.localpart('CYD')}@{stage.gateway.boundjid.bare}"
    ada.sends(f"<iq type='set' id='r' to='{{gw}}'>{prompt.replace('CYD', 'nobody')}</iq>")
    assert refused(await answer(ada))[1] == "item-not-found"
