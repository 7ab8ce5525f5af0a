"""Functions of a third party that are called while the board is drawn: they may raise anything.

What raises is written to the log once, and stands for nothing: an empty cell, no alert. The kinds
of the board itself are not guarded: a fault of theirs is a fault of the program.
"""

import copy
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, cast

from opsboard.kinds.columns import Cell, Column
from opsboard.kinds.declaration import RecordKind
from opsboard.kinds.rules import FailureRule
from opsboard.records import Record
from opsboard.text.sanitize import sanitize

_log = logging.getLogger(__name__)
_COMPARABLE: Final = (bool, int, float, str)


def guarded(kind: RecordKind, origin: str) -> RecordKind:
    """Return *kind*, declared by *origin*, with all of its functions guarded."""
    safe = copy.copy(kind)
    safe.origin = origin
    said: set[str] = set()

    def guard(function: Callable[..., Any], fallback: Callable[..., Any], what: str) -> Any:
        def call(*arguments: Any) -> Any:
            try:
                return function(*arguments)
            except Exception:  # a third party's function may raise anything
                if what not in said:
                    said.add(what)
                    _log.exception("the kind %s of %s: %s", kind.name, origin, what)
                return fallback(*arguments)

        return call

    if kind.pane is not None:
        columns = tuple(_guarded_column(column, guard) for column in kind.pane.columns)
        safe.pane = replace(kind.pane, columns=columns)
    if kind.failures is not None:
        safe.failures = _guarded_rule(kind.failures, guard)
    safe.qualified_name = guard(kind.qualified_name, lambda record: record.name, "qualified_name")
    safe.unique_in = guard(kind.unique_in, lambda record: record.source, "unique_in")
    return safe


def _guarded_rule(rule: FailureRule[Any], guard: Callable[..., Any]) -> FailureRule[Any]:
    safe: Any = FailureRule()
    safe.is_run, safe.is_remembered = rule.is_run, rule.is_remembered
    safe.ends_with_record = rule.ends_with_record
    for name in ("subject", "versions", "fails", "ended_at", "restart_number"):
        fallback = getattr(FailureRule(), name)
        setattr(safe, name, guard(getattr(rule, name), fallback, f"failures.{name}"))
    return cast("FailureRule[Any]", safe)


def _guarded_column(column: Column, guard: Callable[..., Any]) -> Column:
    def show(record: Record, now: datetime) -> Cell:
        cell = column.show(record, now)
        text = sanitize(cell.text)
        return cell if text == cell.text else cell._replace(text=text)

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
    )
