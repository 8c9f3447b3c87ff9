"""What many transcripts begin with: somebody has said something."""

from __future__ import annotations

from datetime import UTC, datetime

from legacy_backend import GroupId
from legacy_backend.events import MessagePosted
from tests.fake_network import FakeNetwork
from tests.muc.reading import stanza_id
from tests.stage import Stage

G1 = GroupId("g1")


async def said(stage: Stage, network: FakeNetwork, name: str = "ada") -> str:
    """They say Hello with the id m1, which is m100 on the network; its stanza id."""
    person = stage.person(name)
    person.sends("<message to='{room}' type='groupchat' id='m1'><body>Hello</body></message>")
    (await network.is_asked("send", "g1", "Hello")).agrees("m100")
    (own,) = await person.receives("<message id='m1'/>")
    for everyone in stage.people.values():
        await everyone.has_heard()
    return stanza_id(own)


def refusal(condition: str, kind: str, id: str = "m1", name: str = "message") -> str:
    """An error that the room sends."""
    return f"""<{name} type='error' id='{id}'><error type='{kind}' by='{{room}}'>
      <{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></{name}>"""


def heard(
    network: FakeNetwork, author: str | None, body: str, group: GroupId = G1, **more: object
) -> MessagePosted:
    """Somebody says something just now."""
    message = network.message(author, body, at=datetime.now(tz=UTC), **more)
    return MessagePosted(group=group, message=message)
