"""Coming, going, and how one looks, through a mirror between two real servers, in all ways to
address it (DMUC3, Joining, Leaving)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from conformance.client import Refusal
from tests.mirror.scene import WAYS, Scene, scene

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


@pytest.fixture(params=WAYS)
async def it(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path, request.param) as found:
        yield found


@pytest.mark.requirement(
    "D-001", "D-003", "D-004", "D-010", "D-020", "D-021", "D-022", "D-023", "D-030", "D-032",
    "D-034", "D-035", "D-036", "D-037", "D-038", "D-039", "D-040", "D-041", "D-043", "D-044",
    "D-045", "D-046",
)  # fmt: skip
async def test_d_032_the_first_who_joins_brings_everything_and_the_next_only_themselves(
    it: Scene,
) -> None:
    await it.wanda.says("hall", "Is anybody there?")
    await it.join(it.scott)
    it.forget()
    joined = await it.join(it.wayne)
    assert joined.nicks == {"Wanda", "Scott", "Wayne"}
    assert {"110", "100"} <= joined.codes
    assert [m.findtext("{jabber:client}body") for m in joined.history] == ["Is anybody there?"]
    assert it.up == ["iq get query", "presence", "iq result", "iq result", "iq get room"]
    assert it.down == [
        "iq result query", "iq set config", "iq set roster", "message groupchat", "presence",
        "iq result history",
    ]  # fmt: skip
    await it.scott.expect("<presence from='{room}/Wayne'/>")

    it.forget()
    joined = await it.join(it.keith)
    assert joined.nicks == {"Wanda", "Scott", "Wayne", "Keith"}
    assert [m.findtext("{jabber:client}body") for m in joined.history] == ["Is anybody there?"]
    for client in (it.scott, it.wayne):
        await client.expect("<presence from='{room}/Keith'/>")
    assert (it.up, it.down) == (["presence"], ["presence"])


@pytest.mark.requirement(
    "D-033", "D-050", "D-051", "D-052", "D-053", "D-054", "D-101", "D-102"
)  # fmt: skip
async def test_d_050_who_may_not_come_in_is_told_so_and_nobody_else(it: Scene) -> None:
    await it.everybody()
    room = str(it.wayne.names["room"])
    await it.wayne.leave(room, "Wayne")
    await it.scott.expect("<presence type='unavailable' from='{room}/Wayne'/>")
    it.forget()
    with pytest.raises(Refusal) as taken:
        await it.wayne.join(room, "Scott")
    assert taken.value.condition == "conflict"
    await it.join(it.wayne)
    await it.wayne.send("<presence to='{room}/Duke' id='n'/>")
    no = await it.wayne.expect("<presence type='error' id='n'/>")
    assert no.find(".//{*}not-acceptable") is not None

    await it.promote(it.wayne, "outcast")
    own = await it.wayne.expect("<presence type='unavailable' from='{room}/Wayne'/>")
    assert own.find(".//{*}status[@code='301']") is not None
    for client in (it.scott, it.keith):
        await client.expect("<presence type='unavailable' from='{room}/Wayne'/>")
    it.forget()
    with pytest.raises(Refusal) as banned:
        await it.join(it.wayne)
    assert banned.value.condition == "forbidden"
    assert banned.value.stanza.get("from") == f"{room}/Wayne"
    assert it.down == ["presence error"]
    for client in (it.scott, it.keith):
        await client.hears_nothing()


@pytest.mark.requirement(
    "D-060", "D-061", "D-062", "D-063", "D-064", "D-070", "D-071", "D-072", "D-073", "D-074",
    "D-075", "D-077", "D-078",
)  # fmt: skip
async def test_d_060_whatever_somebody_does_crosses_once(it: Scene) -> None:
    await it.everybody()
    away = "<presence to='{room}/%s'><show>away</show><status>Lunch</status></presence>"
    seen = away.replace("to=", "from=")
    await it.scott.send(away % "Scott")
    for client in (it.scott, it.wayne, it.keith):
        await client.expect(seen % "Scott")
    assert (it.up, it.down) == ([], ["presence"])
    it.forget()
    await it.wayne.send(away % "Wayne")
    for client in (it.scott, it.wayne, it.keith):
        await client.expect(seen % "Wayne")
    assert it.up == ["presence"]
    assert len(it.down) <= 1

    it.forget()
    await it.scott.leave(str(it.scott.names["room"]), "Scott")
    for client in (it.wayne, it.keith):
        gone = await client.expect("<presence type='unavailable' from='{room}/Scott'/>")
        item = gone.find(".//{*}item")
        assert item is not None
        assert item.get("role") == "none"
    assert (it.up, it.down) == ([], ["presence unavailable"])
    await it.join(it.scott)
    for client in (it.wayne, it.keith):
        await client.expect("<presence from='{room}/Scott'/>")

    it.forget()
    await it.wayne.leave(str(it.wayne.names["room"]), "Wayne")
    for client in (it.scott, it.keith):
        await client.expect("<presence type='unavailable' from='{room}/Wayne'/>")
    assert (it.up, it.down) == (["presence unavailable"], [])


@pytest.mark.requirement("D-002")
async def test_d_002_nothing_crosses_when_nobody_is_there_any_more(it: Scene) -> None:
    await it.everybody()
    await it.wayne.leave(str(it.wayne.names["room"]), "Wayne")
    await it.keith.drop()  # its server says that it is gone
    for name in ("Wayne", "Keith"):
        await it.scott.expect(f"<presence type='unavailable' from='{{room}}/{name}'/>")
    it.forget()
    await it.scott.say(str(it.scott.names["room"]), "Alone at last")
    await it.scott.expect("<message type='groupchat'><body>Alone at last</body></message>")
    await it.scott.fence()
    assert (it.up, it.down) == ([], [])
    assert not it.both.crossed("Alone at last")
