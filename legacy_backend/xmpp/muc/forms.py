"""The forms of XEP-0045 with a Python attribute for each field (§15.5).

    form = ConfigurationForm.from_xso(await service.get_room_config(room))
    form.moderatedroom = True
    await service.set_room_config(room, form.render_reply())

A field that the service's form does not have reads as None, and cannot be set.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar, Generic, Self, TypeVar, overload

from slixmpp import JID

from legacy_backend.xmpp.muc import names
from legacy_backend.xmpp.muc.data import Data, Field

T = TypeVar("T")


class Form:
    """A form, filled in or to be filled in. `FORM_TYPE` says which (XEP-0068)."""

    FORM_TYPE: ClassVar[str]

    def __init__(self) -> None:
        """An empty form, for requests that are made without being asked."""
        self._template: Data | None = None
        self._fields: dict[str, Field] = {}

    @classmethod
    def from_xso(cls, data: Data) -> Self:
        """Raises ValueError if the form is of another type."""
        if data.form_type != cls.FORM_TYPE:
            raise ValueError(f"not a form of {cls.FORM_TYPE}: {data.form_type!r}")
        made = cls()
        made._template = data
        made._fields = {field.var: field for field in data.fields if field.var}
        return made

    def render_reply(self) -> Data:
        """The form to submit: every field that was there, changed or not.

        What is there to be read (type "fixed") is no field of an answer.
        """
        kept = [
            field
            for field in self._fields.values()
            if field.type != "fixed" and field.var != "FORM_TYPE"
        ]
        kind = Field("FORM_TYPE", (self.FORM_TYPE,), "hidden")
        answers = (replace(field, label=None, options=(), required=False) for field in kept)
        return Data("submit", (kind, *answers))

    def read(self, var: str) -> Field | None:
        return self._fields.get(var)

    def write(self, var: str, type: str, values: tuple[str, ...]) -> None:
        """Raises LookupError if the service did not ask for it, ValueError if it is no option."""
        field = self._fields.get(var)
        if field is None:
            if self._template is not None:
                raise LookupError(f"the form has no field {var}")
            field = Field(var, type=type)
        offered = {value for value, _ in field.options}
        if offered and not offered.issuperset(values) and field.type != "text-single":
            raise ValueError(f"{var} is one of {sorted(offered)}, not {list(values)}")
        self._fields[var] = replace(field, values=values)


class _Attribute(Generic[T]):
    """One field as an attribute of its form."""

    TYPE: ClassVar[str]

    def __init__(self, var: str) -> None:
        self.var = var

    @overload
    def __get__(self, form: None, owner: type[Form]) -> Self: ...
    @overload
    def __get__(self, form: Form, owner: type[Form]) -> T | None: ...
    def __get__(self, form: Form | None, owner: type[Form]) -> Self | T | None:
        if form is None:
            return self
        field = form.read(self.var)
        return None if field is None else self.parse(field.values)

    def __set__(self, form: Form, value: T) -> None:
        form.write(self.var, self.TYPE, self.render(value))

    def parse(self, values: tuple[str, ...]) -> T | None:
        raise NotImplementedError

    def render(self, value: T) -> tuple[str, ...]:
        raise NotImplementedError


class Boolean(_Attribute[bool]):
    TYPE = "boolean"

    def parse(self, values: tuple[str, ...]) -> bool:
        return values[:1] in (("1",), ("true",))

    def render(self, value: bool) -> tuple[str, ...]:
        return ("1" if value else "0",)


class Text(_Attribute[str]):
    TYPE = "text-single"

    def parse(self, values: tuple[str, ...]) -> str:
        return values[0] if values else ""

    def render(self, value: str) -> tuple[str, ...]:
        return (value,)


class Private(Text):
    TYPE = "text-private"


class Choice(Text):
    TYPE = "list-single"


class Choices(_Attribute[Iterable[str]]):
    TYPE = "list-multi"

    def parse(self, values: tuple[str, ...]) -> tuple[str, ...]:
        return values

    def render(self, value: Iterable[str]) -> tuple[str, ...]:
        return tuple(value)


class Address(_Attribute[JID]):
    """None as well if what is there is no address."""

    TYPE = "jid-single"

    def parse(self, values: tuple[str, ...]) -> JID | None:
        return names.address(values[0] if values else None)

    def render(self, value: JID) -> tuple[str, ...]:
        return (str(value),)


class Addresses(_Attribute[Iterable[JID]]):
    """What is there and no address is left out."""

    TYPE = "jid-multi"

    def parse(self, values: tuple[str, ...]) -> tuple[JID, ...]:
        return tuple(jid for jid in map(names.address, values) if jid is not None)

    def render(self, value: Iterable[JID]) -> tuple[str, ...]:
        return tuple(map(str, value))


def _config(name: str) -> str:
    return f"muc#roomconfig_{name}"


def _info(name: str) -> str:
    return f"muc#roominfo_{name}"


class ConfigurationForm(Form):
    """How a room is set up, for its owners (§10.2)."""

    FORM_TYPE = names.CONFIG_FORM

    allowinvites = Boolean(_config("allowinvites"))
    allowpm = Choice(_config("allowpm"))
    changesubject = Boolean(_config("changesubject"))
    enablelogging = Boolean(_config("enablelogging"))
    getmemberlist = Choices(_config("getmemberlist"))
    lang = Text(_config("lang"))
    maxhistoryfetch = Text("muc#maxhistoryfetch")
    maxusers = Choice(_config("maxusers"))
    membersonly = Boolean(_config("membersonly"))
    moderatedroom = Boolean(_config("moderatedroom"))
    passwordprotectedroom = Boolean(_config("passwordprotectedroom"))
    persistentroom = Boolean(_config("persistentroom"))
    presencebroadcast = Choices(_config("presencebroadcast"))
    publicroom = Boolean(_config("publicroom"))
    pubsub = Text(_config("pubsub"))
    roomadmins = Addresses(_config("roomadmins"))
    roomdesc = Text(_config("roomdesc"))
    roomname = Text(_config("roomname"))
    roomowners = Addresses(_config("roomowners"))
    roomsecret = Private(_config("roomsecret"))
    whois = Choice(_config("whois"))


class InfoForm(Form):
    """What a room tells everybody in its disco#info (§6.4)."""

    FORM_TYPE = names.INFO_FORM

    contactjid = Addresses(_info("contactjid"))
    description = Text(_info("description"))
    lang = Text(_info("lang"))
    ldapgroup = Text(_info("ldapgroup"))
    logs = Text(_info("logs"))
    maxhistoryfetch = Text("muc#maxhistoryfetch")
    occupants = Text(_info("occupants"))
    subject = Text(_info("subject"))
    subjectmod = Boolean(_info("subjectmod"))


class VoiceRequestForm(Form):
    """Somebody without a voice asks for one (§7.13), and moderators are asked (§8.6)."""

    FORM_TYPE = names.REQUEST_FORM

    jid = Address("muc#jid")
    request_allow = Boolean("muc#request_allow")
    role = Choice("muc#role")
    roomnick = Text("muc#roomnick")
