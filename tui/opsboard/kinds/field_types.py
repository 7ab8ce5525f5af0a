"""What the types of a record's fields are: text, a time, what JSON keeps and gives back."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, get_args, get_origin

from opsboard.frozen import Frozen, coercer_of, field_hints
from opsboard.records import Kind, Record, Ref

_COMMON: Final = frozenset(Record.__dataclass_fields__)


def text_fields(record: type[Record]) -> tuple[str, ...]:
    """Return the names of the fields of *record* that hold one text, its own first."""
    hints = field_hints(record)
    found = [name for name in record.__dataclass_fields__ if is_text(bare_type(hints[name]))]
    own = [name for name in found if name not in _COMMON]
    return (*own, *(name for name in found if name in _COMMON - {"kind", "id", "url"}))


def own_hints(record: type[Record]) -> Iterator[tuple[str, Any]]:
    """Yield names and types of the fields that *record* has beyond those of every record."""
    hints = field_hints(record)
    yield from ((n, hints[n]) for n in record.__dataclass_fields__ if n not in _COMMON)


def _without_marks(hint: Any) -> Any:
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint


def _optional_part(hint: Any) -> Any:
    """Return what *hint* is where it is not ``None``."""
    some = [one for one in get_args(hint) if one is not type(None)]
    return some[0] if type(None) in get_args(hint) and len(some) == 1 else hint


def bare_type(hint: Any) -> Any:
    """Return *hint* without its marks, and without ``None``."""
    return _without_marks(_optional_part(_without_marks(hint)))


def is_text(hint: Any) -> bool:
    """Tell whether *hint* is a type of text."""
    return isinstance(hint, type) and issubclass(hint, str)


def is_kept(hint: Any, within: tuple[type, ...] = ()) -> bool:
    """Tell whether a value of type *hint* goes to JSON and back, and is cleaned on its way in.

    *within* are the classes of which it is a part: none may hold itself.
    """
    hint = _optional_part(hint)
    if get_origin(hint) is Annotated:
        return coercer_of(hint) is not None
    if get_origin(hint) is tuple:
        each, *rest = get_args(hint) or (Any,)
        alike = all(part in (each, Ellipsis) for part in rest)  # the first stands for all
        return alike and is_kept(each, within)
    if get_origin(hint) is Literal:
        return all(isinstance(value, str) for value in get_args(hint))
    return isinstance(hint, type) and (
        hint in {bool, int, float, Ref} or _is_kept_class(hint, within)
    )


def _is_kept_class(cls: type, within: tuple[type, ...]) -> bool:
    if issubclass(cls, StrEnum | Kind):
        return True
    if cls in within:
        return False
    if issubclass(cls, Frozen) or (issubclass(cls, tuple) and hasattr(cls, "_fields")):
        parts = field_hints(cls).values()
        return all(is_kept(part, (*within, cls)) for part in parts)
    return False
