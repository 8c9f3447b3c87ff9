"""From a file to a checked configuration, or to everything that is wrong with it."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from gateway.config import locate, networks, plugin_options, secrets
from gateway.config.problem import Problem
from gateway.config.sections import SECTIONS, Config, Network
from gateway.config.setting import Section, about
from gateway.config.text import kind_of, nearest, shown
from gateway.errors import ConfigError
from legacy_backend.api import LegacyBackend


def load(path: str | os.PathLike[str], env: Mapping[str, str] = os.environ) -> Config:
    """Read and check a configuration file. Connects to nothing, changes nothing.

    Raises ConfigError with all Problems at once.
    """
    file = Path(path)
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        why = error.strerror or str(error)
        raise ConfigError([Problem(0, f"cannot be read: {why}", str(path))]) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigError([Problem(line, "this is no text in UTF-8", str(path))]) from None
    return parse(text, file, env)


def parse(text: str, file: Path, env: Mapping[str, str]) -> Config:
    """As `load`, with the text of the file at hand."""
    try:
        tables = tomllib.loads(text)
        lines = locate.locate(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([_syntax(str(error), text, str(file))]) from None
    except RecursionError:
        raise ConfigError([Problem(1, "this is nested too deeply", str(file))]) from None
    return _Reading(tables, lines, file, env).config()


def _syntax(message: str, text: str, file: str) -> Problem:
    found = re.fullmatch(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", message)
    if found is None:
        return Problem(1, f"this is not TOML: {message}", file)
    line = int(found[2]) if found[2] else text.rstrip("\n").count("\n") + 1
    place = f" at column {found[3]}" if found[3] else " at the end of the file"
    return Problem(line, f"this is not TOML: {found[1]}{place}", file)


class _Reading:
    """One file on its way to a Config; collects what is wrong."""

    def __init__(
        self,
        tables: dict[str, Any],
        lines: dict[locate.KeyPath, int],
        file: Path,
        env: Mapping[str, str],
    ) -> None:
        self.tables = tables
        self.lines = lines
        self.file = file
        self.folder = file.absolute().parent
        self.env = env
        self.problems: list[Problem] = []

    def config(self) -> Config:
        for name in self.tables.keys() - SECTIONS.keys():
            self._no_such_section(name)
        sections = {name: self._section(name, kind) for name, kind in SECTIONS.items()}
        if self.problems:
            raise ConfigError(sorted(set(self.problems)))
        whole: dict[str, Any] = {"file": self.file.absolute()} | sections
        return Config.model_construct(**whole)

    def _wrong(self, path: locate.KeyPath, words: str) -> None:
        name = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
        line = locate.line_of(self.lines, path)
        self.problems.append(Problem(line, f"{name[1:]} {words}", str(self.file)))

    def _no_such_section(self, name: str) -> None:
        homes = [section for section, kind in SECTIONS.items() if name in kind.model_fields]
        if homes and not isinstance(self.tables[name], dict):
            self._wrong((name,), f"stands outside of its section, [{'] or ['.join(homes)}]")
        else:
            listed = ", ".join(SECTIONS)
            words = f"is not a section; these are: {listed}{nearest(name, SECTIONS)}"
            self._wrong((name,), words)

    def _section(self, name: str, kind: type[Section]) -> Section | None:
        table = self.tables.get(name, {})
        if not isinstance(table, dict):
            self._wrong((name,), f"is a section: write [{name}], and its settings below that")
            return None
        known = [key for key, field in kind.model_fields.items() if about(field).secret]
        table, told = self._with_secrets((name,), table, known)
        section: Section | None = None
        try:
            section = kind.model_validate(table, context={"folder": self.folder})
        except ValidationError as error:
            for one in error.errors(include_url=False):
                if one["loc"][0] not in told:
                    self._wrong((name, *one["loc"]), self._words(name, kind, one))
        else:
            for key, words in section.conflicts():
                self._wrong((name, key), words)
        if kind is Network:
            return self._network(section, table)
        return section

    def _with_secrets(
        self, path: locate.KeyPath, table: Mapping[str, Any], keys: list[str]
    ) -> tuple[dict[str, Any], set[str]]:
        """The table with its secrets filled in, and the keys of those that were complained of."""
        name = ".".join(map(str, path))
        filled, told = dict(table), set[str]()
        for key in keys:
            found = secrets.find(name, key, table, self.env, self.folder)
            filled.pop(key, None)
            filled.pop(f"{key}_file", None)
            if found.wrong:
                self._wrong((*path, found.key), found.wrong)
                told.add(key)
            elif found.value is not None:
                filled[key] = found.value
        return filled, told

    def _network(self, section: Section | None, table: Mapping[str, Any]) -> Section | None:
        """The network found, and its options checked, as far as the section can be read."""
        options = table.get("options", {})
        backend, plugin = table.get("backend"), table.get("plugin")
        if not isinstance(options, dict):
            return None
        if isinstance(plugin, str) and plugin:
            try:
                networks.check_plugin(plugin)
            except networks.NoSuchNetwork as wrong:
                self._wrong(("network", "plugin"), str(wrong))
            options = self._plugin_options(options, plugin)
        elif isinstance(backend, str) and backend:
            try:
                found = networks.backend_class(backend)
            except networks.NoSuchNetwork as wrong:
                self._wrong(("network", "backend"), str(wrong))
                return None
            options = self._options(options, found)
            asks = any(field.required for field in found.login_fields(options))
            if asks and self._is_on("users", "auto_register"):
                self._wrong(("users", "auto_register"), "needs a network without credentials")
        return section and section.model_copy(update={"options": options})

    def _is_on(self, section: str, key: str) -> bool:
        table = self.tables.get(section)
        return isinstance(table, dict) and table.get(key) is True

    def _options(self, options: Mapping[str, Any], backend: type[LegacyBackend]) -> dict[str, Any]:
        path = ("network", "options")
        known = [
            name
            for name, (kind, default, _) in backend.OPTIONS.items()
            if kind is str and networks.is_secret(name, default)
        ]
        given, told = self._with_secrets(path, options, known)
        full, wrong = networks.complete(given, backend, self.folder)
        for key, words in wrong:
            if key not in told:
                self._wrong((*path, key), words)
        return full

    def _plugin_options(self, options: Mapping[str, Any], plugin: str) -> dict[str, Any]:
        """Checked as far as it can be known what the plugin wants."""
        path = ("network", "options")
        config = plugin_options.find_config(plugin)
        known = {} if config is None else plugin_options.options_of(config)
        secret = [n for n, option in known.items() if option.kind is str and networks.is_secret(n)]
        given, told = self._with_secrets(path, options, secret)
        wrong = list(networks.free_options(given))
        if config is not None:
            wrong += plugin_options.settle(given, config)[1]
        for key, words in dict(reversed(wrong)).items():
            if key not in told:
                self._wrong((*path, key), words)
        return given

    def _words(self, name: str, kind: type[Section], error: ErrorDetails) -> str:
        """What is wrong with a setting, to go on from its name."""
        key = str(error["loc"][0])
        limits = error.get("ctx", {})
        if error["type"] == "extra_forbidden":
            return self._no_such_setting(name, key)
        if error["type"] == "missing":
            return f"is missing: {self._wanted(name, key)}"
        value = "this" if about(kind.model_fields[key]).secret else shown(error["input"])
        match error["type"]:
            case "int_type" | "bool_type" | "string_type" | "list_type" | "dict_type":
                expected = {"int": int, "bool": bool, "string": str, "list": list, "dict": dict}
                return f"is {kind_of(expected[error['type'][:-5]])}, not {value}"
            case "greater_than_equal":
                return f"is at least {limits['ge']}, not {value}"
            case "less_than_equal":
                return f"is at most {limits['le']}, not {value}"
            case "literal_error":
                return f"is one of {limits['expected'].replace(chr(39), '')}, not {value}"
            case "value_error":
                return str(limits["error"])
            case _:
                return f"is not right: {error['msg']}"

    def _no_such_setting(self, name: str, key: str) -> str:
        own = SECTIONS[name].model_fields
        homes = [section for section, kind in SECTIONS.items() if key in kind.model_fields]
        if homes:
            return f"is not a setting; it belongs in [{'] or ['.join(homes)}]"
        return f"is not a setting; these are: {', '.join(own)}{nearest(key, own)}"

    def _wanted(self, name: str, key: str) -> str:
        setting = about(SECTIONS[name].model_fields[key])
        if not setting.secret:
            return setting.words
        return (
            f"give it as {name}.{key}, as {name}.{key}_file, or in the environment as "
            f"{secrets.variable(name, key)}"
        )
