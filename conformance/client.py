"""A real XMPP client: slixmpp, and what transcripts need of it."""

from __future__ import annotations

import asyncio
import copy
import itertools
import ssl
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol
from unittest import mock
from xml.etree import ElementTree as ET

from slixmpp import ClientXMPP
from slixmpp.xmlstream.stanzabase import StanzaBase

from conformance.inbox import Inbox, Wanted, predicate
from conformance.xml import PREFIXES, condition_of, parse, show

PATIENCE = 60.0
"""Seconds after which what has not come is taken for missing. Arrival is noticed at once: only a
machine that is very busy needs so many."""


PLAIN = {"unencrypted_plain": True, "use_mech": "PLAIN"}
"""The quickest log-in, good enough where there is no TLS either."""


class Reachable(Protocol):
    """Where a client connects to. Each server of ours is one, and so is `Address`."""

    @property
    def host(self) -> str: ...
    @property
    def c2s_port(self) -> int: ...
    @property
    def domain(self) -> str: ...
    def password_of(self, name: str) -> str: ...


@dataclass(frozen=True)
class Address:
    """A server that another process has started."""

    host: str
    c2s_port: int
    domain: str
    password: str

    def password_of(self, _name: str) -> str:
        return self.password


class Refusal(Exception):
    """What was asked came back as an error stanza."""

    def __init__(self, stanza: ET.Element) -> None:
        super().__init__(show(stanza))
        self.stanza = stanza
        self.condition = condition_of(stanza)


@dataclass(frozen=True)
class Joined:
    """What a client is sent when it has joined a room, in the order of XEP-0045 §7.2."""

    presences: Sequence[ET.Element]
    """Of the other occupants."""
    self_presence: ET.Element
    history: Sequence[ET.Element]
    subject: ET.Element

    @property
    def nick(self) -> str:
        """The nickname that the room gave, which may not be the one asked for."""
        return self.self_presence.get("from", "").partition("/")[2]

    @property
    def nicks(self) -> set[str]:
        """The nicknames of all occupants."""
        return {p.get("from", "").partition("/")[2] for p in [*self.presences, self.self_presence]}

    @property
    def codes(self) -> set[str]:
        """The status codes of the self-presence."""
        found = self.self_presence.iterfind("user:x/user:status", PREFIXES)
        return {status.get("code", "") for status in found}


@dataclass(frozen=True)
class Page:
    """A page of an archive (XEP-0313)."""

    results: Sequence[ET.Element]
    """The `<result>` elements, in the order they came."""
    fin: ET.Element

    @property
    def complete(self) -> bool:
        return self.fin.get("complete") == "true"

    @property
    def ids(self) -> list[str]:
        return [result.get("id", "") for result in self.results]

    @property
    def messages(self) -> list[ET.Element]:
        """The archived messages."""
        return [m for r in self.results for m in r.iterfind("fwd:forwarded/c:message", PREFIXES)]

    @property
    def bodies(self) -> list[str | None]:
        return [message.findtext("c:body", None, PREFIXES) for message in self.messages]


