"""Lenient conversion: a record is kept although one of its fields is invalid.

A record is worth more than one of its fields: a value of the wrong type, or a timestamp that does
not exist, counts as a field that the server did not send. Fields that say what a record *is* or
what its status is are never guessed: where such a field is invalid, the record is skipped.
"""

import re
from typing import Any, ClassVar, Final, TypeAlias, TypeGuard, TypeVar

import msgspec

from opsboard_adapters.http.struct_types import convert_to

Path: TypeAlias = tuple[str | int, ...]
"""Keys and indices that lead to a value."""
T = TypeVar("T")

MAX_DROPPED: Final = 100
"""Invalid values of one record that are dropped; with more, the record is invalid."""
_PLACED: Final = re.compile(r".* - at (?:`key` in )?`\$(.*)`", re.DOTALL)
_STEP: Final = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]|(\[\.\.\.\])")
_MISSING: Final = re.compile(r"Object missing required field `(.*?)`")
_A_TEXT: Final = re.compile(r"Expected `str(?: \| null)?`, got `(?:int|float)`")


class LenientStruct(msgspec.Struct, frozen=True, gc=False):
    """A struct whose invalid fields count as absent, except *strict_fields*, at any depth."""

    strict_fields: ClassVar[frozenset[str]] = frozenset()


def convert_leniently(values: Any, struct: type[T]) -> T:
    """Return *values* as a *struct*; *values* is modified.

    Numbers in strings become numbers, and numbers become strings where a string is expected;
    invalid fields are dropped where *struct* is a :class:`LenientStruct`. Raises
    :exc:`msgspec.ValidationError`.
    """
    kept: frozenset[str] | None = None
    if _is_lenient(struct):
        kept = struct.strict_fields
    dropped: dict[Path, msgspec.ValidationError] = {}
    for _ in range(MAX_DROPPED):
        try:
            return convert_to(values, struct, strict=False)
        except msgspec.ValidationError as error:
            path = _path_of(error)
            if not _repair_at(values, path, error, kept):
                raise dropped.get(_missing(error, path), error) from None
            dropped[path] = error
    return convert_to(values, struct, strict=False)


def _is_lenient(struct: Any) -> TypeGuard[type[LenientStruct]]:
    return isinstance(struct, type) and issubclass(struct, LenientStruct)


def _path_of(error: msgspec.ValidationError) -> Path:
    """Return the path of *error*, as far as msgspec names it: not within a mapping."""
    match = _PLACED.fullmatch(str(error))
    steps: list[str | int] = []
    for step in _STEP.finditer(match[1] if match else ""):
        if step[3]:
            break
        steps.append(int(step[2]) if step[2] else step[1])
    return tuple(steps)


def _missing(error: msgspec.ValidationError, path: Path) -> Path:
    match = _MISSING.match(str(error))
    return (*path, match[1]) if match else path


def _repair_at(
    values: Any, path: Path, error: msgspec.ValidationError, kept: frozenset[str] | None
) -> bool:
    """Turn the number at *path* into a string, or drop the value; return whether that was done."""
    if not path or kept is None:
        return False
    *way, last = path
    inner: Any = values
    for step in way:
        inner = inner[step]
    if _A_TEXT.match(str(error)) and isinstance(inner[last], int | float):
        inner[last] = str(inner[last])
        return True
    if not kept.isdisjoint(path):
        return False
    del inner[last]
    return True
