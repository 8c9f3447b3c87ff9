"""Stanzas that many transcripts send. `{room}` and the like are filled in by whoever sends them."""

from __future__ import annotations

from collections.abc import Mapping


def admin(*items: str, kind: str = "set") -> str:
    """A query of muc#admin with these items."""
    return (
        f"<iq type='{kind}' to='{{room}}'>"
        f"<query xmlns='http://jabber.org/protocol/muc#admin'>{''.join(items)}</query></iq>"
    )


def listing(attribute: str, value: str) -> str:
    """The question for a list of muc#admin, such as all whose affiliation is member."""
    return admin(f"<item {attribute}='{value}'/>", kind="get")


def owner(inner: str = "", kind: str = "set") -> str:
    """A query of muc#owner."""
    return (
        f"<iq type='{kind}' to='{{room}}'>"
        f"<query xmlns='http://jabber.org/protocol/muc#owner'>{inner}</query></iq>"
    )


def form(fields: Mapping[str, str], name: str, kind: str = "submit") -> str:
    """A data form of XEP-0045, `name` being its FORM_TYPE without what all have in common."""
    inner = "".join(
        f"<field var='{var}'><value>{value}</value></field>" for var, value in fields.items()
    )
    return (
        f"<x xmlns='jabber:x:data' type='{kind}'><field var='FORM_TYPE' type='hidden'>"
        f"<value>http://jabber.org/protocol/{name}</value></field>{inner}</x>"
    )


def user(inner: str) -> str:
    """The element of muc#user."""
    return f"<x xmlns='http://jabber.org/protocol/muc#user'>{inner}</x>"


def to_room(inner: str, kind: str = "groupchat", id: str = "") -> str:
    """A message to the room."""
    at = f" id='{id}'" if id else ""
    return f"<message type='{kind}' to='{{room}}'{at}>{inner}</message>"


def subject(text: str) -> str:
    """A change of the subject."""
    return to_room(f"<subject>{text}</subject>")


def ping(to: str) -> str:
    return f"<iq type='get' to='{to}'><ping xmlns='urn:xmpp:ping'/></iq>"
