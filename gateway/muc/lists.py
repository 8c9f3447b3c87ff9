"""Who has which affiliation or role (XEP-0045 §8.5, §9.2, §9.5, §10.5, §10.8, §17.4)."""

from __future__ import annotations

from gateway.errors import Refused
from gateway.muc.call import Answer, Call
from gateway.render.xml import attribute
from gateway.room.kick import moderates
from gateway.room.lists import may_list
from gateway.room.state import Face, Occupant
from legacy_backend.terms import Affiliation, Role


async def by_affiliation(call: Call, affiliation: Affiliation) -> Answer:
    """The people of one affiliation: bare JID and nickname, never a role (§17.4).

    Raises Refused "forbidden" if the list is not for the sender.
    """
    if not may_list(call.room, call.actor(), affiliation):
        raise Refused("forbidden", "This list is not for you to see.")
    people = [p for p in call.room.people.values() if p.affiliation is affiliation]
    return _query("".join(_by_jid(call, person) for person in people))


def _by_jid(call: Call, person: Occupant) -> str:
    jid = call.live.host.address_of(person)
    nick = "" if person.affiliation is Affiliation.OUTCAST else person.nick
    nick_attribute = f' nick="{attribute(nick)}"' if nick else ""
    return f'<item affiliation="{person.affiliation.word}" jid="{attribute(jid)}"{nick_attribute}/>'


async def by_role(call: Call, role: Role) -> Answer:
    """The occupants of one role: nickname, role, affiliation, and the full JID.

    Raises Refused "forbidden" for those who are no moderators.
    """
    if not moderates(call.room, call.actor()):
        raise Refused("forbidden", "Only moderators may list roles.")
    faces = (call.room.face(person) for person in call.room.occupants())
    return _query("".join(_by_nick(face) for face in faces if face.role == role.word))


def _by_nick(face: Face) -> str:
    jid = f' jid="{attribute(face.jid)}"' if face.jid else ""
    return (
        f'<item nick="{attribute(face.nick)}" role="{face.role}"'
        f' affiliation="{face.affiliation}"{jid}/>'
    )


def _query(items: str) -> Answer:
    return Answer(f'<query xmlns="http://jabber.org/protocol/muc#admin">{items}</query>')