class Client:
    """`async with Client(server, "ada") as ada:` is ada, connected and available.

    Everything she receives is kept in `inbox` until a test asks for it. XML is written as in the
    tests' transcripts; `{name}` in it stands for `names[name]` or an argument of that name.
    """

    def __init__(
        self,
        server: Reachable,
        name: str,
        *,
        password: str | None = None,
        resource: str | None = None,
        plugins: Sequence[str] = ("xep_0030", "xep_0199"),
        available: bool = True,
        names: Mapping[str, object] | None = None,
        patience: float = PATIENCE,
    ) -> None:
        """`available` sends initial presence; without a `resource` the server makes one up.

        `patience` is what every `timeout` is that is None.
        """
        self.server = server
        self.name = name
        self.bare = f"{name}@{server.domain}"
        self.names: dict[str, object] = dict(names or {})
        self.inbox = Inbox(name)
        self.patience = patience
        self._available = available
        self._plugins = tuple(plugins)
        self._ids = itertools.count(1)
        jid = self.bare if resource is None else f"{self.bare}/{resource}"
        self._jid = jid
        self._password = server.password_of(name) if password is None else password
        self.xmpp: ClientXMPP
        """slixmpp's client, for what is not offered here."""

    @property
    def full(self) -> str:
        """The full JID that the server gave."""
        return str(self.xmpp.boundjid)

    # connection

    async def connect(self, timeout: float | None = None) -> None:
        """Connect and log in, once more after `disconnect` or `drop` too."""
        self.xmpp = self._fresh_slixmpp()
        started: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def finish(problem: str | None) -> None:
            if started.done():
                return
            if problem is None:
                started.set_result(None)
            else:
                started.set_exception(ConnectionError(f"{self._jid}: {problem}"))

        self.xmpp.add_event_handler("session_start", lambda _: finish(None))
        self.xmpp.add_event_handler("failed_all_auth", lambda _: finish("wrong password"))
        self.xmpp.add_event_handler("connection_failed", lambda why: finish(str(why)))
        self.xmpp.add_event_handler("disconnected", lambda why: finish(f"disconnected: {why}"))
        self.xmpp.connect(self.server.host, self.server.c2s_port)
        try:
            async with asyncio.timeout(self._within(timeout)):
                await started
        except BaseException:
            if self.xmpp.is_connected():
                await self.drop()
            await self._end_sending()
            raise
        if self._available:
            await self.send("<presence/>")
            # Servers tell us of our own presence too; from then on we are reachable.
            await self.expect("<presence from='{full}'/>", timeout=timeout)

    def _fresh_slixmpp(self) -> ClientXMPP:
        # COMPAT: slixmpp 1.17 reads the system's certificates twice for each client, which takes
        # 80 ms of processor time; there is no TLS here.
        with mock.patch.object(ssl.SSLContext, "load_default_certs"):
            xmpp = ClientXMPP(
                self._jid, self._password, plugin_config={"feature_mechanisms": PLAIN}
            )
        xmpp.enable_direct_tls = False
        xmpp.enable_starttls = False
        xmpp.enable_plaintext = True
        for plugin in self._plugins:
            xmpp.register_plugin(plugin)
        xmpp.add_filter("in", self._keep)
        return xmpp

    def _keep(self, stanza: StanzaBase) -> StanzaBase:
        # What comes before the session has begun (features, SASL, bind) is no business of tests.
        if self.xmpp.sessionstarted:
            # A copy, since slixmpp's plugins may write into the stanza.
            self.inbox.put(copy.deepcopy(stanza.xml))
        return stanza

    async def disconnect(self) -> None:
        """Close the stream properly; the server tells everyone that we are unavailable."""
        await self.xmpp.disconnect(wait=2.0)
        await self._end_sending()

    async def drop(self) -> None:
        """Cut the connection without a word, as a phone in a tunnel."""
        gone = asyncio.ensure_future(self.xmpp.wait_until("disconnected", 5))
        await asyncio.sleep(0)
        self.xmpp.abort()
        await gone
        await self._end_sending()

    async def _end_sending(self) -> None:
        # COMPAT: slixmpp 1.17 cancels the task that sends, but nobody waits for its end.
        task = self.xmpp._run_out_filters
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def __aenter__(self) -> Client:
        await self.connect()
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        await self.disconnect()

    # sending

    async def send(self, stanza: str | ET.Element, **names: object) -> str:
        """Send a stanza; returns its id, which is made up if it has none."""
        element = self._element(stanza, names)
        identifier = element.get("id")
        if identifier is None:
            identifier = f"{self.name}-{next(self._ids)}"
            element.set("id", identifier)
        self.xmpp.send_raw(ET.tostring(element, encoding="unicode"))
        return identifier

    async def say(self, room: str, body: str, **names: object) -> str:
        """Send a message to a room; returns its id."""
        message = parse("<message type='groupchat'/>")
        message.set("to", room)
        ET.SubElement(message, "{jabber:client}body").text = body
        return await self.send(message, **names)

    async def iq(
        self, stanza: str | ET.Element, *, timeout: float | None = None, **names: object
    ) -> ET.Element:
        """Ask, and return the answer, be it the result or an error."""
        element = self._element(stanza, names)
        identifier = await self.send(element)
        asked = element.get("to")

        def answers(answer: ET.Element) -> bool:
            return (
                answer.tag == "{jabber:client}iq"
                and answer.get("id") == identifier
                and answer.get("type") in ("result", "error")
                and (asked is None or answer.get("from") in (asked, None))
            )

        _, found = await self.inbox.expect(
            answers, self._within(timeout), what=f"the answer to {show(element)}"
        )
        return found

    async def fence(self) -> None:
        """Return once our server has handled what we sent to it before."""
        await self.iq("<iq type='get' to='{domain}'><ping xmlns='urn:xmpp:ping'/></iq>")

    def _element(self, stanza: str | ET.Element, names: Mapping[str, object]) -> ET.Element:
        if isinstance(stanza, ET.Element):
            return stanza
        return parse(stanza, self._known(names))

    def _within(self, timeout: float | None) -> float:
        return self.patience if timeout is None else timeout

    def _known(self, names: Mapping[str, object]) -> dict[str, object]:
        own = {"me": self.bare, "full": self.xmpp.boundjid, "domain": self.server.domain}
        return {**own, **self.names, **names}

    # receiving

    async def expect(
        self, wanted: Wanted, *, timeout: float | None = None, **names: object
    ) -> ET.Element:
        """Take the first stanza that fits from the inbox, waiting for it if need be."""
        _, found = await self.inbox.expect(
            predicate(wanted, self._known(names)), self._within(timeout), what=wanted
        )
        return found

    async def receives(
        self, *wanted: Wanted, timeout: float | None = None, **names: object
    ) -> list[ET.Element]:
        """Take these, which must have arrived in this order; others may stand between them."""
        found = []
        start = 0
        for each in wanted:
            start, stanza = await self.inbox.expect(
                predicate(each, self._known(names)), self._within(timeout), start, each
            )
            found.append(stanza)
        return found

    async def hears_nothing(
        self,
        unwanted: Wanted | None = None,
        *,
        until: Awaitable[object] | None = None,
        **names: object,
    ) -> None:
        """Assert that nothing of the kind is in the inbox, nor arrives before `until` is done.

        None means nothing at all. Without `until`, a round trip to the server is waited for. The
        answers to our own questions do not count, `until` may be one.
        """
        is_unwanted = predicate(unwanted, self._known(names)) if unwanted else _not_an_answer
        await (self.fence() if until is None else until)
        heard = [stanza for stanza in self.inbox.stanzas if is_unwanted(stanza)]
        shown = "\n".join(show(stanza) for stanza in heard)
        assert not heard, f"{self.name} should not have received this:\n{shown}"

    def forget(self) -> None:
        """Empty the inbox: what came so far is not what the test is about."""
        self.inbox.stanzas.clear()

    # rooms

    async def join(
        self,
        room: str,
        nick: str,
        *,
        history: int | Mapping[str, object] | None = None,
        password: str | None = None,
        timeout: float | None = None,
    ) -> Joined:
        """Join a room and take all that a joining client is sent, up to the subject.

        `history` is the most messages wanted, or the attributes of `<history/>`; None asks for
        nothing in particular. Raises Refusal if the room answers with an error.
        """
        presence = parse("<presence><x xmlns='http://jabber.org/protocol/muc'/></presence>")
        presence.set("to", f"{room}/{nick}")
        x = presence[0]
        if history is not None:
            limits = {"maxstanzas": history} if isinstance(history, int) else history
            ET.SubElement(
                x, f"{{{PREFIXES['muc']}}}history", {k: str(v) for k, v in limits.items()}
            )
        if password is not None:
            ET.SubElement(x, f"{{{PREFIXES['muc']}}}password").text = password
        start = len(self.inbox.stanzas)
        await self.send(presence)
        return await self._joined(room, start, self._within(timeout))

    async def _joined(self, room: str, start: int, timeout: float) -> Joined:
        def from_room(stanza: ET.Element) -> bool:
            return stanza.get("from", "").partition("/")[0].lower() == room.lower()

        async with asyncio.timeout(timeout):
            presences: list[ET.Element] = []
            own: ET.Element | None = None
            while own is None:
                start, stanza = await self.inbox.expect(
                    lambda s: from_room(s) and s.tag == "{jabber:client}presence",
                    timeout,
                    start,
                    f"presence from {room}",
                )
                if stanza.get("type") == "error":
                    raise Refusal(stanza)
                if stanza.find("user:x/user:status[@code='110']", PREFIXES) is not None:
                    own = stanza
                elif stanza.get("type") is None and "/" in stanza.get("from", ""):
                    # (From the room itself comes the hash of its avatar, XEP-0486.)
                    presences.append(stanza)
            history: list[ET.Element] = []
            while True:
                start, stanza = await self.inbox.expect(
                    lambda s: from_room(s) and s.get("type") == "groupchat",
                    timeout,
                    start,
                    f"history and subject of {room}",
                )
                has_subject = stanza.find("c:subject", PREFIXES) is not None
                if has_subject and stanza.find("c:body", PREFIXES) is None:
                    return Joined(presences, own, history, stanza)
                history.append(stanza)

    async def leave(self, room: str, nick: str, status: str = "") -> ET.Element:
        """Leave a room; returns the room's last word to us."""
        presence = parse("<presence type='unavailable'/>")
        presence.set("to", f"{room}/{nick}")
        if status:
            ET.SubElement(presence, "{jabber:client}status").text = status
        await self.send(presence)
        return await self.expect(
            "<presence type='unavailable'><x><status code='110'/></x></presence>"
        )

    async def page(
        self,
        room: str | None,
        *,
        after: str | None = None,
        before: str | None = None,
        limit: int | None = None,
        timeout: float | None = None,
        flip: bool = False,
        **fields: str,
    ) -> Page:
        """Ask an archive for a page; None is our own archive. Raises Refusal.

        `limit` is the most entries wanted; `before=""` asks for the last page (XEP-0059). Other
        fields are those of the form: `start`, `end`, `with_`, `before_id`, `after_id`, `ids`.
        """
        queryid = f"q{next(self._ids)}"
        iq = parse("<iq type='set'><query xmlns='urn:xmpp:mam:2'/></iq>")
        if room is not None:
            iq.set("to", room)
        query = iq[0]
        query.set("queryid", queryid)
        if fields:
            query.append(_form(fields))
        if any(value is not None for value in (after, before, limit)):
            rsm = ET.SubElement(query, f"{{{PREFIXES['rsm']}}}set")
            for name, value in (("max", limit), ("after", after), ("before", before)):
                if value is not None:
                    ET.SubElement(rsm, f"{{{PREFIXES['rsm']}}}{name}").text = str(value)
        if flip:
            ET.SubElement(query, f"{{{PREFIXES['mam']}}}flip-page")
        answer = await self.iq(iq, timeout=timeout)
        if answer.get("type") == "error":
            raise Refusal(answer)
        fin = answer.find("mam:fin", PREFIXES)
        assert fin is not None, show(answer)
        results = []
        left = []
        for stanza in self.inbox.stanzas:
            result = stanza.find(f"mam:result[@queryid='{queryid}']", PREFIXES)
            if result is None:
                left.append(stanza)
            else:
                results.append(result)
        self.inbox.stanzas[:] = left
        return Page(results, fin)


def _form(fields: Mapping[str, str]) -> ET.Element:
    namespace = f"{{{PREFIXES['data']}}}"
    form = ET.Element(f"{namespace}x", type="submit")
    for name, value in {"FORM_TYPE": PREFIXES["mam"], **fields}.items():
        var = {"before_id": "before-id", "after_id": "after-id"}.get(name, name.rstrip("_"))
        field = ET.SubElement(form, f"{namespace}field", var=var)
        ET.SubElement(field, f"{namespace}value").text = value
    return form


def _not_an_answer(stanza: ET.Element) -> bool:
    return stanza.tag != "{jabber:client}iq" or stanza.get("type") not in ("result", "error")
