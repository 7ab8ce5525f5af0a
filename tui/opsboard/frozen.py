"""Frozen dataclasses that coerce what is put into them: text is sanitized, times are aware, in UTC.

Records are made of these, tens of thousands at a time and before the first frame, which does not
import pydantic. They check what an adapter may get wrong and a type checker does not see. Pydantic
can read and write them all the same (see :mod:`opsboard.records.codec`). Why this is not attrs:
``docs/adr/0011-own-frozen-records.md``.
"""

import sys
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass
from datetime import UTC, datetime
from enum import Enum
from operator import itemgetter
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    ClassVar,
    Final,
    TypeAlias,
    TypeVar,
    Union,
    dataclass_transform,
    get_args,
    get_origin,
    get_type_hints,
)

from opsboard.text.sanitize import Sanitized, Text, is_sanitized

Coercer: TypeAlias = Callable[[Any], Any]
"""Returns the coerced value; raises :exc:`TypeError` or :exc:`ValueError` where it cannot be."""


class _Aware:
    """Marks a field for an aware time, which is converted to UTC. Text in ISO 8601 is parsed."""

    def __get_pydantic_core_schema__(self, _source: object, _handler: object) -> Any:
        from pydantic_core.core_schema import (  # noqa: PLC0415 - only if it is used
            datetime_schema,
            no_info_after_validator_function,
        )

        return no_info_after_validator_function(_in_utc, datetime_schema(tz_constraint="aware"))

    def __call__(self, value: object) -> object:
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        if not isinstance(value, datetime):
            raise TypeError(f"must be a time, not {type(value).__name__}")
        if value.tzinfo is None:
            raise ValueError("must be a time that knows its zone")
        return _in_utc(value)


def _in_utc(value: datetime) -> datetime:
    if value.tzinfo is UTC:
        return value
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("must be a time that UTC has too") from None


UtcDatetime = Annotated[datetime, _Aware()]
"""A field that holds an aware time, in UTC."""


class Frozen:
    """Base class for :func:`frozen` and :func:`frozen_unchecked`.

    The methods that :mod:`dataclasses` would generate and compile for each class are here once.
    """

    if TYPE_CHECKING:
        __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    def __init__(self, *ordered: Any, **values: Any) -> None:
        if ordered:
            values.update(zip(self.__dataclass_fields__, ordered, strict=False))
        form = _layout_of(type(self))
        fields = form.new_fields(self)
        fields.update(values)
        if len(fields) != len(form.defaults) or not values.keys() >= form.required:
            raise TypeError(_argument_error(form, type(self), values))
        self.__post_init__()

    def __post_init__(self) -> None:
        """Coerce the fields. Pydantic, which sets the fields by itself, calls this too."""
        fields, form = self.__dict__, _layout_of(type(self))
        # most texts are clean, so all of them are checked at once first
        for name, fit, default in (
            form.other_coercers if _all_sanitized(form.texts(fields)) else form.coercers
        ):
            value = fields[name]
            if value is default:
                continue
            try:
                fields[name] = fit(value)
            except (TypeError, ValueError) as error:
                raise type(error)(f"{type(self).__name__}.{name}: {error}") from None

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash(tuple(self.__dict__[name] for name in self.__dataclass_fields__))

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in self.__dict__.items())
        return f"{type(self).__name__}({fields})"

    def __setattr__(self, name: str, value: object) -> None:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> None:
        raise FrozenInstanceError(f"cannot delete field {name!r}")


C = TypeVar("C", bound=type[Frozen])


@dataclass_transform(frozen_default=True)
def frozen_unchecked(cls: C) -> C:
    """Make *cls*, a subclass of :class:`Frozen`, a frozen dataclass without coercion.

    For values that only this program makes, before the first frame: it takes a tenth of the time
    of :func:`dataclasses.dataclass`.
    """
    made: C = dataclass(init=False, repr=False, eq=False)(cls)  # type: ignore[assignment]
    _COERCERS[made] = ()
    return made


