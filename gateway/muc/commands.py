"""Commands on a room: what clients offer in a menu (XEP-0050)."""

from __future__ import annotations

import secrets
from typing import Any
from xml.etree import ElementTree as ET

from gateway.errors import Refused
from gateway.group.muc import LegacyMUC
from gateway.muc.call import Answer, Call
from gateway.muc.command import Command, Done
from gateway.muc.forms import FORM, Values, form_values, is_on
from gateway.muc.hats import HATS
from gateway.muc.quit import quit_group, standing
from gateway.render.xml import attribute, content
from gateway.room.state import Occupant
from legacy_backend.terms import Affiliation

NS = "http://jabber.org/protocol/commands"
COMMAND = f"{{{NS}}}command"


async def _leave_form(_call: Call) -> str:
    return (
        '<x xmlns="jabber:x:data" type="form"><title>Leave the group</title>'
        "<instructions>You will not be a member any more.</instructions>"
        '<field var="confirm" type="boolean" label="Leave for good">'
        "<value>false</value><required/></field></x>"
    )


async def _leave(call: Call, values: Values) -> Done:
    if not is_on(values, "confirm"):
        return Done("You are still a member.")
    return Done("You have left the group.", after=await quit_group(call, call.actor()))


COMMANDS: dict[str, Command] = {
    "leave": Command("Leave the group", "on_leave", Affiliation.MEMBER, _leave_form, _leave),
    **HATS,
}
"""By node."""


def is_slidges(stanza: ET.Element) -> bool:
    """Whether a command is one that a plugin has in slidge's way."""
    command = stanza.find(COMMAND)
    return command is not None and command.get("node", "") in LegacyMUC.commands


def offered(muc: LegacyMUC[Any], me: Occupant | None) -> list[tuple[str, str]]:
    """The commands that somebody may use: node and name."""
    rank = standing(muc.room, me)
    own = [(n, c.name) for n, c in COMMANDS.items() if muc.can(c.needs) and rank >= c.least]
    return own + [(node, str(plugins.NAME)) for node, plugins in muc.commands.items()]


def listed(call: Call) -> Answer:
    """The commands as items (§3.1)."""
    room = attribute(call.room.jid)
    items = "".join(
        f'<item jid="{room}" node="{attribute(node)}" name="{attribute(name)}"/>'
        for node, name in offered(call.muc, call.muc.me())
    )
    inner = f'<query xmlns="http://jabber.org/protocol/disco#items" node="{NS}">{items}</query>'
    return Answer(inner)


def described(call: Call, node: str) -> Answer:
    """What one command, or the list of them, is (§3.2).

    Raises Refused "item-not-found" if there is none of that node.
    """
    names = {NS: "Commands", **dict(offered(call.muc, call.muc.me()))}
    if node not in names:
        raise Refused("item-not-found", "The room has no such node.")
    kind = "command-list" if node == NS else "command-node"
    name = attribute(names[node])
    return Answer(
        f'<query xmlns="http://jabber.org/protocol/disco#info" node="{attribute(node)}">'
        f'<identity category="automation" type="{kind}" name="{name}"/>'
        f'<feature var="{NS}"/><feature var="jabber:x:data"/></query>'
    )


async def execute(call: Call) -> Answer:
    """Offer a command's form, do what it says once that is filled in, or do nothing."""
    element = call.child(COMMAND)
    assert element is not None
    node, action = element.get("node", ""), element.get("action", "execute")
    command = COMMANDS.get(node)
    if command is None or not call.muc.can(command.needs):
        raise Refused("item-not-found", "The room has no such command.")
    if action not in ("execute", "complete", "next", "cancel"):
        raise Refused("bad-request", "A command is executed, completed or cancelled.")
    session = element.get("sessionid") or secrets.token_hex(8)
    if action == "cancel":
        return _answer(node, session, "canceled", "")
    if standing(call.room, call.actor()) < command.least:
        raise Refused("forbidden", "This command is not for you.")
    form = element.find(FORM)
    if command.form is not None and form is None:
        offer = f'<actions execute="complete"><complete/></actions>{await command.form(call)}'
        return _answer(node, session, "executing", offer)
    if form is not None and form.get("type") == "cancel":
        return _answer(node, session, "canceled", "")
    done = await command.run(call, form_values(form))
    note = f'<note type="info">{content(done.note)}</note>' if done.note else ""
    answer = _answer(node, session, "completed", done.table + note)
    answer.after = done.after or []
    return answer


def _answer(node: str, session: str, status: str, inner: str) -> Answer:
    return Answer(
        f'<command xmlns="{NS}" node="{attribute(node)}" sessionid="{attribute(session)}"'
        f' status="{status}">{inner}</command>'
    )
