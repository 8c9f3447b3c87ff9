"""What may come of a stanza, by the standards alone: knows nothing of how the gateway is made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from tests.stage import DOMAIN, NS

STANZAS = "{urn:ietf:params:xml:ns:xmpp-stanzas}"
MUC = "{http://jabber.org/protocol/muc}x"
MUC_USER = "{http://jabber.org/protocol/muc#user}"

TYPES = {"auth", "cancel", "continue", "modify", "wait"}
CONDITIONS = {
    "bad-request", "conflict", "feature-not-implemented", "forbidden", "gone", "item-not-found",
    "jid-malformed", "not-acceptable", "not-allowed", "not-authorized", "policy-violation",
    "recipient-unavailable", "redirect", "registration-required", "remote-server-not-found",
    "remote-server-timeout", "resource-constraint", "service-unavailable",
    "subscription-required", "undefined-condition", "unexpected-request",
}  # fmt: skip
"""RFC 6120 §8.3.3, but for internal-server-error: that would be a bug."""

MOST_BYTES = 512 * 1024


def name(stanza: ET.Element) -> str:
    return stanza.tag.rpartition("}")[2]


def is_request(stanza: ET.Element) -> bool:
    return name(stanza) == "iq" and stanza.get("type") in ("get", "set")


def faults(sent: Sequence[ET.Element], came: Sequence[ET.Element]) -> list[str]:
    """What is wrong with what came, when this was sent; nothing if all is well."""
    found = [fault for stanza in came for fault in _malformed(stanza)]
    found += _strayed_errors(sent, came)
    for key, questions in _by_key(sent).items():
        found += _answered(questions, [s for s in came if _key_of_answer(s) == key])
    return found


def _malformed(stanza: ET.Element) -> list[str]:
    """A stanza that no server should have been handed."""
    wrong = []
    if stanza.tag not in (f"{{{NS}}}{kind}" for kind in ("iq", "message", "presence")):
        wrong.append(f"{stanza.tag} is no stanza")
    sender = stanza.get("from", "").partition("/")[0].rpartition("@")[2]
    if sender != DOMAIN:
        wrong.append(f"the sender is {stanza.get('from')!r}")
    if not stanza.get("to"):
        wrong.append("it is for nobody")
    if len(ET.tostring(stanza, encoding="utf-8")) > MOST_BYTES:
        wrong.append("it is longer than a server takes")
    if stanza.get("type") == "error":
        wrong += _bad_error(stanza)
    return wrong


def _bad_error(stanza: ET.Element) -> list[str]:
    errors = stanza.findall(f"{{{NS}}}error")
    if len(errors) != 1:
        return [f"{len(errors)} errors in one"]
    named = [child.tag for child in errors[0] if child.tag.startswith(STANZAS)]
    conditions = [tag.removeprefix(STANZAS) for tag in named if tag != f"{STANZAS}text"]
    if len(conditions) != 1 or conditions[0] not in CONDITIONS:
        return [f"the conditions are {conditions}"]
    if errors[0].get("type") not in TYPES:
        return [f"the error type is {errors[0].get('type')!r}"]
    return []


def _strayed_errors(sent: Sequence[ET.Element], came: Sequence[ET.Element]) -> list[str]:
    """Errors for those who did nothing, or in answer to errors."""
    asked = {s.get("from") for s in sent}
    return [
        f"an error for {stanza.get('to')}, who did nothing"
        for stanza in came
        if stanza.get("type") == "error" and stanza.get("to") not in asked
    ]


Key = tuple[str, str, str | None]


def _by_key(sent: Sequence[ET.Element]) -> dict[Key, list[ET.Element]]:
    found: dict[Key, list[ET.Element]] = {}
    for stanza in sent:
        found.setdefault((name(stanza), stanza.get("from", ""), stanza.get("id")), []).append(
            stanza
        )
    return found


def _key_of_answer(stanza: ET.Element) -> Key | None:
    """Which stanza this one answers, if any."""
    kind = name(stanza)
    answers = ("result", "error") if kind == "iq" else ("error",)
    if stanza.get("type") not in answers:
        return None
    return kind, stanza.get("to", ""), stanza.get("id") or None


def _answered(sent: Sequence[ET.Element], came: Sequence[ET.Element]) -> list[str]:
    """Stanzas that cannot be told apart, and all that answers them."""
    least, most = 0, 0
    for stanza in sent:
        low, high = _due(stanza)
        least, most = least + low, most + high
    if not least <= len(came) <= most:
        id = sent[0].get("id")
        return [f"{len(came)} answers, not {least} to {most}, to what has the id {id!r}"]
    places = Counter(s.get("to") for s in sent)
    return [f"the answer is from {s.get('from')!r}" for s in came if not _fits(s, sent, places)]


def _fits(answer: ET.Element, sent: Sequence[ET.Element], places: Counter[str | None]) -> bool:
    """Whether an answer is from where a question went, or for the room itself (§7.6, §8.1)."""
    origin = answer.get("from", "")
    if origin in places:
        return True
    bares = {(place or "").partition("/")[0] for place in places}
    return name(sent[0]) != "iq" and origin.partition("/")[0] in bares


def _due(stanza: ET.Element) -> tuple[int, int]:
    """How many answers there have to be at least, and may be at most."""
    kind, type_ = name(stanza), stanza.get("type", "")
    if kind == "iq":
        if type_ in ("get", "set"):
            return 1, 1
        return 0, 0 if type_ in ("result", "error") else 1
    if type_ == "error" or (kind == "presence" and type_ == "unavailable"):
        return 0, 0
    return 0, 1
