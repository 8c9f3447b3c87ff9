"""A configuration as TOML: the example file, and what is in effect with secrets masked."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gateway.config import networks, secrets
from gateway.config.sections import SECTIONS, Config, Network
from gateway.config.setting import Section, about

MASK = "********"

_HEAD = """\
The configuration of Sluice. Written by `sluice config --example`.

Each setting is explained above its line. A line that begins with # directly before a name shows
the default; take the # away to change it. `sluice check` says what is wrong with a file, and
where. What is marked as secret may stand in the environment or in a file of its own instead.
Paths are relative to the folder of this file.
"""


def example() -> str:
    """The example file: every setting, explained, with its default."""
    lines = [*_comment(_HEAD)]
    for name, kind in SECTIONS.items():
        lines += ["", "", *_comment(kind.__doc__ or ""), f"[{name}]"]
        for key in kind.model_fields:
            if (kind, key) == (Network, "options"):
                lines += _example_options()
            else:
                lines += _example_setting(name, kind, key)
    return "\n".join(lines) + "\n"


def effective(config: Config) -> str:
    """What a configuration comes to, defaults and all; passwords are masked."""
    lines: list[str] = []
    for name, kind in SECTIONS.items():
        section: Section = getattr(config, name)
        lines += ["", f"[{name}]"]
        for key, field in kind.model_fields.items():
            value = getattr(section, key)
            if isinstance(value, dict):
                lines += ["", f"[{name}.{key}]"]
                for option, chosen in value.items():
                    shown = _masked(chosen, secret=networks.is_secret(option))
                    lines.append(f"{_key(option)} = {_value(shown)}")
            else:
                lines.append(f"{key} = {_value(_masked(value, secret=about(field).secret))}")
    return "\n".join(lines[1:]) + "\n"


def _example_setting(name: str, kind: type[Section], key: str) -> Iterator[str]:
    field = kind.model_fields[key]
    setting = about(field)
    yield ""
    bounds = f" ({setting.low} to {setting.high})" if setting.low is not None else ""
    yield from _comment(setting.words + bounds)
    if setting.secret:
        yield from _comment(
            f"Secret: {key}_file names a file that holds it, {secrets.variable(name, key)} is the "
            f"environment variable, and {secrets.variable(name, key)}_FILE the one for a file."
        )
    if setting.example is not None:
        yield f"{key} = {_value(setting.example)}"
    else:
        yield f"#{key} = {_value(field.get_default(call_default_factory=True))}"


def _example_options() -> Iterator[str]:
    """The options of the network that the example names."""
    field = Network.model_fields["options"]
    chosen = about(Network.model_fields["backend"]).example
    yield ""
    yield from _comment(about(field).words + f" These are the ones of {chosen}.")
    yield "[network.options]"
    for key, (kind, default, words) in networks.backend_class(chosen).OPTIONS.items():
        yield ""
        yield from _comment(words)
        if kind is str and networks.is_secret(key, default):
            variable = secrets.variable("network.options", key)
            yield from _comment(f"Secret: {key}_file or {variable} will do as well.")
        yield f"#{key} = {_value(default)}"
    for other in sorted(networks.BUILT_IN.keys() - {chosen}):
        yield ""
        yield from _comment(f"The network {other} has these in their place:")
        for key, (_, default, words) in networks.backend_class(other).OPTIONS.items():
            yield "#"
            yield f"#     {key} = {_value(default)}"
            yield from textwrap.wrap(words, 98, initial_indent="# ", subsequent_indent="# ")


def _comment(words: str) -> Iterator[str]:
    for place, paragraph in enumerate(words.strip().split("\n\n")):
        if place:
            yield "#"
        flowing = " ".join(paragraph.split())
        yield from textwrap.wrap(
            flowing, 98, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False
        )


def _masked(value: Any, *, secret: bool) -> Any:
    """`value` as anyone may see it: a URL without its password, any other secret not at all."""
    if not isinstance(value, str) or not value:
        return value
    if "://" not in value:
        return MASK if secret else value
    value = re.sub(r"(://[^:@/]*:)[^@]+(?=@)", rf"\1{MASK}", value)
    return re.sub(r"([?&]\w*(?:password|secret|token|key)=)[^&#]+", rf"\1{MASK}", value)


def _key(name: str) -> str:
    return name if name.replace("_", "").replace("-", "").isalnum() else _value(name)


def _value(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case None:
            return '""'
        case str() | Path():
            text = str(value)
            if "\\" in text and "'" not in text and text.isprintable():
                return f"'{text}'"  # a regular expression reads better without doubled \
            # JSON's escapes are TOML's, but for DEL, which JSON leaves alone
            return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
        case list() | tuple():
            return f"[{', '.join(map(_value, value))}]"
        case _:
            return str(value)
