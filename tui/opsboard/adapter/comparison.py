"""What can be compared of a version of a model, or of a run: one side of a comparison.

A source describes each side by itself (:meth:`.Source.comparand`); which differ, and which is the
better one, the board tells. So sides of different sources stand side by side, too.
"""

from enum import StrEnum
from typing import Final

from opsboard.frozen import Frozen, UtcDatetime, frozen
from opsboard.records import Ref
from opsboard.text.sanitize import Prose, Text

MAX_COMPARED: Final = 20
"""Sides of a comparison."""
MAX_METRICS: Final = 1_000
"""Metrics of a side; how many more there are is told."""


class BetterSide(StrEnum):
    """Which of two values of a metric is the better one."""

    HIGHER = "higher"
    LOWER = "lower"
    UNKNOWN = ""


@frozen
class ComparedMetric(Frozen):
    """The latest *value* of a metric, which may be NaN or infinite, and when it is *better*.

    *step* is the training step that it is of: what has been logged at steps has a chart.
    """

    name: Text
    value: float
    better: BetterSide = BetterSide.UNKNOWN
    step: int = 0


@frozen
class ComparedGroup(Frozen):
    """Named texts that are compared one by one: parameters, data sets, tags.

    *text* is one of several lines, such as a template: what changes in it is shown line by line.
    Where *unknown* says why nothing is known, it is not taken for empty.
    """

    title: Text
    pairs: tuple[tuple[Text, Text], ...] = ()
    unknown: Text = ""
    text: Prose = ""


@frozen
class Comparand(Frozen):
    """One side: *title* is what it is called in short (``v7``), of *subject* (its model).

    *note* is what sets it apart, such as its aliases. *leads* says that it is what serves: the
    others are compared with it. *metrics* are ``None`` of what is never measured, such as a
    prompt; *more_metrics* are left out of them. *notes* say what could not be read.
    """

    ref: Ref
    title: Text
    subject: Text = ""
    note: Text = ""
    leads: bool = False
    environment: Text = ""
    created_at: UtcDatetime | None = None
    metrics: tuple[ComparedMetric, ...] | None = ()
    more_metrics: int = 0
    groups: tuple[ComparedGroup, ...] = ()
    notes: tuple[Text, ...] = ()
