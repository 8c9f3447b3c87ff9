"""What people elsewhere show of themselves, as members: badges and pictures; and who is named."""

from __future__ import annotations

import asyncio
import base64
import hashlib

import pytest
from slixmpp import JID

from legacy_backend.events import MemberChanged, MessagePosted
from legacy_backend.terms import MemberId
from legacy_backend.values import Hat, Mention
from legacy_backend.xmpp.groups import Groups
from legacy_backend.xmpp.mentions import references_to
from legacy_backend.xmpp.people import People
from tests.xmpp.line import Line, present, says
from tests.xmpp.stay import Stay

BAO = MemberId("bao@example.org")
DATA = b"a picture"
SHA1 = hashlib.sha1(DATA, usedforsecurity=False).hexdigest()
HATS = "<hats xmlns='urn:xmpp:hats:0'><hat uri='urn:h' title='Cook' hue='30'/>{}</hats>"
PHOTO = "<x xmlns='vcard-temp:x:update'><photo>{}</photo></x>"


@pytest.fixture
async def stay(line: Line) -> Stay:
    made = Stay(line)
    await made.enters(others=present("bao", jid=f"{BAO}/x"))
    return made


async def test_badges_are_told_as_they_change_but_no_flood_of_them(stay: Stay) -> None:
    stay.line.brings(present("bao", jid=f"{BAO}/x", more=HATS.format("<hat title='Nobody'/>")))
    assert stay.told(MemberChanged).member.hats == (Hat("urn:h", "Cook", "30"),)
    flood = "".join(f"<hat uri='urn:{n}' title='{n}'/>" for n in range(50))
    stay.line.brings(present("bao", jid=f"{BAO}/x", more=HATS.format(flood)))
    assert len(stay.told(MemberChanged).member.hats) == 10
    stay.line.brings(present("bao", jid=f"{BAO}/x"))
    assert stay.told(MemberChanged).member.hats == ()


async def test_a_picture_is_told_by_its_hash_and_read_when_it_is_asked_for(stay: Stay) -> None:
    groups = Groups(stay.puppet, "ada")
    groups._known[stay.group.id] = stay.group
    people = People(stay.puppet, groups)
    assert (await people.person(BAO)).picture is None  # and nobody is asked
    stay.line.brings(present("bao", jid=f"{BAO}/x", more=PHOTO.format(SHA1)))
    assert stay.told(MemberChanged).member.photo == SHA1
    asking = asyncio.create_task(people.person(BAO))
    await stay.line.is_asked(
        "<iq type='get' to='{room}/bao'><vCard xmlns='vcard-temp'/></iq>",
        "<iq type='result' from='{room}/bao' id='{id}'><vCard xmlns='vcard-temp'><PHOTO>"
        f"<TYPE>image/png</TYPE><BINVAL>{base64.b64encode(DATA).decode()}</BINVAL>"
        "</PHOTO></vCard></iq>",
    )
    picture = (await asking).picture
    assert picture is not None
    assert (picture.id, picture.data) == (SHA1, DATA)


@pytest.mark.parametrize("told", ["", "nonsense", "../../etc/passwd", SHA1[:-1]])
async def test_what_is_no_hash_is_no_picture(stay: Stay, told: str) -> None:
    stay.line.brings(present("bao", jid=f"{BAO}/x", more=PHOTO.format(SHA1)))
    stay.told(MemberChanged)
    stay.line.brings(present("bao", jid=f"{BAO}/x", more=PHOTO.format(told)))
    assert stay.told(MemberChanged).member.photo == ""


def named(member: MemberId) -> Mention:
    return Mention(member=member, start=0, end=3)


REFERENCE = "<reference xmlns='urn:xmpp:reference:0' type='mention' {}/>"


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("begin='0' end='3' uri='xmpp:{room}/bao'", (named(BAO),)),
        ("begin='0' end='3' uri='xmpp:bao@example.org'", (named(BAO),)),
        ("begin='0' end='3' uri='xmpp:stranger@example.org'", ()),
        ("begin='0' end='30' uri='xmpp:{room}/bao'", ()),
        ("begin='-1' end='3' uri='xmpp:{room}/bao'", ()),
        ("begin='0' end='3' uri='https://example.org'", ()),
        ("begin='0' end='3'", ()),
    ],
)
async def test_who_is_named_is_told(stay: Stay, reference: str, found: tuple[Mention, ...]) -> None:
    stay.line.brings(says("bao", "bao: hello", more=REFERENCE.format(reference)))
    assert stay.told(MessagePosted).message.mentions == found


async def test_whoever_is_named_from_here_is_named_there(stay: Stay) -> None:
    mentions = (named(BAO), named(MemberId("nobody@example.org")))
    (one,) = references_to(mentions, JID("hall@rooms.example"), stay.group.who)
    assert one.attrib == {
        "type": "mention", "uri": "xmpp:hall@rooms.example/bao", "begin": "0", "end": "3"
    }  # fmt: skip
