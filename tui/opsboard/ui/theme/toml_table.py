"""Tables of a TOML file, read into frozen dataclasses and checked.

The first frame needs a theme and does not wait for pydantic; this is as much as a theme needs.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields
from typing import Annotated, Any, Final, TypeVar, get_args

from opsboard.frozen import Frozen, field_hints, frozen

_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_ANSI = re.compile(r"ansi_(default|(bright_)?(black|red|green|yellow|blue|magenta|cyan|white))")
_COLOR: Final = "colour"

Color = Annotated[str, _COLOR]
"""A colour as a theme file names it."""

T = TypeVar("T", bound="TomlTable")


class ThemeFileError(ValueError):
    """A theme file is invalid. The text names the key and what it must be."""


@frozen
class TomlTable(Frozen):
    """Base of what is read. Its fields are text, colours, truth values and further tables."""

    @classmethod
    def read(cls: type[T], table: object, where: str = "") -> T:
        """Return the table *table*, which is at the key *where*. Raises :exc:`ThemeFileError`."""
        if not isinstance(table, Mapping):
            raise ThemeFileError(f"{where.rstrip('.')}: must be a table")
        known = {field.name: field for field in fields(cls)}
        for key in table:
            if key not in known:
                raise ThemeFileError(f"{where}{key}: unknown key; known here: {', '.join(known)}")
        hints = field_hints(cls)
        return cls(
            **{
                name: _value(table, field, hints[name], f"{where}{name}")
                for name, field in known.items()
            }
        )

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        """Yield name and value of each field."""
        return ((field.name, getattr(self, field.name)) for field in fields(self))


def _value(table: Mapping[str, Any], field: "Field[Any]", hint: Any, where: str) -> Any:
    if field.name not in table:
        if field.default is MISSING:
            raise ThemeFileError(f"{where}: this key is missing")
        return field.default
    value = table[field.name]
    kinds = [kind for kind in get_args(hint) or (hint,) if kind is not type(None)]
    if isinstance(kinds[0], type) and issubclass(kinds[0], TomlTable):
        return kinds[0].read(value, f"{where}.")
    if hint is bool:
        return _checked(isinstance(value, bool), value, where, "true or false")
    if not isinstance(value, str):
        raise ThemeFileError(f"{where}: must be text")
    if hint is str:
        return value
    sound = _HEX.fullmatch(value) or _ANSI.fullmatch(value)
    meant = "#rrggbb, ansi_default or a name such as ansi_bright_red"
    return _checked(sound is not None, value, where, meant)


def _checked(sound: bool, value: object, where: str, meant: str) -> object:
    if not sound:
        raise ThemeFileError(f"{where}: must be {meant}")
    return value
