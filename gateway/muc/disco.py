"""What a room says of itself (XEP-0030, XEP-0045 §6.4–§6.6, §16.3)."""

from __future__ import annotations

from typing import Any

from slixmpp.exceptions import XMPPError

from gateway.errors import Refused
from gateway.group.muc import LegacyMUC
from gateway.muc import commands
from gateway.muc.call import Answer, Call
from gateway.muc.hats import digest
from gateway.muc.mentioned import MMN
from gateway.muc.reflect import TRANSLATED
from gateway.muc.spaces import SPACES, space_form
from gateway.render.versions import MAV
from gateway.render.xml import attribute, content
from legacy_backend.terms import Affiliation

INFO = "http://jabber.org/protocol/disco#info"
ITEMS = "http://jabber.org/protocol/disco#items"
MUC = "http://jabber.org/protocol/muc"

ALWAYS = (
    INFO,
    ITEMS,
    MUC,
    f"{MUC}#stable_id",
    f"{MUC}#self-ping-optimization",
    f"{MUC}#register",
    f"{MUC}#roomconfig",
    f"{MUC}#roominfo",
    "jabber:iq:register",
    "muc_persistent",
    "urn:xmpp:mam:2",
    "urn:xmpp:mam:2#extended",
    MAV,
    MMN,
    "urn:xmpp:fulltext:0",
    "urn:xmpp:occupant-id:0",
    "urn:xmpp:ping",
    "urn:xmpp:sid:0",
    "vcard-temp",
)


def features(muc: LegacyMUC[Any]) -> list[str]:
    """What the room can do, as true as the network lets it be."""
    config = muc.room.config
    found = [
        *ALWAYS,
        "muc_public" if config.public else "muc_hidden",
        "muc_membersonly" if config.members_only else "muc_open",
        "muc_moderated" if config.moderated else "muc_unmoderated",
        "muc_semianonymous" if config.anonymous else "muc_nonanonymous",
        "muc_passwordprotected" if config.password else "muc_unsecured",
        "urn:xmpp:hats:0",
    ]
    if muc.can("on_retract"):
        found += ["urn:xmpp:message-retract:1", "urn:xmpp:message-retract:1#tombstone"]
    if muc.can("on_moderate"):
        found += ["urn:xmpp:message-moderate:1", "urn:xmpp:message-moderate:0"]
    if muc.can("on_react"):
        found.append("urn:xmpp:reactions:0")
    if commands.offered(muc, muc.me()):
        found.append(commands.NS)
    if muc.space_legacy_id is not None:
        found.append(SPACES)
    return found


async def info(call: Call) -> Answer:
    """Answer for the room, for one of its nodes, or for an occupant."""
    query = call.child(f"{{{INFO}}}query")
    node = query.get("node") if query is not None else None
    if call.nick:
        return _occupant(call, node)
    if node == "x-roomuser-item":
        return _reserved(call, node)
    if node == f"{MUC}#traffic":
        return _info(node, "".join(f'<feature var="{name}"/>' for name in TRANSLATED))
    if node:
        return commands.described(call, node)
    name = attribute(call.muc.DISCO_NAME)
    lines = [f'<identity category="conference" type="text" name="{name}"/>']
    lines += [f'<feature var="{feature}"/>' for feature in features(call.muc)]
    lines.append(room_info(call.muc, await _hats(call.muc)))
    lines.append(await space_form(call))
    if restrictions := await _restrictions(call.muc):
        lines.append(restrictions)
    return _info(None, "".join(lines))


def _reserved(call: Call, node: str) -> Answer:
    """The nickname that is the sender's: every member has one, nobody else (§7.12)."""
    me = call.muc.me()
    if me is None or me.affiliation < Affiliation.MEMBER:
        return _info(node, "")
    name = attribute(me.nick)
    return _info(node, f'<identity category="conference" type="text" name="{name}"/>')


def _info(node: str | None, inner: str) -> Answer:
    node_attribute = f' node="{attribute(node)}"' if node else ""
    return Answer(f'<query xmlns="{INFO}"{node_attribute}>{inner}</query>')


def _occupant(call: Call, node: str | None) -> Answer:
    if call.sender not in call.room.seats:
        raise Refused("bad-request", "Join the room to ask that.")
    if call.room.occupant(call.nick) is None:
        raise Refused("item-not-found", f"Nobody here is called {call.nick}.")
    if node:
        raise Refused("item-not-found", "Occupants have no nodes.")
    kinds = '<identity category="client" type="pc"/>'
    names = [INFO, "urn:xmpp:ping", "vcard-temp", "urn:xmpp:message-correct:0", "urn:xmpp:reply:0"]
    if call.muc.can("on_react"):
        names.append("urn:xmpp:reactions:0")
    return _info(None, kinds + "".join(f'<feature var="{name}"/>' for name in names))


