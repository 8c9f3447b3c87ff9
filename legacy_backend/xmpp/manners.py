"""What is answered to those who write to a component's addresses: it has to do itself what a server
does for accounts (RFC 6121 §8.5)."""

from __future__ import annotations

from typing import Final
from xml.etree import ElementTree as ET

from slixmpp import JID, Iq, Message, Presence
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher.base import MatcherBase
from slixmpp.xmlstream.stanzabase import StanzaBase

from legacy_backend.xmpp.muc.names import CLIENT, DISCO_INFO, DISCO_ITEMS, MUC, PING, element
from legacy_backend.xmpp.own_addresses import OwnAddresses

_ERRORS: Final = "urn:ietf:params:xml:ns:xmpp-stanzas"
_FEATURES: Final = (DISCO_INFO, DISCO_ITEMS, PING)


class Manners:
    """Answers strangers, and gives messages to whom they are for."""

    def __init__(self, house: OwnAddresses) -> None:
        self._house = house
        self._xmpp = house.component.xmpp
        self._xmpp.register_handler(Callback("Manners", _Stanzas(None), self._meet))

    def _meet(self, stanza: StanzaBase) -> None:
        kind = stanza.xml.get("type", "")
        match stanza:
            case Iq() if kind in ("get", "set"):
                self._asked(stanza)
            case Presence() if kind in ("subscribe", "probe"):
                # Nobody sees whether a puppet is online: it is for as long as its user is one.
                self._answer(stanza, type="unsubscribed")
            case Message() if kind != "error":
                self._written(stanza)

    def _written(self, message: Message) -> None:
        to, room = message["to"], JID(message["from"].bare)
        links = list(self._house.at(to))
        if message.xml.get("type") == "groupchat":
            # A room that has not noticed that we went is to put us out.
            links = [link for link in links if any(one.jid == room for one in link.client.rooms)]
        if links:
            links[0].take(message)  # all of them are one user's
        else:
            self._refuse(message)

    def _asked(self, iq: Iq) -> None:
        query = next(iter(iq.xml), None)
        tag = "" if query is None else query.tag
        node = None if query is None else query.get("node")
        is_known = iq["to"].bare == self._house.domain or any(self._house.at(iq["to"]))
        if not is_known or iq.xml.get("type") != "get":
            self._refuse(iq)
        elif tag == f"{{{PING}}}ping":
            self._answer(iq, type="result")
        elif tag not in (f"{{{DISCO_INFO}}}query", f"{{{DISCO_ITEMS}}}query"):
            self._refuse(iq)
        elif node is not None:
            self._refuse(iq, "item-not-found")
        elif tag == f"{{{DISCO_ITEMS}}}query":
            self._answer(iq, element(DISCO_ITEMS, "query"), type="result")
        else:
            self._answer(iq, self._info(iq["to"]), type="result")

    def _info(self, of: JID) -> ET.Element:
        info = element(DISCO_INFO, "query")
        features: tuple[str, ...] = _FEATURES
        if not of.local:
            identity = {"category": "component", "type": "generic"}
        elif not of.resource:
            identity = {"category": "account", "type": "registered"}
        else:
            identity = {"category": "client", "type": "bot"}
            features = (*_FEATURES, MUC)
        info.append(element(DISCO_INFO, "identity", **identity))
        info.extend(element(DISCO_INFO, "feature", var=feature) for feature in features)
        return info

    def _refuse(self, stanza: StanzaBase, condition: str = "service-unavailable") -> None:
        error = element(CLIENT, "error", type="cancel")
        error.append(element(_ERRORS, condition))
        self._answer(stanza, error, type="error")

    def _answer(self, stanza: StanzaBase, *payload: ET.Element, type: str) -> None:
        """As whoever was asked, to whoever did."""
        kind = stanza.__class__
        answer = kind(self._xmpp)
        answer["to"], answer["from"] = stanza["from"], stanza["to"]
        answer.xml.set("type", type)
        if stanza["id"]:
            answer["id"] = stanza["id"]
        answer.xml.extend(payload)
        self._xmpp.send(answer)


class _Stanzas(MatcherBase):
    def match(self, xml: StanzaBase) -> bool:
        return isinstance(xml, Iq | Message | Presence)
