"""Texts in several languages."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from legacy_backend.xmpp.muc.names import XML_LANG


class LanguageMap(dict[str | None, str]):
    """Language tag → text; the key None is for a text that names no language."""

    def any(self) -> str:
        """A text: the one without a language if there is one, "" if there is none at all."""
        if None in self:
            return self[None]
        return next(iter(self.values()), "")

    def lookup(self, *wanted: str) -> str:
        """The text of the first wanted language that there is (RFC 4647 §3.4), else `any()`."""
        known = {tag.lower(): text for tag, text in self.items() if tag is not None}
        for tag in wanted:
            parts = tag.lower().split("-")
            while parts:
                if "-".join(parts) in known:
                    return known["-".join(parts)]
                parts.pop()
        return self.any()

    @classmethod
    def of(cls, stanza: ET.Element, name: str) -> LanguageMap:
        """The texts of all children with this name. The first of a language counts."""
        found = cls()
        for one in stanza.iterfind(name):
            found.setdefault(one.get(XML_LANG), one.text or "")
        return found
