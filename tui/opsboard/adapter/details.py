"""Details: what one record looks like from near."""

from datetime import datetime
from typing import Final, TypeAlias

from pydantic import BaseModel, ConfigDict

from opsboard.clean import Prose, Text
from opsboard.escaping import escaped
from opsboard.records import Ref, Status
from opsboard.records.schema import Told

_DETAIL: Final = ConfigDict(frozen=True, extra="forbid", defer_build=True)
"""No detail is shown in the first frame, which need not wait for what validates them."""


class Fact(BaseModel):
    """One labelled value."""

    model_config = _DETAIL

    label: Text
    value: Prose
    status: Status | None = None

    @property
    def in_one_line(self) -> "Fact":
        """This fact with all of its value in one line, which cannot be taken for several facts."""
        return self.model_copy(update={"value": escaped(self.value)})


class Facts(BaseModel):
    """A section of labelled values."""

    model_config = _DETAIL

    title: Text
    facts: tuple[Fact, ...]


class GridRow(BaseModel):
    """A row of a :class:`Grid`. With *ref*, it can be entered: for its own detail or its log."""

    model_config = _DETAIL

    cells: tuple[Text, ...]
    status: Status | None = None
    ref: Ref | None = None


class Grid(BaseModel):
    """A section that is a small table: steps of a job, pods of a roll-out, versions of a model.

    Every row has as many cells as there are *columns*. Times are cells as ISO 8601 text; the
    screen shows them as ages.
    """

    model_config = _DETAIL

    title: Text
    columns: tuple[Text, ...]
    rows: tuple[GridRow, ...] = ()
    empty: Text = "none"


class Point(BaseModel):
    """A value of a series at a training step and, where known, a time."""

    model_config = _DETAIL

    value: float
    step: int = 0
    at: datetime | None = None


class Series(BaseModel):
    """A section that is plotted, with its *threshold* where it has one."""

    model_config = _DETAIL

    title: Text
    points: tuple[Point, ...]
    threshold: float | None = None


class Passage(BaseModel):
    """A section of plain text of several lines: a description, a failure's output."""

    model_config = _DETAIL

    title: Text
    text: Prose


Section: TypeAlias = Facts | Grid | Series | Passage


class Detail(BaseModel):
    """All that is shown of one record. *record* is as fresh as the sections are."""

    model_config = _DETAIL

    record: Told
    sections: tuple[Section, ...] = ()
