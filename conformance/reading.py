"""Reading stanzas that came in."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree as ET

from conformance.xml import PREFIXES, condition_of, show

UNOFFERED = ("feature-not-implemented", "service-unavailable")
"""How a service says that it does not do something (RFC 6120 §8.3.3)."""


class NotOffered(Exception):
    """The service says that it does not do what this scenario is about."""


def find(stanza: ET.Element, path: str) -> ET.Element:
    """What is at a path, which has to be there; prefixes are those of `conformance.xml`."""
    found = stanza.find(path, PREFIXES)
    assert found is not None, f"no {path} in\n{show(stanza)}"
    return found


def lacks(stanza: ET.Element, *paths: str) -> None:
    """Assert that nothing is at any of these paths."""
    for path in paths:
        assert stanza.find(path, PREFIXES) is None, f"{path} is in\n{show(stanza)}"


def codes(stanza: ET.Element) -> set[str]:
    """The status codes of a presence or message."""
    return {one.get("code", "") for one in stanza.iterfind("user:x/user:status", PREFIXES)}


def item(stanza: ET.Element) -> ET.Element:
    """The item of an occupant's presence."""
    return find(stanza, "user:x/user:item")


def features(info: ET.Element) -> set[str]:
    """The features in an answer to disco#info; those of an error are none."""
    return {one.get("var", "") for one in info.iterfind("info:query/info:feature", PREFIXES)}


def values(fields: Iterable[ET.Element]) -> dict[str, list[str]]:
    """Name of each field of a data form → its values."""
    return {
        field.get("var", ""): [v.text or "" for v in field.iterfind("data:value", PREFIXES)]
        for field in fields
    }


def roominfo(info: ET.Element) -> dict[str, list[str]]:
    """The form muc#roominfo in an answer to disco#info; empty if there is none."""
    for form in info.iterfind("info:query/data:x", PREFIXES):
        found = values(form.iterfind("data:field", PREFIXES))
        if found.get("FORM_TYPE") == ["http://jabber.org/protocol/muc#roominfo"]:
            return found
    return {}


def body(message: ET.Element) -> str | None:
    return message.findtext("c:body", None, PREFIXES)


def expect_result(answer: ET.Element) -> ET.Element:
    """Assert that an answer is a result. Raises NotOffered if it says that this is not done."""
    if condition_of(answer) in UNOFFERED:
        raise NotOffered(f"the answer is {condition_of(answer)}")
    assert answer.get("type") == "result", show(answer)
    return answer


def expect_refusal(answer: ET.Element, condition: str, kind: str = "") -> ET.Element:
    """Assert that an answer is an error with this condition, of this type if one is named."""
    if condition_of(answer) == "feature-not-implemented" != condition:
        raise NotOffered("the answer is feature-not-implemented")
    assert condition_of(answer) == condition, f"{condition} is wanted:\n{show(answer)}"
    assert not kind or find(answer, "c:error").get("type") == kind, f"{kind}:\n{show(answer)}"
    return answer