@dataclass_transform(kw_only_default=True, frozen_default=True)
def frozen(cls: C) -> C:
    """Make *cls*, a subclass of :class:`Frozen`, a frozen dataclass with keyword-only fields."""
    made: C = dataclass(init=False, repr=False, eq=False, kw_only=True)(cls)  # type: ignore[assignment]
    return made


_LAYOUTS: Final[dict[type, "_ClassLayout"]] = {}


_SHARES_KEYS: Final = sys.version_info >= (3, 13)
"""Whether Python keeps the values of fields without their names, however they are set."""


class _ClassLayout:
    """The fields of a class in their order, with defaults and coercers.

    *texts* returns the values of all single-line text fields; *other_coercers* are those of the
    remaining fields.
    """

    def __init__(self, cls: type[Frozen]) -> None:
        self.defaults = {f.name: f.default for f in cls.__dataclass_fields__.values()}
        missing = (name for name, default in self.defaults.items() if default is MISSING)
        blank = vars(_blank_of(cls, self.defaults))
        is_shared = not _SHARES_KEYS and sys.getsizeof(blank) < sys.getsizeof(self.defaults)
        self._blank = blank if is_shared else None
        self.required = dict.fromkeys(missing).keys()
        self.coercers = [(name, fit, self.defaults[name]) for name, fit in coercers(cls)]
        self.other_coercers = [
            looked_at for looked_at in self.coercers if looked_at[1] is not _SANITIZE
        ]
        lines = [name for name, fit in coercers(cls) if fit is _SANITIZE]
        self.texts: Callable[[Mapping[str, Any]], Iterable[Any]] = (
            itemgetter(*lines) if lines else _none
        )

    def new_fields(self, made: "Frozen") -> dict[str, Any]:
        """Give *made* the defaults of all fields, and return them to be written over.

        Objects of a class share the names of their fields, if those are no more than 30, where they
        are set one by one, which takes too long, or copied from an object of which they were: each
        is 500 bytes smaller then.
        """
        if self._blank is None:
            fields = vars(made)
            fields.update(self.defaults)
            return fields
        fields = self._blank.copy()
        object.__setattr__(made, "__dict__", fields)
        return fields


def _blank_of(cls: type[Frozen], defaults: Mapping[str, Any]) -> Frozen:
    blank = object.__new__(cls)
    for name, default in defaults.items():
        object.__setattr__(blank, name, default)
    return blank


def _layout_of(cls: type[Frozen]) -> _ClassLayout:
    known = _LAYOUTS.get(cls)
    if known is None:
        known = _LAYOUTS[cls] = _ClassLayout(cls)
    return known


def _none(_: object) -> Iterable[Any]:
    return ()


def _all_sanitized(texts: Iterable[Any]) -> bool:
    try:
        together = "".join(texts)
    except TypeError:
        return False
    return is_sanitized(together)


def _argument_error(form: _ClassLayout, cls: type[Frozen], values: Mapping[str, Any]) -> str:
    """Return the message for *values* that do not fit the fields of *cls*."""
    unknown = [name for name in values if name not in form.defaults]
    if unknown:
        return f"{cls.__name__}() got an unexpected keyword argument {unknown[0]!r}"
    return f"{cls.__name__}() misses {', '.join(form.required - values.keys())}"


def coercers(cls: type) -> tuple[tuple[str, Coercer], ...]:
    """Return the fields of *cls* that are coerced, each with its coercer."""
    known = _COERCERS.get(cls)
    if known is None:
        known = _COERCERS[cls] = tuple(_iter_coercers(cls))
    return known


_COERCERS: Final[dict[type, tuple[tuple[str, Coercer], ...]]] = {}


def field_hints(cls: type) -> Mapping[str, Any]:
    """Return the types of the fields of *cls*, with their marks; looked up once for each class.

    Raises whatever an annotation raises that cannot be evaluated.
    """
    known = _HINTS.get(cls)
    if known is None:
        known = _HINTS[cls] = get_type_hints(cls, include_extras=True)
    return known


