"""Characters that not every XMPP server takes in an address, written out.

Resourceparts are made with a profile of Unicode 3.2 (RFC 6122 §B), which is from 2002. ejabberd and
many libraries refuse whatever came later, emoji above all; others take it. What is written out
passes everywhere, and still tells people apart.
"""

from __future__ import annotations

import stringprep
import unicodedata

_LETTER = "REGIONAL INDICATOR SYMBOL LETTER "
_MODIFIER = "EMOJI MODIFIER "


def spelled(text: str) -> str:
    """`text` with later characters as words: "Ada 🎉" is "Ada :party_popper:".

    Flags become their letters. Colours of skin and letters of later alphabets are left out.
    """
    if text.isascii():
        return text
    return "".join(_word(char) if stringprep.in_table_a1(char) else char for char in text)


def _word(char: str) -> str:
    name = unicodedata.name(char, "")
    if name.startswith(_LETTER):
        return name.removeprefix(_LETTER)
    if not name or name.startswith(_MODIFIER):
        return ""
    if unicodedata.category(char)[0] in "SP":
        return f":{name.lower().replace(' ', '_')}:"
    small = char.casefold()
    return "" if any(stringprep.in_table_a1(c) for c in small) else small
