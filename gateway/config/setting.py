"""What a setting is: type, default, bounds and words, in one place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

REQUIRED: Final[Any] = ...


@dataclass(frozen=True, slots=True)
class Setting:
    """What the example file and the messages need to know of a setting."""

    words: str
    low: int | None
    high: int | None
    secret: bool
    example: Any
    """What the example file shows of a setting that has no default."""


def setting(
    default: Any,
    words: str,
    *,
    low: int | None = None,
    high: int | None = None,
    secret: bool = False,
    example: Any = None,
) -> Any:
    """A setting of a section. `low` and `high` are allowed themselves.

    A secret one may also come from a file or the environment, and is never printed.
    """
    about = Setting(words, low, high, secret, example)
    extra: dict[str, Any] = {"setting": about}
    if isinstance(default, list | dict):
        made = default.copy
        return Field(default_factory=made, json_schema_extra=extra)
    return Field(default, ge=low, le=high, repr=not secret, json_schema_extra=extra)


def about(field: FieldInfo) -> Setting:
    """What `setting` was told of a field."""
    extra = field.json_schema_extra
    assert isinstance(extra, dict)
    known: Any = extra["setting"]
    assert isinstance(known, Setting)
    return known


class Section(BaseModel):
    """A table of the file. What it does not know it refuses, and nothing is guessed."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        frozen=True, extra="forbid", strict=True, validate_default=True
    )

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """Settings that are fine one by one and not together: (key, what is wrong with it)."""
        yield from ()
