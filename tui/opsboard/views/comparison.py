"""Versions or runs side by side: what differs, by how much, and which is the better one.

The first side is what the others are compared with: the one that serves, else the oldest. Nothing
is judged where it is not known on which side a metric is better, where sources disagree on that,
or where a value is no number.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from opsboard.adapter import BetterSide, Comparand, ComparedGroup, ComparedMetric, Effect
from opsboard.masking import MASK
from opsboard.text.line_diff import changed_lines
from opsboard.text.numbers import format_metric

_WHOLE_TEXT: Final = "text"
"""What the text of several lines is called among what is the same."""
CHARTS: Final = 4
"""Metrics whose charts are drawn."""


class MetricRow(NamedTuple):
    """A metric of all sides: its *values*, as *texts*, ``None`` and ``""`` where a side has none.

    *best* are the sides with the best value; *deltas* the differences from the first side, and
    *effects* what these are, ``None`` where there is nothing to judge. Both begin with the
    second side.
    """

    name: str
    values: Sequence[float | None]
    texts: Sequence[str]
    better: BetterSide
    best: frozenset[int]
    deltas: Sequence[str]
    effects: Sequence[Effect | None]
    has_steps: bool

    @property
    def differs(self) -> bool:
        """Whether the sides have different values, or not all have one."""
        first = self.values[0]
        return any(not _is_same(one, first) for one in self.values[1:])

    @property
    def is_unjudged(self) -> bool:
        """Whether values differ, and it is not known which one is better."""
        known = [one for one in self.values if one is not None]
        return self.differs and len(known) > 1 and not self.better


class TextRow(NamedTuple):
    """A name, and the text of each side; ``None`` where a side has none."""

    name: str
    texts: tuple[str | None, ...]


class TextDiff(NamedTuple):
    """What changes from the text of the side *before* to that of *after*, by their numbers."""

    before: int
    after: int
    lines: Sequence[str]


class GroupComparison(NamedTuple):
    """The texts of a group: *rows* of those that differ, *diffs* of the one of several lines.

    *same* names are equal on all sides. *masked* ones hold a secret, and are not compared.
    *unknown* says why nothing is known of a side, by its number.
    """

    title: str
    rows: Sequence[TextRow]
    same: Sequence[str]
    masked: Sequence[str]
    unknown: Sequence[tuple[int, str]]
    diffs: Sequence[TextDiff] = ()


class Comparison(NamedTuple):
    """All *sides*, in their order, and what differs between them.

    *is_measured* tells whether any side could have metrics.
    """

    sides: Sequence[Comparand]
    metrics: Sequence[MetricRow]
    groups: Sequence[GroupComparison]
    is_measured: bool = True

    @property
    def differing(self) -> Sequence[MetricRow]:
        """The metrics whose values differ."""
        return [row for row in self.metrics if row.differs]

    @property
    def unjudged(self) -> Sequence[str]:
        """The metrics that differ, of which nobody knows on which side they are better."""
        return [row.name for row in self.metrics if row.is_unjudged]

    @property
    def charted(self) -> Sequence[str]:
        """The metrics to draw: of those that are logged at steps the first, differing ones before
        others."""
        stepped = [row for row in self.metrics if row.has_steps]
        ordered = sorted(stepped, key=lambda row: not row.differs)
        return [row.name for row in ordered[:CHARTS]]


def compare(sides: Sequence[Comparand]) -> Comparison:
    """Return the comparison of *sides*; of one alone, nothing differs."""
    ordered = ordered_sides(sides)
    measured = any(side.metrics is not None for side in ordered)
    return Comparison(ordered, list(_metric_rows(ordered)), list(_groups(ordered)), measured)


def ordered_sides(sides: Sequence[Comparand]) -> Sequence[Comparand]:
    """Return *sides*, what serves first, then by age, as they were given where that is unknown."""
    return sorted(sides, key=_place)


def _place(side: Comparand) -> tuple[bool, float]:
    return not side.leads, side.created_at.timestamp() if side.created_at else math.inf


# --- metrics -------------------------------------------------------------------------------------


def _metric_rows(sides: Sequence[Comparand]) -> Iterator[MetricRow]:
    by_side = [{metric.name: metric for metric in side.metrics or ()} for side in sides]
    for name in dict.fromkeys(name for metrics in by_side for name in metrics):
        yield _metric_row(name, [metrics.get(name) for metrics in by_side])


def _metric_row(name: str, metrics: Sequence[ComparedMetric | None]) -> MetricRow:
    values = [metric.value if metric else None for metric in metrics]
    better = _agreed([metric.better for metric in metrics if metric])
    first = values[0]
    return MetricRow(
        name,
        values,
        figures(values),
        better,
        _best(values, better),
        [_delta(first, value) for value in values[1:]],
        [_effect(first, value, better) for value in values[1:]],
        any(metric is not None and metric.step != 0 for metric in metrics),
    )


def _agreed(said: Sequence[BetterSide]) -> BetterSide:
    return said[0] if len(set(said)) == 1 else BetterSide.UNKNOWN


def figures(values: Sequence[float | None]) -> Sequence[str]:
    """Return *values* as they are written everywhere, or in full where that hides a difference."""
    known = {value for value in values if value is not None and not math.isnan(value)}
    hides = len(set(map(format_metric, known))) < len(known)
    write = str if hides else format_metric
    return ["" if value is None else write(value) for value in values]


def _is_same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return one == other or (math.isnan(one) and math.isnan(other))


def _best(values: Sequence[float | None], better: BetterSide) -> frozenset[int]:
    """Return the sides with the best value, where there is a choice, and it is known what is."""
    known = [value for value in values if value is not None]
    if not better or len(known) < 2 or any(map(math.isnan, known)) or len(set(known)) < 2:
        return frozenset()
    best = max(known) if better is BetterSide.HIGHER else min(known)
    return frozenset(side for side, value in enumerate(values) if value == best)


def _delta(before: float | None, after: float | None) -> str:
    if before is None or after is None:
        return ""
    delta = after - before
    if delta == 0 or math.isnan(delta):
        return ""
    text = format_metric(delta)
    return text if delta < 0 else f"+{text}"


def _effect(before: float | None, after: float | None, better: BetterSide) -> Effect | None:
    if before is None or after is None or before == after:
        return None
    if not better or math.isnan(before) or math.isnan(after):
        return Effect.NEUTRAL
    rises = after > before
    return Effect.BETTER if rises == (better is BetterSide.HIGHER) else Effect.WORSE


# --- texts ---------------------------------------------------------------------------------------


def _groups(sides: Sequence[Comparand]) -> Iterator[GroupComparison]:
    by_side = [{group.title: group for group in side.groups} for side in sides]
    for title in dict.fromkeys(group.title for side in sides for group in side.groups):
        yield _group(title, [groups.get(title, ComparedGroup(title=title)) for groups in by_side])


def _group(title: str, groups: Sequence[ComparedGroup]) -> GroupComparison:
    """Compare the sides that are known; a text of two known sides is the same, or it differs."""
    unknown = [(side, group.unknown) for side, group in enumerate(groups) if group.unknown]
    known = [side for side, group in enumerate(groups) if not group.unknown]
    texts = [dict(group.pairs) for group in groups]
    rows, same, masked = [], [], []
    for name in dict.fromkeys(name for group in groups for name, _ in group.pairs):
        values = [text.get(name) for text in texts]
        if any(value is not None and MASK in value for value in values):
            masked.append(name)
        elif len({values[side] for side in known}) > 1:
            rows.append(TextRow(name, tuple(values)))
        elif len(known) > 1:
            same.append(name)
    diffs = list(_diffs([groups[side].text for side in known], known))
    if any(groups[side].text for side in known) and len(known) > 1 and not diffs:
        same.append(_WHOLE_TEXT)
    return GroupComparison(title, rows, same, masked, unknown, diffs)


def _diffs(texts: Sequence[str], sides: Sequence[int]) -> Iterator[TextDiff]:
    """Yield what changes from the first of *texts*, each of which is of one of *sides*."""
    for side, text in zip(sides[1:], texts[1:], strict=True):
        if text != texts[0]:
            lines = tuple(changed_lines(texts[0].splitlines(), text.splitlines()))
            yield TextDiff(sides[0], side, lines)
