"""Columns: what a table shows of a record, and what it is sorted by.

Helpers make the usual ones (:func:`text_column`, :func:`number_column`, :func:`age_column`); the
columns that most tables have are here ready-made.
"""

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from opsboard.environments.rules import in_full
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.kinds.ages import age, since_epoch
from opsboard.records import Record, Status
from opsboard.text.numbers import format_metric


class CellRole(StrEnum):
    """What a cell is, where that decides how it is drawn."""

    PLAIN = ""
    GLYPH = "glyph"
    MUTED = "muted"
    FAINT = "faint"
    STRONG = "strong"
    ENVIRONMENT = "environment"
    PRODUCTION = "production"


class Cell(NamedTuple):
    """A text, with the status that colours it, if any.

    A cell of several *parts*, such as the last runs of a branch, is drawn as these, one beside the
    other; its text is what a filter and a pipe read. One whose text is an age has the time that it
    counts from in *since*.
    """

    text: str
    status: Status | None = None
    role: CellRole = CellRole.PLAIN
    parts: "tuple[Cell, ...]" = ()
    since: datetime | None = None


Show = Callable[[Any, datetime], Cell]
Key = Callable[[Any], Any]


@frozen_unchecked
class Column(Frozen):
    """How one property of a record is shown and sorted.

    *width* is the least it can do with, *most* what it takes if there is room. Of the columns
    that do not fit, the ones with the highest *priority* number are left out first. *ticks* says
    that the cell changes as time passes. *key* gives values of one type that can be compared.
    *field* is the field that it shows, where it is just one. *number* is what a filter compares,
    a number or ``None``, where that is not the *key*. *key_descending* is the key where the
    greatest come first, if turning the order round would not do: of blanks, which stay last.
    *values* are all words that it can show, where it shows one of a few.
    """

    id: str
    title: str
    show: Show
    key: Key
    width: int
    most: int = 0
    priority: int = 1
    right: bool = False
    ticks: bool = False
    field: str = ""
    number: Key | None = None
    key_descending: Key | None = None
    values: tuple[str, ...] = ()

    @property
    def widest(self) -> int:
        """The most room that it takes."""
        return max(self.width, self.most)


def text_column(
    field: str, title: str, width: int, most: int = 0, *, priority: int = 1, name: str = ""
) -> Column:
    """Return a column that shows the text in *field* as it is; ``None`` as nothing."""
    return Column(
        name or field,
        title,
        lambda record, _: Cell(getattr(record, field) or ""),
        lambda record: (getattr(record, field) or "").casefold(),
        width,
        most,
        priority,
        field=field,
    )


def number_column(
    field: str, title: str, width: int, *, priority: int = 1, quiet: float = 0
) -> Column:
    """Return a column that shows the number in *field*; where it is *quiet*, without weight."""

    def show(record: Record, _: datetime) -> Cell:
        value = getattr(record, field)
        role = CellRole.MUTED if value == quiet else CellRole.PLAIN
        return Cell(format_metric(value) if isinstance(value, float) else f"{value:,}", role=role)

    def key(record: Record) -> float:
        value: float | None = getattr(record, field)
        return -math.inf if value is None or math.isnan(value) else value

    return Column(
        field,
        title,
        lambda record, now: Cell("") if getattr(record, field) is None else show(record, now),
        key,
        width,
        priority=priority,
        right=True,
        field=field,
    )


def _glyph(record: Record, _: datetime) -> Cell:
    return Cell(record.status.value, record.display_status, CellRole.GLYPH)


def _reason(record: Record, _: datetime) -> Cell:
    return Cell(record.reason, record.display_status)


def _environment(record: Record, _: datetime) -> Cell:
    return Cell(record.environment, role=CellRole.ENVIRONMENT)


def concern(record: Record) -> int:
    """Return what to sort by for the worst first: of what is as bad, what is in production."""
    severity = record.display_status.severity
    is_wrong = severity >= Status.WARNING.severity
    return 2 * severity + (is_wrong and in_full(record.environment) == "production")


STATUS = Column("status", "", _glyph, concern, 1, priority=0)
NAME = text_column("name", "name", 14, 40, priority=0)
REASON = Column("reason", "reason", _reason, lambda record: record.reason.casefold(), 16, 22)
"""Wide enough for ``CrashLoopBackOff`` and ``ImagePullBackOff``, which are the point of a row."""
MESSAGE = text_column("message", "message", 12, 120, priority=3)
ENVIRONMENT = Column(
    "environment", "env", _environment, lambda record: record.environment, 10, 12, priority=1
)
SOURCE = text_column("source", "source", 8, 20, priority=8)


def shows_own_status(column: Column) -> bool:
    """Tell whether *column* has the status of a record itself: a server may have a word so called.

    ``Ready`` of a node stands in a column ``status``, too, and is not what the board makes of it.
    """
    return column.field == "status" or (column.id == "status" and not column.field)


_FRESH, _OLD = timedelta(minutes=10), timedelta(days=7)


def age_cell(at: datetime | None, now: datetime) -> Cell:
    """Return how long ago *at* was: what is fresh without dimming, what is long past faint."""
    if at is None:
        return Cell("")
    span = now - at
    role = CellRole.PLAIN if span < _FRESH else CellRole.FAINT if span > _OLD else CellRole.MUTED
    return Cell(age(at, now), role=role, since=at)


def age_column(field: str, title: str = "age", *, priority: int = 1, name: str = "age") -> Column:
    """Return a column that shows how long ago the time in *field* was."""
    return Column(
        name,
        title,
        lambda record, now: age_cell(getattr(record, field), now),
        lambda record: since_epoch(getattr(record, field)),
        5,
        max(6, len(title)),
        priority,
        right=True,
        ticks=True,
        field=field,
    )