async def items(call: Call) -> Answer:
    """Nothing: who is here is for those who join (§6.5)."""
    query = call.child(f"{{{ITEMS}}}query")
    node = query.get("node") if query is not None else None
    if call.nick and call.sender not in call.room.seats:
        raise Refused("bad-request", "Join the room to ask that.")
    if node == commands.NS and not call.nick:
        return commands.listed(call)
    if node:
        raise Refused("item-not-found", "There is no such node.")
    return Answer(f'<query xmlns="{ITEMS}"/>')


async def _hats(muc: LegacyMUC[Any]) -> str:
    """The digest of the hats that there are (XEP-0317 §3), "" if there are none to be had."""
    if not muc.can("on_hats"):
        return ""
    try:
        hats = await muc.on_hats()
    except XMPPError:
        return ""  # it may tell members only
    return digest(hats) if hats else ""


def room_info(muc: LegacyMUC[Any], hats: str = "") -> str:
    """The form that describes the room (§16.5.4)."""
    room = muc.room
    here = sum(1 for _ in room.occupants())
    yes_no = {True: "1", False: "0"}
    fields = [
        ("muc#roominfo_description", "text-single", [room.config.description]),
        ("muc#roominfo_subject", "text-single", [room.subject.text]),
        ("muc#roominfo_subjectmod", "boolean",
         [yes_no[muc.HAS_SUBJECT and room.config.members_may_change_subject]]),
        ("muc#roominfo_occupants", "text-single", [str(max(here, room.member_count or 0))]),
        ("muc#roominfo_lang", "text-single", [room.config.language]),
        ("muc#roominfo_contactjid", "jid-multi", _contacts(muc)),
        ("muc#roominfo_avatarhash", "text-multi", [room.avatar]),
        ("{http://modules.prosody.im/mod_vcard_muc}avatar#sha1", "text-single", [room.avatar]),
        ("hats#hash", "text-single", [hats]),
        ("muc#maxhistoryfetch", "text-single",
         [str(min(room.config.history_max, muc.live.host.limits.history_max))]),
        ("muc#roominfo_logs", "text-single", [room.config.log_url]),
        ("muc#roomconfig_pubsub", "text-single", [room.config.pubsub]),
        ("muc#roomconfig_roomname", "text-single", [room.config.name]),
        ("muc#roomconfig_changesubject", "boolean",
         [yes_no[muc.HAS_SUBJECT and room.config.members_may_change_subject]]),
        ("muc#roomconfig_allowpm", "list-single", [allowed_whispers(muc)]),
        ("muc#roomconfig_whois", "list-single",
         ["moderators" if room.config.anonymous else "anyone"]),
    ]  # fmt: skip
    return '<x xmlns="jabber:x:data" type="result">' + "".join(
        (
            f'<field var="FORM_TYPE" type="hidden"><value>{MUC}#roominfo</value></field>',
            *(_field(*field) for field in fields if any(field[2])),
        )
    ) + "</x>"  # fmt: skip


def allowed_whispers(muc: LegacyMUC[Any]) -> str:
    """Who may write private messages, in the words of muc#roomconfig_allowpm."""
    return muc.room.config.private_messages if muc.can("on_private_message") else "none"


def _field(var: str, kind: str, values: list[str]) -> str:
    inner = "".join(f"<value>{content(value)}</value>" for value in values)
    return f'<field var="{attribute(var)}" type="{kind}">{inner}</field>'


def _contacts(muc: LegacyMUC[Any]) -> list[str]:
    """Owners, where everybody may see who they are."""
    if muc.room.config.anonymous:
        return []
    owners = (p for p in muc.room.people.values() if p.affiliation is Affiliation.OWNER)
    return [person.address for person in owners if person.address][:20]


async def _restrictions(muc: LegacyMUC[Any]) -> str:
    """Which reactions there can be (XEP-0444 §2.2)."""
    if not muc.can("on_react"):
        return ""
    allowed = await muc.available_emojis(None)
    if allowed is None and not muc.REACTIONS_SINGLE_EMOJI:
        return ""
    fields = '<field var="FORM_TYPE" type="hidden">'
    fields += "<value>urn:xmpp:reactions:0:restrictions</value></field>"
    if muc.REACTIONS_SINGLE_EMOJI:
        fields += _field("max_reactions_per_user", "text-single", ["1"])
    if allowed:
        fields += _field("allowlist", "text-multi", sorted(allowed))
    return f'<x xmlns="jabber:x:data" type="result">{fields}</x>'
