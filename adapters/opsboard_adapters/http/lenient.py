"""What of a record is odd, and can be done without.

A record is worth more than one of its fields: a field of which the value is of the wrong type, or
a time that no calendar has, counts as one that the server did not send. What a record *is* and
what it is *judged by* is never guessed, though: where that is odd, all of it is left out.
"""

import re
from typing import Any, ClassVar, Final, TypeAlias, TypeGuard, TypeVar

import msgspec

Path: TypeAlias = tuple[str | int, ...]
"""Keys and indices that lead to a value."""
T = TypeVar("T")

MAX_DROPPED: Final = 100
"""Values of a record that are done without; one that has more is none."""
_PLACED: Final = re.compile(r".* - at (?:`key` in )?`\$(.*)`", re.DOTALL)
_STEP: Final = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]|(\[\.\.\.\])")
_MISSING: Final = re.compile(r"Object missing required field `(.*?)`")
_A_TEXT: Final = re.compile(r"Expected `str(?: \| null)?`, got `(?:int|float)`")


class LenientStruct(msgspec.Struct, frozen=True, gc=False):
    """A shape of which odd fields count as absent; those in *strict_fields*, at any depth, do
    not."""

    strict_fields: ClassVar[frozenset[str]] = frozenset()


def convert_leniently(values: Any, shape: type[T]) -> T:
    """Return *values*, which are changed on the way, as a *shape*.

    Numbers in texts are numbers, and texts that came as numbers are texts; the odd is dropped
    where *shape* is :class:`Lenient`. Raises :exc:`msgspec.ValidationError`.
    """
    kept: frozenset[str] | None = None
    if _is_lenient(shape):
        kept = shape.strict_fields
    dropped: dict[Path, msgspec.ValidationError] = {}
    for _ in range(MAX_DROPPED):
        try:
            return msgspec.convert(values, shape, strict=False)
        except msgspec.ValidationError as error:
            path = _path_of(error)
            if not _mend(values, path, error, kept):
                raise dropped.get(_missing(error, path), error) from None
            dropped[path] = error
    return msgspec.convert(values, shape, strict=False)


def _is_lenient(shape: Any) -> TypeGuard[type[LenientStruct]]:
    return isinstance(shape, type) and issubclass(shape, LenientStruct)


def _path_of(error: msgspec.ValidationError) -> Path:
    """Return where *error* is. What is within a mapping cannot be told apart: then its place."""
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


def _mend(
    values: Any, path: Path, error: msgspec.ValidationError, kept: frozenset[str] | None
) -> bool:
    """Make a text of the number at *path*, or drop what is there; return whether that was done."""
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
