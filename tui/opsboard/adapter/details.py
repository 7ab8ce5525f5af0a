"""What is shown of one record on request: its page (:class:`Detail`)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic import Field as Held

from opsboard.records import Record, Ref, Status
from opsboard.records.codec import RecordField
from opsboard.text.escaping import escaped
from opsboard.text.sanitize import Prose, Text

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


class RowAction(BaseModel):
    """How one action takes a row that stands for less than a record: a revision, an environment.

    *action* is the id of an :class:`~opsboard.adapter.ActionSpec` for the record that the row
    belongs to; *values* are what its form begins with and its plan is made with. Where
    *disabled_reason* is set, the row cannot be the target of that action, and this is why.
    """

    model_config = _DETAIL

    action: Text
    values: Mapping[str, str] = Held(default_factory=dict)
    disabled_reason: Text = ""


class GridRow(BaseModel):
    """A row of a :class:`Grid`, and what is meant by a key that is pressed on it.

    With *ref*, it stands for that record: it can be entered for its own detail or its log, and is
    what actions are about. *record* is that record as it was read, where the board may not list
    it: its actions are decided from it. Without either, the row belongs to the record on show;
    *part* is what of it the row stands for, as an operator calls it (``revision 53``), and
    *actions* say how it is taken. All other actions are about the whole record. A *part* without
    actions is one of the log (:class:`~opsboard.adapter.LogLine`): there it is opened from this
    row.
    """

    model_config = _DETAIL

    cells: tuple[Text, ...]
    status: Status | None = None
    ref: Ref | None = None
    record: RecordField | None = None
    part: Text = ""
    actions: tuple[RowAction, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _refers_to_its_record(cls, values: Any) -> Any:
        """Take the ref from the record, so that they cannot name two things."""
        record = values.get("record") if isinstance(values, Mapping) else None
        return {**values, "ref": record.ref} if isinstance(record, Record) else values

    def action(self, action: str) -> RowAction | None:
        """Return how *action* takes this row, if it does."""
        return next((one for one in self.actions if one.action == action), None)


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
    """A section that is plotted, with its *threshold* where it has one. The last point is the
    present one.

    *axis* is what it is plotted by. Left open, that is the step where steps differ, else the time.
    """

    model_config = _DETAIL

    title: Text
    points: tuple[Point, ...]
    threshold: float | None = None
    axis: Literal["", "step", "time"] = ""


class TextSection(BaseModel):
    """A section of plain text of several lines: a description, a failure's output."""

    model_config = _DETAIL

    title: Text
    text: Prose


Section: TypeAlias = Facts | Grid | Series | TextSection


class Detail(BaseModel):
    """All that is shown of one record. *record* is as fresh as the sections are."""

    model_config = _DETAIL

    record: RecordField
    sections: tuple[Section, ...] = ()
