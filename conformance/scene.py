"""What a transcript plays on: a room of its own, and people who come into it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from xml.etree import ElementTree as ET

from conformance.client import Client, Joined
from conformance.reading import NotOffered, expect_result, features, item
from conformance.service import ROLES, Service
from conformance.xml import PREFIXES, condition_of

CONFIG = "http://jabber.org/protocol/muc#roomconfig"

PASSWORD = "sesame"
PROTECTED = {"roomsecret": PASSWORD, "passwordprotectedroom?": "1"}
"""How a room gets a password; some services have a field for whether there is one."""

Values = str | Sequence[str]
"""What a field of a form holds."""


class Scene:
    """One scenario's room and people.

    In XML and paths, `{room}` is the room, `{service}` its service, `{ada}` Ada's occupant JID in
    the room, and `{ada_jid}` her bare JID.
    """

    def __init__(self, service: Service, room: str, stack: AsyncExitStack) -> None:
        self.service = service
        self.room = room
        self._stack = stack
        self._said = 0
        self.strangers: set[str] = set()
        """Who is, to the others, not who they are on this server. So it is in rooms that a gateway
        shows to each user by themselves: the others in them are people of another network, who
        have addresses, presence and ids of that network's."""
        self._came_as: dict[str, str | None] = {}
        self.names: dict[str, object] = {"room": room, "service": service.jid}
        for role in ROLES:
            name = service.accounts[role].name
            self.names[role] = f"{room}/{name}"
            self.names[f"{role}_nick"] = name
            self.names[f"{role}_jid"] = f"{name}@{service.domain}"

    # people

    async def client(self, role: str) -> Client:
        """A new client of this role's account, connected and available."""
        client = self.service.client(role, self.names)
        # The clients share what the names mean, since nicknames are found out by joining.
        client.names = self.names
        return await self._stack.enter_async_context(client)

    async def clients(self, *roles: str) -> list[Client]:
        return [await self.client(role) for role in roles]

    async def join(self, role: str, client: Client, **how: object) -> Joined:
        """Join under the account's name, and take note of the nickname that the room gives."""
        joined = await client.join(self.room, self.nick(role), **how)  # type: ignore[arg-type]
        self.names[role] = f"{self.room}/{joined.nick}"
        self.names[f"{role}_nick"] = joined.nick
        self._came_as[role] = item(joined.self_presence).get("role")
        for presence in joined.presences:
            for other in ROLES:
                if presence.get("from") == self.occupant(other):
                    self._meet(other, presence)
        return joined

    def _meet(self, role: str, seen: ET.Element) -> None:
        """Note by which address the others know somebody, if they are told one."""
        address = item(seen).get("jid", "").partition("/")[0]
        if address and address != self.jid(role):
            self.names[f"{role}_jid"] = address
            self.strangers.add(role)

    def nick(self, role: str) -> str:
        return str(self.names[f"{role}_nick"])

    def jid(self, role: str) -> str:
        return str(self.names[f"{role}_jid"])

    def occupant(self, role: str) -> str:
        return str(self.names[role])

    # the room

    async def enter(self, *roles: str, **config: Values) -> list[Client]:
        """Ada's room, configured, with these people in it, who have heard of each other.

        Ada is always there first. A field of the configuration is named without its prefix
        `muc#roomconfig_`; one that ends in a question mark is left out where it is not offered.
        """
        assert roles[0] == "ada"
        ada = await self.create(**config)
        people = [ada]
        for role in roles[1:]:
            people.append(await self.seat(role, *people))
        return people

    async def create(self, **config: Values) -> Client:
        """Ada, alone in her room, which is unlocked and configured."""
        ada = await self.client("ada")
        joined = await self.join("ada", ada)
        await self.configure(ada, config, unlock="201" in joined.codes)
        ada.forget()
        return ada

    async def seat(self, role: str, *others: Client, **how: object) -> Client:
        """Somebody joins; those who are there hear of it."""
        client = await self.client(role)
        await self.join(role, client, **how)
        for other in others:
            seen = await other.expect(f"<presence from='{{{role}}}'/>")
            self._meet(role, seen)
            other.forget()
        client.forget()
        return client

    async def configure(
        self, owner: Client, config: Mapping[str, Values], *, unlock: bool = False
    ) -> None:
        """Change these fields. Raises NotOffered if the form lacks one without a question mark."""
        if not config and not unlock:
            return
        fields: dict[str, Values] = {}
        if config:
            offered = await self.form(owner)
            for name, values in config.items():
                field = self.field(name.rstrip("?"))
                if field in offered:
                    fields[field] = values
                elif not name.endswith("?"):
                    raise NotOffered(f"the form has no {field}")
        answer = await owner.iq(self.submission(fields))
        expect_result(answer)

    @staticmethod
    def field(name: str) -> str:
        """The full name of a field of the configuration."""
        return f"muc#{name}" if name == "maxhistoryfetch" else f"muc#roomconfig_{name}"

    def submission(self, fields: Mapping[str, Values], kind: str = "submit") -> ET.Element:
        """A filled-in configuration form as its owner sends it."""
        iq = ET.Element("{jabber:client}iq", type="set", to=self.room)
        query = ET.SubElement(iq, f"{{{PREFIXES['owner']}}}query")
        form = ET.SubElement(query, f"{{{PREFIXES['data']}}}x", type=kind)
        if kind == "cancel":
            return iq
        for var, values in {"FORM_TYPE": CONFIG, **fields}.items():
            field = ET.SubElement(form, f"{{{PREFIXES['data']}}}field", var=var)
            for value in [values] if isinstance(values, str) else values:
                ET.SubElement(field, f"{{{PREFIXES['data']}}}value").text = value
        return iq

    async def form(self, owner: Client) -> dict[str, ET.Element]:
        """The configuration form: name of the field → field."""
        answer = await owner.iq(
            "<iq type='get' to='{room}'><query xmlns='http://jabber.org/protocol/muc#owner'/></iq>"
        )
        expect_result(answer)
        fields = answer.findall("owner:query/data:x/data:field", PREFIXES)
        return {field.get("var", ""): field for field in fields}

    # what is offered

    async def info(self, client: Client, to: str = "{room}", node: str = "") -> ET.Element:
        """The answer to disco#info."""
        at = f" node='{node}'" if node else ""
        return await client.iq(
            f"<iq type='get' to='{to}'>"
            f"<query xmlns='http://jabber.org/protocol/disco#info'{at}/></iq>"
        )

    async def needs(self, client: Client, feature: str, to: str = "{room}") -> None:
        """Raises NotOffered unless the room (or `to`) advertises this feature."""
        if feature not in features(await self.info(client, to)):
            raise NotOffered(f"{feature} is not among the features")

    @staticmethod
    def offered(found: Sequence[ET.Element], why: str) -> None:
        """Raises NotOffered if nothing was found of what a service may do."""
        if not found:
            raise NotOffered(why)

    async def affiliate(self, by: Client, role: str, affiliation: str) -> None:
        """Have somebody given an affiliation; what everybody hears of it is left to be taken."""
        answer = await by.iq(
            "<iq type='set' to='{room}'><query xmlns='http://jabber.org/protocol/muc#admin'>"
            f"<item jid='{{{role}_jid}}' affiliation='{affiliation}'/></query></iq>",
        )
        self.known(answer)

    @staticmethod
    def known(answer: ET.Element) -> ET.Element:
        """A result about people who may not have been in the room yet.

        Raises NotOffered if the service knows nobody by the addresses of their accounts.
        """
        if condition_of(answer) == "item-not-found":
            raise NotOffered("people who have not come are not known by their addresses")
        return expect_result(answer)

    async def devoice(self, ada: Client, role: str, *witnesses: Client) -> None:
        """Take the voice of somebody who has just come; the witnesses have heard of it."""
        if self._came_as[role] == "visitor":
            return
        answer = await ada.iq(
            "<iq type='set' to='{room}'><query xmlns='http://jabber.org/protocol/muc#admin'>"
            f"<item nick='{{{role}_nick}}' role='visitor'/></query></iq>"
        )
        expect_result(answer)
        for witness in (ada, *witnesses):
            await witness.expect(
                f"<presence from='{{{role}}}'><x><item role='visitor'/></x></presence>"
            )

    async def settle(self, speaker: Client, *listeners: Client) -> None:
        """Return once all have heard a new message, and so whatever the room sent before it."""
        self._said += 1
        words = f"word {self._said}"
        await speaker.say(self.room, words)
        for listener in (speaker, *listeners):
            await listener.expect(f"<message type='groupchat'><body>{words}</body></message>")
