"""One thing that is wrong with a configuration."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """What is wrong, and where: `config.toml:14: archive.page_max is at most 1000, not 5000`."""

    line: int
    """The first line of a file is 1; 0 is the file as a whole."""
    text: str
    file: str = ""
    """As the operator named it."""

    def __str__(self) -> str:
        where = [self.file] if self.file else []
        if self.line:
            where.append(str(self.line))
        return f"{':'.join(where)}: {self.text}" if where else self.text
