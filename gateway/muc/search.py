"""Finding public rooms by what they are about (XEP-0433)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from slixmpp import JID

from gateway.errors import Refused
from gateway.group.found import Found
from gateway.muc.forms import FORM, Values, form_values, is_on
from gateway.muc.paging import RSM, page
from gateway.muc.rates import Rates
from gateway.render.xml import attribute, bearable, content
from legacy_backend.terms import LegacyError

if TYPE_CHECKING:
    from gateway.component import Gateway

BASE = "urn:xmpp:channel-search:0"
SEARCH = f"{BASE}:search"
PARAMS = f"{BASE}:search-params"
BY_USERS = f"{{{BASE}:order}}nusers"
BY_ADDRESS = f"{{{BASE}:order}}address"
KIND = "xep-0045"

MOST = 50
"""Rooms on one page."""

CHARS = 500
"""Of each thing that is said of a room; the rest is cut off."""

PER_MINUTE = 30
"""Searches of one user. They may cost a network more than other requests."""

OFFER = (
    '<x xmlns="jabber:x:data" type="form"><title>Find a group</title>'
    f'<field var="FORM_TYPE" type="hidden"><value>{PARAMS}</value></field>'
    '<field var="q" type="text-single" label="Words to look for"/>'
    '<field var="all" type="boolean" label="List all there are"><value>false</value></field>'
    '<field var="sinname" type="boolean" label="Look at names"><value>true</value></field>'
    '<field var="sindescription" type="boolean" label="Look at descriptions">'
    "<value>true</value></field>"
    '<field var="sinaddress" type="boolean" label="Look at addresses"><value>true</value></field>'
    '<field var="min_users" type="text-single" label="Members at least"><value>0</value></field>'
    f'<field var="types" type="list-multi" label="Kinds of groups"><value>{KIND}</value>'
    f'<option label="Multi-user chats"><value>{KIND}</value></option></field>'
    f'<field var="key" type="list-single" label="Sort by"><value>{BY_USERS}</value>'
    f'<option label="Number of members"><value>{BY_USERS}</value></option>'
    f'<option label="Address"><value>{BY_ADDRESS}</value></option></field></x>'
)


class Search:
    """Answers searches with what the network has, or with the rooms that are known here."""

    def __init__(self, gateway: Gateway[Any]) -> None:
        self._gateway = gateway
        self._rates = Rates({"searches": PER_MINUTE})

    async def answer(self, sender: str, query: ET.Element) -> str:
        """The payload that answers a query of somebody's."""
        session = await self._gateway.session_for(JID(sender))
        form = query.find(FORM)
        if form is None:
            return f'<search xmlns="{SEARCH}">{OFFER}</search>'
        values = form_values(form)
        if form.get("type") != "submit" or values.get("FORM_TYPE") != [PARAMS]:
            raise Refused("bad-request", "This is not the form that was offered.")
        self._charge(sender)
        found = _ordered(await self._found(session, values), values)
        part, stands = page([one.address for one in found], query.find(f"{{{RSM}}}set"), MOST)
        items = "".join(map(_item, found[part]))
        return f'<result xmlns="{SEARCH}">{items}{stands}</result>'

    def _charge(self, sender: str) -> None:
        try:
            self._rates.spend("searches", sender.partition("/")[0])
        except Refused as no:
            limit = _detail("rate-limit", ' retry-after="60"')
            raise Refused("resource-constraint", no.text, "wait", limit) from no

    async def _found(self, session: Any, values: Values) -> list[Found]:
        words = _words(values)
        if "types" in values and KIND not in values["types"]:
            return []
        try:
            listed = await self._gateway.search_groups(session, " ".join(words))
        except LegacyError as no:
            if words or no.condition not in ("not-allowed", "forbidden"):
                raise
            rejected = _detail("full-set-retrieval-rejected")
            raise Refused(no.condition, no.text, "", rejected) from no
        least = (values.get("min_users") or ["0"])[0]
        if not (least.isdecimal() and len(least) < 9):
            raise Refused("bad-request", "The number of members is a number.")
        wanted = {
            "in_name": is_on(values, "sinname", default=True),
            "in_description": is_on(values, "sindescription", default=True),
            "in_address": is_on(values, "sinaddress", default=True),
        }
        if not all(wanted.values()):  # else the network knows best what matches
            listed = [one for one in listed if one.has(words, **wanted)]
        return [one for one in listed if (one.users or 0) >= int(least)]


def _words(values: Values) -> list[str]:
    """What is looked for; nothing for all.

    Raises Refused "bad-request" for both, for neither, and for words that are none.
    """
    text = " ".join(values.get("q", []))
    everything = is_on(values, "all", default=False)
    if everything and text:
        fields = _detail("conflicting-fields", "", "<var>all</var><var>q</var>")
        raise Refused("bad-request", "Either list all, or look for words.", "modify", fields)
    if everything:
        return []
    if "q" not in values or not text:
        nothing = _detail("no-search-conditions")
        raise Refused("bad-request", "Say what to look for.", "cancel", nothing)
    words = [word for word in text.casefold().split() if any(map(str.isalnum, word))]
    if not words:
        terms = _detail("invalid-search-terms")
        raise Refused("bad-request", "Look for words: letters and digits.", "modify", terms)
    return words


def _ordered(found: Sequence[Found], values: Values) -> list[Found]:
    match values.get("key", [BY_USERS]):
        case [key] if key == BY_USERS:
            return sorted(found, key=lambda one: (-(one.users or 0), one.address))
        case [key] if key == BY_ADDRESS:
            return sorted(found, key=lambda one: one.address)
        case _:
            key = _detail("invalid-sort-key")
            text = "Groups are sorted by address or by members."
            raise Refused("feature-not-implemented", text, "modify", key)


def _item(one: Found) -> str:
    fields = [("name", one.name), ("description", one.description), ("language", one.language)]
    if one.users is not None:
        fields.append(("nusers", str(one.users)))
    fields.append(("service-type", KIND))
    if one.is_open:
        fields.append(("is-open", "true"))
    mode = "muc_semianonymous" if one.anonymous else f"{{{BASE}:anonymity}}none"
    fields.append(("anonymity-mode", mode))
    inner = "".join(
        f"<{name}>{content(bearable(value, CHARS))}</{name}>" for name, value in fields if value
    )
    return f'<item address="{attribute(one.address)}">{inner}</item>'


def _detail(name: str, more: str = "", inner: str = "") -> str:
    return f'<{name} xmlns="{BASE}:error"{more}>{inner}</{name}>'
