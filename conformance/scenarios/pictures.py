"""Pictures of rooms and people, badges (XEP-0054, XEP-0153, XEP-0317, XEP-0486)."""

from __future__ import annotations

import asyncio
import base64
import struct
import zlib
from xml.etree import ElementTree as ET

from conformance.client import Client
from conformance.reading import NotOffered, expect_refusal, expect_result, lacks, roominfo
from conformance.registry import requirement
from conformance.scene import Scene
from conformance.xml import condition_of

VCARD = "vcard-temp"
GET = f"<iq type='get' to='{{room}}'><vCard xmlns='{VCARD}'/></iq>"


def _chunk(kind: bytes, data: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + check


def png() -> bytes:
    """A small red square."""
    size = 16
    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    pixels = zlib.compress((b"\0" + b"\xff\0\0" * size) * size)
    body = [_chunk(b"IHDR", header), _chunk(b"IDAT", pixels), _chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(body)


def setting(picture: bytes) -> str:
    data = base64.b64encode(picture).decode()
    return (
        f"<iq type='set' to='{{room}}'><vCard xmlns='{VCARD}'><PHOTO><TYPE>image/png</TYPE>"
        f"<BINVAL>{data}</BINVAL></PHOTO></vCard></iq>"
    )


def picture_in(answer: ET.Element) -> bytes:
    """The picture in an answer; b"" if there is none."""
    found = answer.find(f"{{{VCARD}}}vCard/{{{VCARD}}}PHOTO/{{{VCARD}}}BINVAL")
    return b"" if found is None else base64.b64decode(found.text or "")


async def pictured(scene: Scene, *roles: str) -> list[Client]:
    """A room with a picture, and people in it."""
    people = await scene.enter("ada", *roles)
    await scene.needs(people[0], VCARD)
    expect_result(await people[0].iq(setting(png())))
    return people


@requirement("AVA-01")
async def a_room_without_a_picture(scene: Scene) -> None:
    ada = await scene.create()
    await scene.needs(ada, VCARD)
    answer = await ada.iq(GET)
    assert condition_of(answer) == "item-not-found" or not picture_in(answer)


@requirement("AVA-01", "AVA-02", "AVA-08")
async def a_picture_is_set_and_got(scene: Scene) -> None:
    _, bao = await pictured(scene, "bao")
    answer = expect_result(await bao.iq(GET))
    assert picture_in(answer).startswith((b"\x89PNG", b"\xff\xd8"))


@requirement("AVA-02", "CODE-104")
async def a_new_picture_is_announced(scene: Scene) -> None:
    for person in await pictured(scene, "bao"):
        await person.expect(
            "<message type='groupchat' from='{room}'><x><status code='104'/></x></message>"
        )


@requirement("AVA-02")
async def others_do_not_set_it(scene: Scene) -> None:
    _, bao = await scene.enter("ada", "bao")
    await scene.needs(bao, VCARD)
    expect_refusal(await bao.iq(setting(png())), "forbidden", "auth")


@requirement("AVA-03", "INFO-13")
async def the_hash_of_a_picture_is_told(scene: Scene) -> None:
    ada = await scene.create()
    assert roominfo(await scene.info(ada)).get("muc#roominfo_avatarhash", []) in ([], [""])
    await scene.needs(ada, VCARD)
    expect_result(await ada.iq(setting(png())))
    for _ in range(200):  # a service may have to make it into a picture of its own first
        hashes = roominfo(await scene.info(ada)).get("muc#roominfo_avatarhash")
        if hashes not in (None, [], [""]):
            break
        await asyncio.sleep(0.05)
    else:
        raise NotOffered("muc#roominfo has no muc#roominfo_avatarhash")
    assert len(hashes) == 1
    assert len(hashes[0]) == 40


@requirement("AVA-05", "AVAIL-02")
async def the_hash_of_a_persons_picture_passes(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    hash_ = "0123456789abcdef0123456789abcdef01234567"
    await bao.send(
        "<presence to='{bao}'>"
        f"<x xmlns='vcard-temp:x:update'><photo>{hash_}</photo></x></presence>"
    )
    await scene.settle(bao, ada)
    seen = [s for s in ada.inbox.stanzas if s.get("from") == scene.occupant("bao")]
    hashes = {p.text for s in seen for p in s.iter("{vcard-temp:x:update}photo")}
    if hash_ not in hashes:
        raise NotOffered("pictures of people are the room's business")


@requirement("HAT-06")
async def nobody_puts_a_hat_on_themselves(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    await bao.send(
        "<presence to='{bao}'><show>away</show><hats xmlns='urn:xmpp:hats:0'>"
        "<hat uri='urn:example:king' title='King'/></hats></presence>"
    )
    seen = await ada.expect("<presence from='{bao}'><show>away</show></presence>")
    lacks(seen, ".//{urn:xmpp:hats:0}hat")
