"""IQs that many transcripts need."""

from __future__ import annotations

from collections.abc import Mapping


def admin(*items: str, kind: str = "set", id: str = "k1") -> str:
    """A query of muc#admin with these items."""
    return (
        f"<iq type='{kind}' id='{id}' to='{{room}}'>"
        f"<query xmlns='http://jabber.org/protocol/muc#admin'>{''.join(items)}</query></iq>"
    )


def owner(inner: str = "", kind: str = "set", id: str = "k1") -> str:
    """A query of muc#owner."""
    return (
        f"<iq type='{kind}' id='{id}' to='{{room}}'>"
        f"<query xmlns='http://jabber.org/protocol/muc#owner'>{inner}</query></iq>"
    )


def form(
    fields: Mapping[str, str | list[str]], kind: str = "submit", name: str = "muc#roomconfig"
) -> str:
    """A filled-in form; a field may have several values."""
    inner = "".join(f"<field var='{var}'>{_values(value)}</field>" for var, value in fields.items())
    return (
        f"<x xmlns='jabber:x:data' type='{kind}'><field var='FORM_TYPE' type='hidden'>"
        f"<value>http://jabber.org/protocol/{name}</value></field>{inner}</x>"
    )


def _values(value: str | list[str]) -> str:
    values = [value] if isinstance(value, str) else value
    return "".join(f"<value>{one}</value>" for one in values)


RESULT = "<iq type='result' id='k1' from='{room}'/>"


def iq_refusal(condition: str, kind: str) -> str:
    return f"""<iq type='error' id='k1' from='{{room}}'><error type='{kind}' by='{{room}}'>
      <{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"""
