"""Data forms (XEP-0004) as plain values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from legacy_backend.xmpp.muc.names import DATA, append, child, element, qualified, text_of


@dataclass(frozen=True, slots=True)
class Field:
    """`type` None if the form does not say; `options` are values with their labels."""

    var: str
    values: tuple[str, ...] = ()
    type: str | None = None
    label: str | None = None
    options: tuple[tuple[str, str], ...] = ()
    required: bool = False

    @classmethod
    def from_xml(cls, xml: ET.Element) -> Field:
        options = []
        for option in xml.iterfind(qualified(DATA, "option")):
            value = text_of(option, DATA, "value") or ""
            options.append((value, option.get("label") or value))
        return cls(
            var=xml.get("var", ""),
            values=tuple(value.text or "" for value in xml.iterfind(qualified(DATA, "value"))),
            type=xml.get("type"),
            label=xml.get("label"),
            options=tuple(options),
            required=child(xml, DATA, "required") is not None,
        )

    def to_xml(self) -> ET.Element:
        xml = element(DATA, "field", var=self.var or None, type=self.type, label=self.label)
        for value in self.values:
            append(xml, DATA, "value", value)
        for value, label in self.options:
            option = element(DATA, "option", label=label)
            append(option, DATA, "value", value)
            xml.append(option)
        if self.required:
            xml.append(element(DATA, "required"))
        return xml


@dataclass(frozen=True, slots=True)
class Data:
    """A form: `type` is "form", "submit", "cancel" or "result"."""

    type: str
    fields: tuple[Field, ...] = ()
    title: str | None = None
    instructions: tuple[str, ...] = ()

    @property
    def form_type(self) -> str:
        """What the form is about (XEP-0068), "" if it does not say."""
        return next((one for field in self.fields if field.var == "FORM_TYPE"
                     for one in field.values), "")  # fmt: skip

    def field(self, var: str) -> Field | None:
        return next((field for field in self.fields if field.var == var), None)

    @classmethod
    def from_xml(cls, xml: ET.Element) -> Data:
        return cls(
            type=xml.get("type", "form"),
            fields=tuple(map(Field.from_xml, xml.iterfind(qualified(DATA, "field")))),
            title=text_of(xml, DATA, "title"),
            instructions=tuple(
                one.text or "" for one in xml.iterfind(qualified(DATA, "instructions"))
            ),
        )

    @classmethod
    def within(cls, xml: ET.Element, form_type: str | None = None) -> Data | None:
        """The first form among the children of `xml`, None if none is of `form_type`."""
        found: Iterable[Data] = map(cls.from_xml, xml.iterfind(qualified(DATA, "x")))
        return next((one for one in found if form_type in (None, one.form_type)), None)

    def to_xml(self) -> ET.Element:
        xml = element(DATA, "x", type=self.type)
        append(xml, DATA, "title", self.title)
        for line in self.instructions:
            append(xml, DATA, "instructions", line)
        xml.extend(field.to_xml() for field in self.fields)
        return xml