_HINTS: Final[dict[type, Mapping[str, Any]]] = {}


def _iter_coercers(cls: type) -> Iterator[tuple[str, Coercer]]:
    for name, hint in field_hints(cls).items():
        if (fit := coercer_of(hint)) is not None:
            yield name, fit


def coercer_of(hint: Any) -> Coercer | None:
    """Return the coercer for values of type *hint*, or ``None`` where any value is taken."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return next((mark for mark in args[1:] if isinstance(mark, Sanitized | _Aware)), None)
    if origin in {Union, types.UnionType}:
        return _optional(args)
    if origin is tuple:
        return _each(coercer_of(args[0]))
    return _plain(hint)


def _plain(hint: Any) -> Coercer | None:
    if not isinstance(hint, type):
        return None
    if issubclass(hint, tuple) and hasattr(hint, "_fields"):
        return _named(hint)
    if issubclass(hint, Frozen):
        return lambda value: hint(**value) if isinstance(value, Mapping) else value
    if issubclass(hint, Enum) or (issubclass(hint, str) and hint is not str):
        return lambda value: value if type(value) is hint else hint(value)
    return _NUMBERS.get(hint)


def _optional(args: tuple[Any, ...]) -> Coercer | None:
    hints = [arg for arg in args if arg is not type(None)]
    fit = coercer_of(hints[0]) if len(hints) == 1 else None
    return None if fit is None else lambda value: None if value is None else fit(value)


def _each(fit: Coercer | None) -> Coercer:
    def fit_all(values: Any) -> tuple[Any, ...]:
        if isinstance(values, str):
            raise TypeError("must be several, not one text")
        fitted = tuple(values) if fit is None else tuple(map(fit, values))
        return values if type(values) is tuple and fitted == values else fitted

    return fit_all


def _named(hint: Any) -> Coercer:
    parts = [coercer_of(part) or _identity for part in field_hints(hint).values()]
    lines = [at for at, fit in enumerate(parts) if fit is _SANITIZE]
    others = [(at, fit) for at, fit in enumerate(parts) if fit not in (_SANITIZE, _identity)]

    def fit_parts(value: Any) -> Any:
        fitted = list(value)
        # as in a record: most texts are clean, so all of them are checked at once first
        if len(fitted) != len(parts) or not _all_sanitized(fitted[at] for at in lines):
            return hint(*(fit(part) for fit, part in zip(parts, fitted, strict=True)))
        for at, fit in others:
            fitted[at] = fit(fitted[at])
        return hint(*fitted)

    return _remembered(fit_parts) if all(map(_is_texts, field_hints(hint).values())) else fit_parts


def _is_texts(hint: Any) -> bool:
    bare = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    return isinstance(bare, type) and issubclass(bare, str)


_MOST_REMEMBERED: Final = 16_384


def _remembered(fit: Coercer) -> Coercer:
    """Return *fit*, for tuples of texts, with the last ones remembered.

    Thousands of records state the same identities: they are checked, and kept, once.
    """
    known: dict[object, Any] = {}

    def fit_once(value: Any) -> Any:
        key = tuple(value)
        try:
            found = known.get(key)
        except TypeError:  # a part that is no text: said by the coercer
            return fit(value)
        if found is None:
            found = fit(value)
            if len(known) >= _MOST_REMEMBERED:
                known.clear()
            known[key] = found
        return found

    return fit_once


def _identity(value: object) -> object:
    return value


def _integer(value: object) -> object:
    if not isinstance(value, int):
        raise TypeError(f"must be a whole number, not {type(value).__name__}")
    return value


def _number(value: object) -> object:
    if type(value) is float:
        return value
    if not isinstance(value, int):
        raise TypeError(f"must be a number, not {type(value).__name__}")
    return float(value)


_NUMBERS: Final[dict[Any, Coercer]] = {int: _integer, float: _number}
_SANITIZE: Final = coercer_of(Text)
