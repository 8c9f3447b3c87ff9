"""On which line of a TOML text each key stands.

tomllib tells values and no places. This reads a text that tomllib has accepted, and so need not
find mistakes: it only has to know where keys, values and comments begin and end.
"""

from __future__ import annotations

import re
import tomllib

KeyPath = tuple[str | int, ...]
"""Keys from the top down; a number is a place in an array, counted from 0."""

_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?:"{0,2})'
    r"|'''.*?'''(?:'{0,2})"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BARE_VALUE = re.compile(r"[^,\]}#\n]+")
_BLANK = re.compile(r"[ \t]*")
_FILLER = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")


def locate(text: str) -> dict[KeyPath, int]:
    """The line of every table, key and array element, the first of the text being 1.

    A table that no header names has the line of the first key inside it.
    """
    return _Scanner(text).scan()


def line_of(lines: dict[KeyPath, int], path: KeyPath) -> int:
    """The line of `path`, or of what encloses it; 1 if none of that is in the text."""
    while path:
        if path in lines:
            return lines[path]
        path = path[:-1]
    return 1


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[KeyPath, int] = {}
        self.arrays: dict[KeyPath, int] = {}
        self._counted = (0, 1)

    def scan(self) -> dict[KeyPath, int]:
        table: KeyPath = ()
        while self._skip(_FILLER) < len(self.text):
            if self._take("[["):
                table = self._header(array=True)
            elif self._take("["):
                table = self._header(array=False)
            else:
                self._pair(table)
        return self.lines

    def _header(self, *, array: bool) -> KeyPath:
        line = self._line()
        keys = self._keys()
        self.at = self.text.index("]]" if array else "]", self.at) + (2 if array else 1)
        path: KeyPath = ()
        for depth, key in enumerate(keys, start=1):
            path += (key,)
            self.lines.setdefault(path, line)
            if array and depth == len(keys):
                self.arrays[path] = self.arrays.get(path, -1) + 1
            if path in self.arrays:
                path += (self.arrays[path],)
                self.lines.setdefault(path, line)
        if not array:
            # Its own header says better where a table is than that of one inside it
            self.lines[path] = line
        return path

    def _pair(self, table: KeyPath) -> None:
        line = self._line()
        path = table
        for key in self._keys():
            path += (key,)
            self.lines.setdefault(path, line)
        self._skip(_BLANK)
        self._take("=")
        self._skip(_BLANK)
        self._value(path)

    def _value(self, path: KeyPath) -> None:
        if self._take("["):
            self._array(path)
        elif self._take("{"):
            self._inline_table(path)
        elif not self._match(_STRING):
            self._skip(_BARE_VALUE)

    def _array(self, path: KeyPath) -> None:
        place = 0
        while self._skip(_FILLER) >= 0 and not self._take("]"):
            self.lines[(*path, place)] = self._line()
            self._value((*path, place))
            place += 1
            self._skip(_FILLER)
            self._take(",")

    def _inline_table(self, path: KeyPath) -> None:
        while self._skip(_FILLER) >= 0 and not self._take("}"):
            self._pair(path)
            self._skip(_FILLER)
            self._take(",")

    def _keys(self) -> list[str]:
        keys = [self._key()]
        while self._skip(_BLANK) >= 0 and self._take("."):
            keys.append(self._key())
        return keys

    def _key(self) -> str:
        start = self._skip(_BLANK)
        if self._match(_STRING):
            return str(tomllib.loads(f"key = {self.text[start : self.at]}")["key"])
        return self.text[start : self._skip(_BARE_KEY)]

    def _take(self, mark: str) -> bool:
        found = self.text.startswith(mark, self.at)
        if found:
            self.at += len(mark)
        return found

    def _match(self, pattern: re.Pattern[str]) -> bool:
        found = pattern.match(self.text, self.at)
        if found is None:
            return False
        self.at = found.end()
        return True

    def _skip(self, pattern: re.Pattern[str]) -> int:
        self._match(pattern)
        return self.at

    def _line(self) -> int:
        counted_to, line = self._counted
        line += self.text.count("\n", counted_to, self.at)
        self._counted = (self.at, line)
        return line
