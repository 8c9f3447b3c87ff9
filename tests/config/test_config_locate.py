"""Where keys stand in a TOML text."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.locate import KeyPath, line_of, locate

EVERYTHING = """\
# a comment = "no key"
top = 1 # [not.a.table]
"quo ted" = 'x = 1'
'sin#gle'.deep . "er" = true

[table] # with a comment
a = "a \\" ] } # b"
b = '''
c = "inside"
[nor.this]
''''
d = \"\"\"
e = 1 \\\"\"\" f = 2
\"\"\"\"\"
g = [ 1, # one
  [2, "]"], # ]
  { h = 3, i.j = [
      4,
  ] },
]
k = { }
l = []
m = 1979-05-27 07:32:00
n = 5

  [ table . sub ]
  o = 1

[[list]]
p = 1
[list.under]
q = 1
[[list]]
p = 2
  [[list.inner]]
  r = 1
  [[list.inner]]
  r = 2
"""

PLACES: list[tuple[KeyPath, int]] = [
    (("top",), 2),
    (("quo ted",), 3),
    (("sin#gle", "deep", "er"), 4),
    (("sin#gle", "deep"), 4),
    (("table",), 6),
    (("table", "a"), 7),
    (("table", "b"), 8),
    (("table", "d"), 12),
    (("table", "g"), 15),
    (("table", "g", 0), 15),
    (("table", "g", 1), 16),
    (("table", "g", 1, 1), 16),
    (("table", "g", 2), 17),
    (("table", "g", 2, "h"), 17),
    (("table", "g", 2, "i", "j"), 17),
    (("table", "g", 2, "i", "j", 0), 18),
    (("table", "k"), 21),
    (("table", "l"), 22),
    (("table", "m"), 23),
    (("table", "n"), 24),
    (("table", "sub"), 26),
    (("table", "sub", "o"), 27),
    (("list",), 29),
    (("list", 0, "p"), 30),
    (("list", 0, "under"), 31),
    (("list", 0, "under", "q"), 32),
    (("list", 1), 33),
    (("list", 1, "p"), 34),
    (("list", 1, "inner", 0, "r"), 36),
    (("list", 1, "inner", 1), 37),
    (("list", 1, "inner", 1, "r"), 38),
]


@pytest.mark.parametrize(("path", "line"), PLACES, ids=lambda value: str(value))
def test_each_key_of_a_text_that_has_every_form(path: KeyPath, line: int) -> None:
    assert locate(EVERYTHING)[path] == line


def test_it_finds_what_tomllib_finds_and_nothing_else() -> None:
    assert leaves(tomllib.loads(EVERYTHING)) <= locate(EVERYTHING).keys()
    assert locate(EVERYTHING).keys() <= paths(tomllib.loads(EVERYTHING))


def test_windows_line_ends() -> None:
    assert locate("[a]\r\nb = 1\r\n\r\nc = 2\r\n")[("a", "c")] == 4


def test_a_table_has_the_line_of_its_own_header_even_if_that_comes_later() -> None:
    assert locate("[a.b]\nc = 1\n[a]\nd = 1\n")[("a",)] == 3


def test_what_is_absent_is_where_its_section_is() -> None:
    lines = locate("[a]\nb = 1\n\n[c]\n")
    assert line_of(lines, ("c", "missing")) == 4
    assert line_of(lines, ("none", "at all")) == 1
    assert line_of({}, ()) == 1


KEYS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)
TEXTS = st.text(st.sampled_from("ab\"'\\#[]{}=,.\n é"), max_size=12)
COMMENTS = st.sampled_from(["", " # '''", ' # """ [', "\n\n", "\t# a = 1\n#b = 2"])


def as_toml(text: str) -> list[str]:
    """Every way in which TOML can spell a text."""
    ways = [json.dumps(text, ensure_ascii=False)]
    if not set("\n'") & set(text):
        ways.append(f"'{text}'")
    if "'''" not in text:
        ways.append(f"'''\n{text}'''")
    escaped = text.replace("\\", "\\\\").replace('"""', '""\\"')
    ways.append(f'"""\n{escaped}"""')
    return [way for way in ways if reads_as(way, text)]


def reads_as(way: str, text: str) -> bool:
    try:
        return tomllib.loads(f"a = {way}") == {"a": text}
    except tomllib.TOMLDecodeError:
        return False


@given(st.data())
def test_texts_of_any_kind_shift_no_line(data: st.DataObject) -> None:
    names = data.draw(st.lists(KEYS, unique=True, max_size=6))
    text, expected = "", {}
    for name in names:
        expected[(name,)] = text.count("\n") + 1
        value = data.draw(st.sampled_from(as_toml(data.draw(TEXTS))))
        text += f"{json.dumps(name, ensure_ascii=False)} = {value}{data.draw(COMMENTS)}\n"
    assert tomllib.loads(text).keys() == set(names)
    assert locate(text) == expected


def leaves(tree: Any, above: KeyPath = ()) -> set[KeyPath]:
    items: Any = tree.items() if isinstance(tree, dict) else enumerate(tree)
    found: set[KeyPath] = set()
    for key, value in items:
        inside = isinstance(value, dict | list) and bool(value)
        found |= leaves(value, (*above, key)) if inside else {(*above, key)}
    return found


def paths(tree: Any) -> set[KeyPath]:
    return {leaf[:depth] for leaf in leaves(tree) for depth in range(1, len(leaf) + 1)}
