"""Stanzas of people who mean no good, from a seed: valid ones, odd ones, broken ones, old ones."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from random import Random
from typing import TypeVar
from xml.etree import ElementTree as ET

from tests.hostile import nasty
from tests.hostile.templates import IQS, MESSAGES, PRESENCES
from tests.stage import DOMAIN, NS

T = TypeVar("T")

TAGS = ("x", "query", "item", "body", "error", "iq", "message", "presence", "invite", "é", "a-b.c")
ATTRIBUTES = ("node", "jid", "nick", "affiliation", "role", "type", "id", "by", "x",
              "{http://www.w3.org/XML/1998/namespace}lang", "{urn:example:a}b")  # fmt: skip
TYPES = ("get", "set", "result", "error", "chat", "groupchat", "unavailable", "normal", "", "GET")
MOST_REMEMBERED = 50
MARK = "SECRET"
"""What all secrets have in them."""


class Generator:
    """Makes stanzas as a server would hand them on: `from` and the name are the server's word.

    `attackers` are full JIDs, `rooms` addresses, `nicks` what they may know; `heard` are stanzas
    that they were sent, to be used again.
    """

    def __init__(
        self, seed: str, attackers: Sequence[str], rooms: Sequence[str], nicks: Sequence[str]
    ) -> None:
        self.random = Random(seed)
        self._attackers = attackers
        self._rooms = rooms
        self._nicks = nicks
        self._number = 0
        self._sent: list[ET.Element] = []
        self.heard: list[ET.Element] = []

    def burst(self) -> list[ET.Element]:
        """What comes next, all in one go: mostly one stanza."""
        pick = self.random.random()
        if pick < 0.05:
            return [self._stanza() for _ in range(self.random.randint(2, 20))]
        if pick < 0.08:
            first = self._stanza()
            return [self._with_id(copy.deepcopy(first)) for _ in range(self.random.randint(2, 20))]
        return [self._stanza()]

    def _stanza(self) -> ET.Element:
        pick = self.random.random()
        if pick < 0.08 and self._sent:
            stanza = copy.deepcopy(self._one(self._sent))
            stanza.set("from", self._one(self._attackers))
        elif pick < 0.14 and self.heard:
            stanza = self._thrown_back(self._one(self.heard))
            if MARK in ET.tostring(stanza, encoding="unicode"):
                return self._with_id(stanza)  # who may know a secret is not to pass it on
        else:
            stanza = self._fresh()
        if self.random.random() < 0.5:
            for _ in range(self.random.choice((1, 1, 1, 2, 4))):
                self._one(MUTATIONS)(self, stanza)
        self._sent = [*self._sent[1 - MOST_REMEMBERED :], copy.deepcopy(stanza)]
        return self._with_id(stanza)

    def _with_id(self, stanza: ET.Element) -> ET.Element:
        """Nearly always one of its own, by which the answer is known; a few have none."""
        self._number += 1
        if self.random.random() < 0.02:
            stanza.attrib.pop("id", None)
        else:
            odd = self._one(nasty.RESOURCES) if self.random.random() < 0.03 else ""
            stanza.set("id", f"{odd}h{self._number}")
        return stanza

    def _fresh(self) -> ET.Element:
        kinds = self.random.choices((IQS, MESSAGES, PRESENCES), (5, 4, 2))[0]
        stanza = _parsed(self._one(kinds))
        room = self._one(self._rooms)
        for element in stanza.iter():
            element.text = self._filled(element.text, room)
            for name, value in element.attrib.items():
                element.set(name, self._filled(value, room) or "")
        stanza.set("from", self._one(self._attackers))
        stanza.set("to", self._target(room, stanza.get("type", "")))
        return stanza

    def _target(self, room: str, kind: str) -> str:
        """The room, an occupant, the gateway, a contact, or an address nobody has."""
        pick = self.random.random()
        if pick < 0.5 or (kind == "groupchat" and pick < 0.8):
            return room
        if pick < 0.75:
            return f"{room}/{self._one(self._nicks)}"
        if pick < 0.83:
            return DOMAIN
        if pick < 0.89:
            return f"{self._one(('CYD', 'DORA', 'nobody', 'mallory'))}@{DOMAIN}"
        if pick < 0.95:
            return f"{self._one(nasty.LOCALPARTS)}@{DOMAIN}"
        return f"{room}/{self._one(nasty.RESOURCES)}"

    def _thrown_back(self, heard: ET.Element) -> ET.Element:
        """What the gateway said, to where it came from."""
        stanza = copy.deepcopy(heard)
        to, sender = stanza.get("to", ""), stanza.get("from", "")
        stanza.set("from", to)
        stanza.set("to", sender)
        return stanza

    def _filled(self, text: str | None, room: str) -> str | None:
        if text is None or "{" not in text:
            return text
        values = {
            "{room}": lambda: room,
            "{nick}": lambda: self._one(self._nicks),
            "{id}": self._id,
            "{text}": self._text,
            "{jid}": self._jid,
            "{time}": lambda: self._one(nasty.TIMES),
        }
        for name, value in values.items():
            if name in text:
                text = text.replace(name, value())
        return text

    def _text(self) -> str:
        return "Hello" if self.random.random() < 0.4 else self._one(nasty.TEXTS)

    def _jid(self) -> str:
        known = ("ada@example.org", "bao@example.org", f"CYD@{DOMAIN}", "eve@example.org")
        return self._one(known) if self.random.random() < 0.5 else self._one(nasty.JIDS)

    def _id(self) -> str:
        """Of a message that was heard of, or made up."""
        known = [
            id
            for stanza in self.heard[-20:]
            for element in stanza.iter()
            if (id := element.get("id")) is not None
        ]
        return self._one(known) if known and self.random.random() < 0.7 else self._text()

    def _one(self, values: Sequence[T]) -> T:
        return self.random.choice(values)

    # Mutations: each changes a stanza in one place

    def _somewhere(self, stanza: ET.Element) -> ET.Element:
        """An element inside the stanza, or the stanza itself if there is none."""
        inner = list(stanza.iter())[1:]
        return self._one(inner) if inner else stanza

    def _lose_attribute(self, stanza: ET.Element) -> None:
        element = self._one((stanza, self._somewhere(stanza)))
        names = [name for name in element.attrib if element is not stanza or name == "type"]
        if names:
            del element.attrib[self._one(names)]

    def _twist_attribute(self, stanza: ET.Element) -> None:
        element = self._somewhere(stanza)
        if element is not stanza and element.attrib:
            values = self._one((nasty.TEXTS, nasty.JIDS, nasty.TIMES))
            element.set(self._one(list(element.attrib)), self._one(values))

    def _add_attribute(self, stanza: ET.Element) -> None:
        name = self._one(ATTRIBUTES)
        element = self._somewhere(stanza)
        if element is not stanza or name.startswith("{"):
            element.set(name, self._text())
            element.set("{urn:example:c}d", self._text())

    def _other_type(self, stanza: ET.Element) -> None:
        stanza.set("type", self._one(TYPES))

    def _other_name(self, stanza: ET.Element) -> None:
        stanza.tag = NS_TAG + self._one(("iq", "message", "presence"))

    def _rename(self, stanza: ET.Element) -> None:
        element = self._somewhere(stanza)
        if element is not stanza:
            namespace = element.tag.rpartition("}")[0]
            element.tag = f"{namespace}}}{self._one(TAGS)}"

    def _other_namespace(self, stanza: ET.Element) -> None:
        element = self._somewhere(stanza)
        if element is not stanza:
            namespace = self._one(nasty.NAMESPACES)
            name = element.tag.rpartition("}")[2]
            element.tag = f"{{{namespace}}}{name}" if namespace else name

    def _twice(self, stanza: ET.Element) -> None:
        element = self._one((stanza, self._somewhere(stanza)))
        if len(element):
            element.append(copy.deepcopy(self._one(list(element))))

    def _without(self, stanza: ET.Element) -> None:
        element = self._one((stanza, self._somewhere(stanza)))
        if len(element):
            element.remove(self._one(list(element)))

    def _nested(self, stanza: ET.Element) -> None:
        element = self._somewhere(stanza)
        for _ in range(self._one((1, 3, 200, 3000))):
            if element is stanza:
                return
            inner = ET.Element(element.tag, dict(element.attrib))
            element.append(inner)
            element = inner

    def _stanza_inside(self, stanza: ET.Element) -> None:
        if self._sent:
            self._somewhere(stanza).append(copy.deepcopy(self._one(self._sent)))

    def _text_inside(self, stanza: ET.Element) -> None:
        self._somewhere(stanza).text = self._text()

    def _another_payload(self, stanza: ET.Element) -> None:
        other = _parsed(self._one((*IQS, *MESSAGES, *PRESENCES)))
        stanza.extend(list(other))

    def _crowd(self, stanza: ET.Element) -> None:
        element = self._somewhere(stanza)
        if element is not stanza:
            element.extend(ET.Element(element.tag, {"var": f"v{n}"}) for n in range(500))

    def _elsewhere(self, stanza: ET.Element) -> None:
        stanza.set("to", self._target(self._one(self._rooms), ""))


NS_TAG = f"{{{NS}}}"

MUTATIONS: tuple[Callable[[Generator, ET.Element], None], ...] = (
    Generator._lose_attribute,
    Generator._twist_attribute,
    Generator._twist_attribute,
    Generator._add_attribute,
    Generator._other_type,
    Generator._other_name,
    Generator._rename,
    Generator._other_namespace,
    Generator._twice,
    Generator._without,
    Generator._nested,
    Generator._stanza_inside,
    Generator._text_inside,
    Generator._another_payload,
    Generator._crowd,
    Generator._elsewhere,
)


def _parsed(xml: str) -> ET.Element:
    """A stanza from text, in the namespace of the component's stream."""
    head, _, rest = xml.partition(">")
    slash = "/" if head.endswith("/") else ""
    return ET.fromstring(f"{head.removesuffix('/')} xmlns='{NS}'{slash}>{rest}")
