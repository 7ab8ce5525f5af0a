"""Functions of a third party that are called while the board is drawn: they may raise anything.

What raises is written to the log once, and stands for nothing: an empty cell, no alert. The kinds
of the board itself are not guarded: a fault of theirs is a fault of the program.
"""

import copy
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, TypeAlias, cast

from opsboard.kinds.columns import Cell, CellRole, Column
from opsboard.kinds.declaration import RecordKind
from opsboard.kinds.names import Place
from opsboard.kinds.rules import AlertRule, ChangeRule, FailureRule
from opsboard.records import Alert, Kind, Record, Ref, Status
from opsboard.text.sanitize import sanitize

_log = logging.getLogger(__name__)
_COMPARABLE: Final = (bool, int, float, str)
Check: TypeAlias = Callable[..., Any]
"""Called with an answer and what was asked about; returns it, or raises where it is nonsense."""


def guarded(kind: RecordKind, origin: str) -> RecordKind:
    """Return *kind*, declared by *origin*, with all of its functions guarded."""
    safe = copy.copy(kind)
    safe.origin = origin
    said: set[str] = set()

    def guard(function: Any, fallback: Any, what: str, check: Check = _as_it_is) -> Any:
        def call(*arguments: Any) -> Any:
            try:
                return check(function(*arguments), *arguments)
            except Exception:  # a third party's function may raise anything
                if what not in said:
                    said.add(what)
                    _log.exception("the kind %s of %s: %s", kind.name, origin, what)
                return fallback(*arguments)

        return call

    if kind.pane is not None:
        columns = tuple(_guarded_column(column, guard) for column in kind.pane.columns)
        safe.pane = replace(kind.pane, columns=columns)
    safe.alert = kind.alert and _guarded_alert(kind.alert, guard)
    safe.failures = kind.failures and _guarded_rule(kind.failures, guard)
    safe.changes = kind.changes and _guarded_changes(kind.changes, guard)
    name, where = kind.qualified_name, kind.unique_in
    safe.qualified_name = guard(name, lambda record: record.name, "qualified_name", _text)
    safe.unique_in = guard(where, lambda record: record.source, "unique_in", _text)
    about, place = kind.stands_for, kind.place
    safe.place = place and guard(place, lambda _record: Place(), "place", _place)
    safe.stands_for = about and guard(about, lambda _record: (), "stands_for", _refs)
    return safe


# --- what an answer has to be: anything else counts as raised ------------------------------------


def _as_it_is(value: Any, *_: Any) -> Any:
    return value


def _text(value: Any, *_: Any) -> str:
    if not value:
        raise ValueError("an empty answer")
    return sanitize(value)


def _truth(value: Any, *_: Any) -> bool:
    return bool(value)


def _number_or_none(value: Any, *_: Any) -> int | None:
    return None if value is None else int(value)


