"""Who may do what, as tables (XEP-0045 §5, §7, §8, §9)."""

from __future__ import annotations

import pytest

from gateway.errors import Refused
from gateway.room.kick import kickable
from gateway.room.seating import may_enter, rise
from gateway.room.speak import may_speak, may_whisper
from gateway.room.standing import affiliation_grantable, role_grantable
from gateway.room.subject import settable
from legacy_backend.terms import Affiliation, Role
from tests.room.people import person, room, seat


def _outcome(rule: object, *args: object) -> str:
    try:
        rule(*args)  # type: ignore[operator]
    except Refused as no:
        return no.condition
    return ""


@pytest.mark.requirement("MOD-01", "MOD-05", "MOD-06", "MOD-07")
@pytest.mark.parametrize(
    ("actor", "nick", "outcome"),
    [
        ("ADA", "BAO", "forbidden"),  # MOD-01
        ("ADA::moderator", "ADM", "not-allowed"),  # MOD-05
        ("ADA::moderator", "ADA", "conflict"),  # MOD-06
        ("ADA::moderator", "CYD", "item-not-found"),  # MOD-07
        ("ADA::moderator", "BAO", ""),
        ("ADA:admin", "ADM", ""),
        ("ada:admin", "BAO", ""),  # from afar, by rank
        ("ada::moderator", "BAO", "forbidden"),  # a role is for the visit
    ],
)
def test_mod_01_who_may_kick_whom(actor: str, nick: str, outcome: str) -> None:
    who = person(actor)
    place = room(who, person("BAO"), person("ADM:admin"))
    assert _outcome(kickable, place, who, nick) == outcome


@pytest.mark.requirement("ROLE-06", "ROLE-07", "MOD-10", "AMOD-02")
@pytest.mark.parametrize(
    ("actor", "nick", "role", "outcome"),
    [
        ("ADA", "BAO", Role.VISITOR, "forbidden"),
        ("ADA::moderator", "BAO", Role.VISITOR, ""),
        ("ADA::moderator", "BAO", Role.MODERATOR, "forbidden"),
        ("ADA::moderator", "MOD", Role.PARTICIPANT, "forbidden"),
        ("ADA:admin", "MOD", Role.PARTICIPANT, ""),
        ("ADA:admin", "BAO", Role.MODERATOR, ""),
        ("ADA:admin", "ADM", Role.VISITOR, "not-allowed"),
        ("ADA:owner", "ADM", Role.PARTICIPANT, "not-allowed"),
        ("ADA:owner", "CYD", Role.PARTICIPANT, "item-not-found"),
    ],
)
def test_role_06_who_may_change_whose_role(actor: str, nick: str, role: Role, outcome: str) -> None:
    who = person(actor)
    place = room(who, person("BAO"), person("ADM:admin"), person("MOD::moderator"))
    assert _outcome(role_grantable, place, who, nick, role) == outcome


@pytest.mark.requirement("ADM-01", "BAN-05", "BAN-06", "OWN-01", "OWN-06", "CONF-11")
@pytest.mark.parametrize(
    ("actor", "target", "rank", "outcome"),
    [
        ("ADA", "BAO", Affiliation.OUTCAST, "forbidden"),
        ("ADA:admin", "BAO", Affiliation.OUTCAST, ""),
        ("ADA:admin", "ADM", Affiliation.OUTCAST, "not-allowed"),
        ("ADA:admin", "OWN", Affiliation.NONE, "not-allowed"),
        ("ADA:admin", "BAO", Affiliation.ADMIN, "forbidden"),
        ("ADA:admin", "BAD", Affiliation.MEMBER, ""),
        ("ADA:admin", "", Affiliation.MEMBER, ""),
        ("ADA:admin", "", Affiliation.OWNER, "forbidden"),
        ("ADA:owner", "OWN", Affiliation.NONE, ""),
        ("ADA:owner", "BAO", Affiliation.OWNER, ""),
        ("ADA:owner", "ADA", Affiliation.ADMIN, ""),  # another owner is left
        ("ADA:admin", "ADA", Affiliation.OUTCAST, "conflict"),
        ("ADA:admin", "ADA", Affiliation.OWNER, "forbidden"),
        ("ADA:admin", "ADA", Affiliation.NONE, ""),
    ],
)
def test_adm_01_who_may_give_which_rank(
    actor: str, target: str, rank: Affiliation, outcome: str
) -> None:
    who = person(actor)
    others = [person(p) for p in ("BAO", "ADM:admin", "OWN:owner", "BAD:outcast")]
    place = room(who, *others)
    found = next((p for p in (who, *others) if p.nick == target), None)
    assert _outcome(affiliation_grantable, place, who, found, rank) == outcome


