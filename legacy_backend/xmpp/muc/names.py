"""Namespaces, and reading small things out of elements that strangers have sent."""

from __future__ import annotations

from typing import Final
from xml.etree import ElementTree as ET

from slixmpp import JID, InvalidJID

CLIENT: Final = "jabber:client"
MUC: Final = "http://jabber.org/protocol/muc"
USER: Final = MUC + "#user"
ADMIN: Final = MUC + "#admin"
OWNER: Final = MUC + "#owner"
CONFIG_FORM: Final = MUC + "#roomconfig"
INFO_FORM: Final = MUC + "#roominfo"
REQUEST_FORM: Final = MUC + "#request"
DIRECT: Final = "jabber:x:conference"
DATA: Final = "jabber:x:data"
DELAY: Final = "urn:xmpp:delay"
DISCO_INFO: Final = "http://jabber.org/protocol/disco#info"
DISCO_ITEMS: Final = "http://jabber.org/protocol/disco#items"
OCCUPANT_ID: Final = "urn:xmpp:occupant-id:0"
PING: Final = "urn:xmpp:ping"
XML_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"


def qualified(namespace: str, name: str) -> str:
    return f"{{{namespace}}}{name}"


def child(of: ET.Element, namespace: str, name: str) -> ET.Element | None:
    return of.find(qualified(namespace, name))


def text_of(of: ET.Element, namespace: str, name: str) -> str | None:
    """The text of a child; None if there is no such child or it is empty."""
    return of.findtext(qualified(namespace, name)) or None


def address(text: str | None) -> JID | None:
    """An address that somebody wrote into a payload; None if there is none or it is malformed."""
    if not text:
        return None
    try:
        return JID(text)
    except InvalidJID:
        return None


def element(namespace: str, name: str, text: str | None = None, **attributes: object) -> ET.Element:
    """An element; attributes that are None are left out."""
    made = ET.Element(
        qualified(namespace, name),
        {key: str(value) for key, value in attributes.items() if value is not None},
    )
    made.text = text
    return made


def append(to: ET.Element, namespace: str, name: str, text: str | None) -> None:
    """Append a child with this text; nothing if the text is None."""
    if text is not None:
        to.append(element(namespace, name, text))
