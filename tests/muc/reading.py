"""What tests look for in a stanza, beyond what is written in them."""

from __future__ import annotations

from xml.etree import ElementTree as ET

STANZAS = "{urn:ietf:params:xml:ns:xmpp-stanzas}"


def find(stanza: ET.Element, name: str) -> ET.Element:
    """The first element of that name, in any namespace."""
    found = stanza.find(f".//{{*}}{name}")
    assert found is not None, f"no {name} in {ET.tostring(stanza, encoding='unicode')}"
    return found


def lacks(stanza: ET.Element, name: str) -> None:
    """No element of that name, in any namespace."""
    found = stanza.find(f".//{{*}}{name}")
    assert found is None, f"{name} in {ET.tostring(stanza, encoding='unicode')}"


def names(stanza: ET.Element) -> list[str]:
    """The names of its children."""
    return [child.tag.partition("}")[2] for child in stanza]


def codes(stanza: ET.Element) -> list[int]:
    """The status codes of muc#user."""
    x = stanza.find("{http://jabber.org/protocol/muc#user}x")
    return [int(s.get("code", "")) for s in x.iterfind("{*}status")] if x is not None else []


def item(stanza: ET.Element) -> ET.Element:
    """The item of muc#user, of which there is one."""
    items = stanza.findall("{http://jabber.org/protocol/muc#user}x/{*}item")
    assert len(items) == 1
    return items[0]


def stanza_id(stanza: ET.Element) -> str:
    """The id that the room gave a message, of which there is one."""
    ids = stanza.findall("{urn:xmpp:sid:0}stanza-id")
    assert len(ids) == 1
    return ids[0].get("id", "")


def values(form: ET.Element) -> dict[str, list[str]]:
    """The values of a data form by the names of its fields."""
    return {
        field.get("var", ""): [v.text or "" for v in field.iterfind("{*}value")]
        for field in form.iterfind(".//{jabber:x:data}field")
    }
