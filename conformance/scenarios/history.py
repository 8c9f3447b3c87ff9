"""What was said before one came (XEP-0045 §7.2.13, §7.2.14)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import conformance.asking as ask
from conformance.client import Client
from conformance.reading import NotOffered, body, find, lacks
from conformance.registry import requirement
from conformance.scene import Scene

STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]00:00)")


async def after(scene: Scene, *words: str, **config: str) -> Client:
    """Ada, in a room where she has said this."""
    ada = await scene.create(**config)
    for one in words:
        await say(scene, ada, one)
    return ada


async def say(scene: Scene, who: Client, words: str) -> ET.Element:
    await who.say(scene.room, words)
    return await who.expect(f"<message type='groupchat'><body>{words}</body></message>")


async def replayed(
    scene: Scene, wish: int | Mapping[str, object] | None = None, role: str = "bao"
) -> list[ET.Element]:
    """The history that somebody's new client gets if it asks for it like this."""
    client = await scene.client(role)
    joined = await scene.join(role, client, history=wish)
    await client.disconnect()
    return list(joined.history)


def stamp(message: ET.Element) -> str:
    return find(message, "delay:delay").get("stamp", "")


def moment(message: ET.Element) -> datetime:
    return datetime.fromisoformat(stamp(message))


@requirement("HIST-01", "HIST-03", "DELAY-01")
async def history_is_from_its_authors_with_its_times(scene: Scene) -> None:
    await after(scene, "one", "two")
    history = await replayed(scene)
    assert [body(m) for m in history] == ["one", "two"]
    for message in history:
        assert message.get("type") == "groupchat"
        assert message.get("from") == scene.occupant("ada")
        (delay,) = [one for one in message if one.tag == "{urn:xmpp:delay}delay"]
        assert delay.get("from") == scene.room
        assert STAMP.fullmatch(delay.get("stamp", ""))
        assert datetime.now(UTC) - moment(message) < timedelta(minutes=5)


@requirement("HIST-04", "A-012", "A-246")
async def no_more_characters_than_wanted(scene: Scene) -> None:
    await after(scene, *(f"{n} {'x' * 1000}" for n in range(4)))
    all_of_it = await replayed(scene)
    assert len(all_of_it) == 4
    history = await replayed(scene, {"maxchars": 4500})
    assert len(history) < 4
    assert [body(m) for m in history] == [body(m) for m in all_of_it][4 - len(history) :]


@requirement("HIST-05", "A-012", "A-246")
async def no_history_if_none_is_wanted(scene: Scene) -> None:
    await after(scene, "one", "two")
    assert await replayed(scene, {"maxchars": 0}) == []
    assert await replayed(scene, {"maxstanzas": 0}) == []


@requirement("HIST-06", "A-012", "A-246")
async def the_newest_few(scene: Scene) -> None:
    await after(scene, "one", "two", "three")
    assert [body(m) for m in await replayed(scene, {"maxstanzas": 2})] == ["two", "three"]


@requirement("HIST-07", "HIST-08", "A-012", "A-246")
async def what_was_said_lately(scene: Scene) -> None:
    ada = await after(scene, "old")
    # That time passes is what this is about.
    await asyncio.sleep(3)
    await say(scene, ada, "new")
    old, new = await replayed(scene)
    since = (moment(new) - timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert [body(m) for m in await replayed(scene, {"since": since})] == ["new"]
    seconds = int((datetime.now(UTC) - moment(new)).total_seconds()) + 2
    assert [body(m) for m in await replayed(scene, {"seconds": seconds})] == ["new"]
    earlier = (moment(old) - timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert len(await replayed(scene, {"since": earlier})) == 2


@requirement("HIST-09")
async def several_limits_hold_together(scene: Scene) -> None:
    await after(scene, "one", "two", "three")
    few = await replayed(scene, {"maxstanzas": 1, "seconds": 3600, "maxchars": 100000})
    assert [body(m) for m in few] == ["three"]
    assert await replayed(scene, {"maxstanzas": 10, "maxchars": 0}) == []


@requirement("HIST-10")
async def subjects_are_not_history(scene: Scene) -> None:
    ada = await after(scene, "one")
    for words in ("Tea", "Coffee"):
        await ada.send(ask.subject(words))
        await ada.expect(f"<message><subject>{words}</subject></message>")
    bao = await scene.client("bao")
    await scene.join("bao", bao)
    await scene.settle(ada, bao)
    subjects = [m for m in bao.inbox.everything if m.find("{jabber:client}subject") is not None]
    assert [find(m, "c:subject").text for m in subjects] == ["Coffee"]


@requirement("HIST-12")
async def everything_since_1970_is_no_more_than_the_room_gives(scene: Scene) -> None:
    await after(scene, *map(str, range(25)))
    history = await replayed(scene, {"since": "1970-01-01T00:00:00Z"})
    assert history
    words = [body(m) for m in history]
    assert words == [str(n) for n in range(25 - len(words), 25)]


@requirement("HIST-13", "SID-01", "OCC-01")
async def history_carries_the_ids_that_were_seen_live(scene: Scene) -> None:
    ada = await after(scene)
    await scene.needs(ada, "urn:xmpp:sid:0")
    live = await say(scene, ada, "one")
    (late,) = await replayed(scene, role="ada")
    wanted = find(live, "sid:stanza-id")
    assert wanted.get("by") == scene.room
    assert find(late, "sid:stanza-id").attrib == wanted.attrib
    occupant = live.find("{urn:xmpp:occupant-id:0}occupant-id")
    if occupant is not None:
        assert find(late, "occ:occupant-id").get("id") == occupant.get("id")
    assert late.get("id") == live.get("id")


@requirement("DELAY-02")
async def what_is_said_now_has_no_delay(scene: Scene) -> None:
    ada = await after(scene)
    lacks(await say(scene, ada, "now"), "delay:delay")


@requirement("FIELD-18", "A-186")
async def how_much_is_replayed_can_be_set(scene: Scene) -> None:
    ada = await after(scene, "one", "two", "three")
    form = await scene.form(ada)
    if "muc#maxhistoryfetch" not in form:
        raise NotOffered("the form has no muc#maxhistoryfetch")
    assert form["muc#maxhistoryfetch"].get("type") == "text-single"
    await scene.configure(ada, {"maxhistoryfetch": "2"})
    assert [body(m) for m in await replayed(scene, role="ada")] == ["two", "three"]
