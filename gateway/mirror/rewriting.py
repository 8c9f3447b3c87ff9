"""A room's address as its master has it, and as it is at the mirror: one for the other."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote
from xml.etree import ElementTree as ET

from gateway.render.xml import COMPONENT_NS

VALUE = "{jabber:x:data}value"
ROOMS = {
    "{http://jabber.org/protocol/muc#user}destroy",
    "{jabber:x:conference}x",
}
"""Elements whose `jid` is a room, perhaps another one."""

CLIENT = "{jabber:client}"


def readdress(element: ET.Element, old: str, new: str) -> None:
    """Put one bare address for another wherever it stands, with or without a resource: in every
    attribute, as a URI too (XEP-0147), and in what forms say. Texts stay as they are."""
    if old == new:
        return
    for part in element.iter():
        for name, value in part.items():
            if _is_of(value, old):
                part.set(name, new + value[len(old) :])
            elif name == "uri":
                part.set(name, _renamed(value, old, new))
        if part.tag == VALUE and part.text and _is_of(part.text, old):
            part.text = new + part.text[len(old) :]


def other_rooms(element: ET.Element, local: Callable[[str], str]) -> None:
    """Put the addresses of other rooms of the master, to which one is sent on, at the mirror;
    `local` answers "" for what is no room of the master's."""
    for part in element.iter():
        if part.tag in ROOMS and (here := local(part.get("jid", ""))):
            part.set("jid", here)


def _is_of(value: str, address: str) -> bool:
    return value.startswith(address) and (len(value) == len(address) or value[len(address)] == "/")


def _renamed(uri: str, old: str, new: str) -> str:
    """A URI; the backslash of escaped addresses may stand in it as it is, or not."""
    for address in (old, quote(old, safe="@")):
        if _is_of(uri, f"xmpp:{address}"):
            return f"xmpp:{quote(new, safe='@')}{uri[len('xmpp:' + address) :]}"
    return uri


def of_the_stream(element: ET.Element) -> None:
    """Have a stanza that came inside of another be one of the component's own stream."""
    for part in element.iter():
        if part.tag.startswith(CLIENT):
            part.tag = f"{{{COMPONENT_NS}}}{part.tag[len(CLIENT) :]}"
