"""Searching what was said, for clients that cannot (compare XEP-0431)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, NamedTuple, cast
from xml.etree import ElementTree as ET

from slidge.command import Command, CommandAccess, FormField
from slidge.command.base import NODE_PREFIX, FormSession, FormValues, Option, TableResult
from slixmpp import JID
from slixmpp.exceptions import XMPPError

from gateway.archive import Entry, Query
from gateway.archive.rank import rank
from gateway.archive.words import parse
from gateway.errors import DatabaseError, Refused
from gateway.group.muc import LegacyMUC
from gateway.muc.mam import may_see
from gateway.muc.mam_query import MOST_WORDS

SHOWN = 20
RANKED = 200
"""Of each room, the newest that hold the words, from which the best are taken."""
LONGEST = 300
"""Characters of a message that are shown."""

ALL = "*"
BEST, NEWEST = "best", "newest"


class Found(NamedTuple):
    """A message that holds the words, and the room it was said in."""

    muc: LegacyMUC[Any]
    entry: Entry
    text: str


class SearchArchive(Command[Any]):
    """Shows up to `SHOWN` messages of one or all rooms whose archives the user may read."""

    NAME = "🔎 Search the archive"
    HELP = 'Find messages by their words: all of them in any order, "in this order", or begin*'
    CHAT_COMMAND = "search"
    NODE = f"{NODE_PREFIX}search-archive"
    ACCESS = CommandAccess.USER_LOGGED

    async def run(
        self, session: Any, ifrom: JID, *args: str
    ) -> FormSession[Any] | TableResult | str:
        """Ask what to search for, unless the words came along."""
        rooms = _readable(session)
        if args:
            return await _search(rooms, " ".join(args), NEWEST)
        choices: list[Option] = [{"label": "All rooms", "value": ALL}]
        choices += [{"label": muc.DISCO_NAME, "value": str(muc.jid)} for muc in rooms]
        return FormSession(
            title="Search the archive",
            instructions=self.HELP,
            fields=[
                FormField("words", "Words", required=True),
                FormField("room", "Room", type="list-single", value=ALL, options=choices),
                FormField(
                    "order",
                    "Order",
                    type="list-single",
                    value=NEWEST,
                    options=[
                        {"label": "Newest first", "value": NEWEST},
                        {"label": "Best first", "value": BEST},
                    ],
                ),
            ],
            handler=self.asked,
        )

    async def asked(self, values: FormValues, session: Any, _ifrom: JID) -> TableResult | str:
        """Answer the form. Who may read what is looked up anew."""
        wanted = values.get("room") or ALL
        rooms = [muc for muc in _readable(session) if wanted in (ALL, str(muc.jid))]
        if not rooms:
            raise XMPPError("item-not-found", "There is no such room for you to search.")
        return await _search(rooms, str(values["words"]), str(values.get("order") or NEWEST))


def _readable(session: Any) -> list[LegacyMUC[Any]]:
    return sorted(filter(may_see, session.bookmarks), key=lambda muc: muc.DISCO_NAME.casefold())


async def _search(rooms: Iterable[LegacyMUC[Any]], words: str, order: str) -> TableResult | str:
    if len(words) > MOST_WORDS:
        raise XMPPError("not-acceptable", f"Search for at most {MOST_WORDS} characters.")
    if not words.strip():
        raise XMPPError("not-acceptable", "Say what to search for.")
    query = Query(words=words, limit=RANKED if order == BEST else SHOWN, backwards=True)
    try:
        found = [found for muc in rooms for found in await _in_room(muc, query)]
    except Refused as no:
        raise XMPPError(cast(Any, no.condition), no.text) from no
    except DatabaseError as no:
        raise XMPPError("resource-constraint", "The archive cannot be read just now.") from no
    found.sort(key=lambda one: one.entry.at, reverse=True)
    if order == BEST:
        search = parse(words)
        found.sort(key=lambda one: rank(one.text, search), reverse=True)
    return _table(found[:SHOWN], words) if found else "Nothing was found."


async def _in_room(muc: LegacyMUC[Any], query: Query) -> list[Found]:
    query = replace(query, within=muc.visible())
    page = await muc.live.host.archive.page(muc.live.id, query)
    return [Found(muc, entry, _text(entry)) for entry in page.entries]


def _text(entry: Entry) -> str:
    stanza = ET.fromstring(entry.stanza)  # noqa: S314  (our own)
    return stanza.findtext("{*}body") or ""


def _table(found: list[Found], words: str) -> TableResult:
    return TableResult(
        description=f"Messages with {words}",
        fields=[
            FormField("time", "Time"),
            FormField("room", "Room"),
            FormField("author", "Author"),
            FormField("text", "Text"),
        ],
        items=[
            {
                "time": f"{entry.at:%Y-%m-%d %H:%M} UTC",
                "room": muc.DISCO_NAME,
                "author": entry.nick or muc.DISCO_NAME,
                "text": text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…",
            }
            for muc, entry, text in found
        ],
    )