def _texts(value: Any, *_: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        raise TypeError("one text, and not several")
    return tuple(map(sanitize, value))


def _pair(value: Any, *_: Any) -> tuple[str, str] | None:
    if value is None:
        return None
    before, after = _texts(value)
    return before, after


def _series(value: Any, *_: Any) -> tuple[str, ...] | None:
    return None if value is None else _exact(value, str)


def _subject(value: Any, record: Record) -> tuple[str, ...]:
    subject = _exact(value, str)
    if subject[:1] != (record.source,):
        raise ValueError("a subject begins with the name of the source")
    return subject


def _exact(value: Any, cls: type[Any]) -> tuple[Any, ...]:
    if not isinstance(value, tuple) or not all(isinstance(part, cls) for part in value):
        raise TypeError(f"{type(value).__name__}, and no tuple of {cls.__name__}")
    return value


def _refs(value: Any, *_: Any) -> tuple[Ref, ...]:
    return _exact(tuple(value), Ref)


def _place(value: Any, *_: Any) -> Place:
    cluster, namespace = value
    return Place(sanitize(cluster), sanitize(namespace))


def _number(value: Any, *_: Any) -> float | None:
    return None if value is None else float(value)


def _position(value: Any, *_: Any) -> tuple[float, int, str]:
    at, number, name = value
    return float(at), int(number), str(name)


def _time(value: Any, *_: Any) -> datetime | None:
    if value is not None and (not isinstance(value, datetime) or value.tzinfo is None):
        raise TypeError("no time that knows its zone")
    return value


def _alert_ref(value: Any, record: Record) -> Ref:
    if (value.source, value.kind) != (record.source, Kind.ALERT):
        raise ValueError("an alert is of the source of its record")
    return Ref(record.source, Kind.ALERT, _text(value.id))


def _alert(value: Any, record: Record, _at: datetime) -> Alert | None:
    if value is None:
        return None
    if type(value) is not Alert or (value.source, value.about) != (record.source, record.ref):
        raise TypeError("no Alert about the record")
    _text(value.id)
    return value


_ALERT_CHECKS: Final[Mapping[str, Check]] = {
    "series": _series,
    "has_verdict": _truth,
    "position": _position,
    "has_recovered": _truth,
    "is_retried": _truth,
    "alert_ref": _alert_ref,
    "alert": _alert,
}
_ALERT_FALLBACKS: Final[Mapping[str, Callable[..., Any]]] = {
    "series": lambda _record, _rules: None,
    "has_verdict": lambda _record: False,
    "position": lambda record: (0.0, 0, record.id),
    "has_recovered": lambda _record: False,
    "is_retried": lambda _record: False,
    "alert_ref": lambda record: record.ref,
    "alert": lambda _record, _at: None,
}
_FAILURE_CHECKS: Final[Mapping[str, Check]] = {
    "subject": _subject,
    "versions": _texts,
    "fails": _truth,
    "ended_at": _time,
    "restart_number": _number_or_none,
}


def _guarded_alert(rule: AlertRule[Any], guard: Callable[..., Any]) -> AlertRule[Any]:
    safe = copy.copy(rule)
    for name, check in _ALERT_CHECKS.items():
        call = guard(getattr(rule, name), _ALERT_FALLBACKS[name], f"alert.{name}", check)
        vars(safe)[name] = call
    return safe


def _guarded_rule(rule: FailureRule[Any], guard: Callable[..., Any]) -> FailureRule[Any]:
    safe: Any = FailureRule()
    safe.is_run, safe.is_remembered = bool(rule.is_run), bool(rule.is_remembered)
    safe.ends_with_record = bool(rule.ends_with_record)
    for name, check in _FAILURE_CHECKS.items():
        fallback = getattr(FailureRule(), name)
        setattr(safe, name, guard(getattr(rule, name), fallback, f"failures.{name}", check))
    return cast("FailureRule[Any]", safe)


def _guarded_changes(rule: ChangeRule[Any], guard: Callable[..., Any]) -> ChangeRule[Any]:
    safe = copy.copy(rule)
    words = guard(rule.words, lambda _before, _after: None, "changes.words", _pair)
    vars(safe)["words"] = words
    vars(safe)["arrival"] = guard(rule.arrival, lambda _: "created", "changes.arrival", _text)
    vars(safe)["is_there"] = guard(rule.is_there, lambda _: True, "changes.is_there", _truth)
    return safe


def _guarded_column(column: Column, guard: Callable[..., Any]) -> Column:
    def show(record: Record, now: datetime) -> Cell:
        cell: object = column.show(record, now)
        if not isinstance(cell, Cell):
            raise TypeError(f"{type(cell).__name__}, and no Cell")
        status = None if cell.status is None else Status(cell.status)
        return Cell(sanitize(cell.text), status, CellRole(cell.role))

    first: list[type] = []

    def key(record: Record) -> Any:
        value = column.key(record)
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = float(value)
        elif not isinstance(value, _COMPARABLE):
            value = repr(value)
        if not first:
            first.append(type(value))
        return value if type(value) is first[0] else first[0]()

    def nothing(_record: Record) -> Any:
        return first[0]() if first else ""

    return replace(
        column,
        show=guard(show, lambda _record, _now: Cell(""), f"the column {column.id}"),
        key=guard(key, nothing, f"the order by {column.id}"),
        number=column.number
        and guard(column.number, lambda _record: None, f"the amount of {column.id}", _number),
    )