def test_conf_11_the_last_owner_stays() -> None:
    ada = person("ADA:owner")
    outcome = _outcome(affiliation_grantable, room(ada), ada, ada, Affiliation.ADMIN)
    assert outcome == "conflict"


@pytest.mark.requirement("JOIN-16", "JOIN-17", "JOIN-18", "JOIN-22")
@pytest.mark.parametrize(
    ("who", "password", "config", "outcome"),
    [
        ("", "", {"members_only": True}, "registration-required"),
        ("ada:none", "", {"members_only": True}, "registration-required"),
        ("ada", "", {"members_only": True}, ""),
        ("ada:outcast", "", {"members_only": False}, "forbidden"),
        ("", "no", {"members_only": False, "password": "yes"}, "not-authorized"),
        ("", "yes", {"members_only": False, "password": "yes"}, ""),
        ("ada", "", {"members_only": False, "password": "yes"}, ""),
        ("ada", "", {"max_users": 1}, "service-unavailable"),
        ("ada:admin", "", {"max_users": 1}, ""),
        ("ada", "", {"max_users": 2}, ""),
    ],
)
def test_join_16_who_may_come_in(
    who: str, password: str, config: dict[str, object], outcome: str
) -> None:
    somebody = person(who) if who else None
    place = room(person("DAN"), *([somebody] if somebody else []), **config)
    assert _outcome(may_enter, place, somebody, password) == outcome


@pytest.mark.requirement("MSG-02", "PM-04", "PM-06", "SUBJ-06", "ROLE-03")
@pytest.mark.parametrize(
    ("who", "config", "speak", "whisper", "subject"),
    [
        ("ADA", {}, "", "", ""),
        ("ADA::visitor", {}, "forbidden", "", "forbidden"),
        ("ADA:none", {"moderated": True}, "forbidden", "", "forbidden"),
        ("ADA:none", {"moderated": False}, "", "", ""),
        ("ADA", {"moderated": True}, "", "", ""),
        ("ADA", {"members_may_change_subject": False}, "", "", "forbidden"),
        ("ADA:admin", {"members_may_change_subject": False}, "", "", ""),
        ("ADA:none", {"private_messages": "participants"}, "", "", ""),
        ("ADA", {"private_messages": "moderators"}, "", "forbidden", ""),
        ("ADA:owner", {"private_messages": "none"}, "", "forbidden", ""),
    ],
)  # fmt: skip
def test_msg_02_who_may_say_what(
    who: str, config: dict[str, object], speak: str, whisper: str, subject: str
) -> None:
    somebody = person(who)
    place = room(somebody, person("DAN"), **config)
    assert _outcome(may_speak, place, somebody) == speak
    assert _outcome(may_whisper, place, somebody, "DAN") == whisper
    assert _outcome(settable, place, somebody) == subject
    assert _outcome(may_whisper, place, somebody, "EVE") == "item-not-found"


@pytest.mark.requirement("EXIT-03", "ADDR-05")
def test_exit_03_the_last_seat_is_the_person() -> None:
    ada, bao = person("ada"), person("bao")
    place = room(ada, bao)
    phone, laptop, other = seat(place, ada), seat(place, ada, "l"), seat(place, bao)
    assert [d.seats for d in rise(place, phone)] == [(phone,)]
    assert place.face(ada).jid == laptop.jid
    assert [d.seats for d in rise(place, laptop)] == [(laptop,), (other,)]
    assert not ada.here
