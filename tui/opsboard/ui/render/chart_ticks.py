"""Ticks of a chart at even values, and where they stand below it.

Numbers are told at 1, 2, 4 or 5 times a power of ten; times at whole seconds, minutes, hours or
days of the local time, whatever the first point of a series is.
"""

import math
import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Final, NamedTuple

from opsboard.text.numbers import format_metric

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_SPANS: Final = (
    1, 2, 5, 10, 15, 30, _MINUTE, 2 * _MINUTE, 5 * _MINUTE, 10 * _MINUTE, 15 * _MINUTE,
    30 * _MINUTE, _HOUR, 2 * _HOUR, 3 * _HOUR, 6 * _HOUR, 12 * _HOUR, _DAY, 2 * _DAY, 7 * _DAY,
    14 * _DAY, 30 * _DAY, 90 * _DAY, 365 * _DAY,
)  # fmt: skip
"""Seconds between two ticks of time."""
_SMALLEST, _LARGEST, _SHARE = 1e-12, 1e15, 1e-6
"""Spans that have even ticks; of what is beyond, the values at the ends are told."""
_LINES_APART: Final = (2, 3)
"""Lines from one tick of an axis that goes upwards to the next."""
_DIGITS: Final = (1, 2, 4, 5)
"""Leading digits of the distance of two such ticks."""
_APART: Final = 2
"""Blanks between two labels at least."""


class Tick(NamedTuple):
    """A *label* at a value of an axis."""

    at: float
    label: str


class ChartMark(NamedTuple):
    """What happened at a time: a deployment, an alias that was moved, an act."""

    at: datetime
    text: str


def even_values(low: float, high: float, most: int) -> list[float]:
    """Return at most *most* even values from *low* to *high*; none where no such can be told."""
    span, size = high - low, max(abs(low), abs(high))
    if not (_SMALLEST < span < _LARGEST and size < _LARGEST and span > size * _SHARE) or most < 1:
        return []
    power = math.floor(math.log10(span / most))
    for digit in (1, 2, 5, 10, 20):
        step = digit * 10.0**power
        first, last = math.ceil(low / step), math.floor(high / step)
        if last - first < most:
            found = (float(f"{at * step:.12g}") for at in range(first, last + 1))
            return [one for one in found if low <= one <= high]
    return []


class ValueScale(NamedTuple):
    """The ends of an axis that goes upwards, *low* and *high*, and the *ticks* at it."""

    low: float
    high: float
    ticks: Sequence[Tick]


def value_scale(low: float, high: float, lines: int) -> ValueScale | None:
    """Return the scale of numbers from *low* to *high* that are drawn in so many *lines*.

    Its ticks stand at every second or third line: it reaches a little further than the numbers do,
    since ticks that are put at the nearest line are at uneven distances. ``None`` where no even
    numbers can be told.
    """
    if not even_values(low, high, lines):
        return None
    power = math.floor(math.log10((high - low) / lines))
    steps = (digit * 10.0**at for at in (power, power + 1) for digit in _DIGITS)
    for line, step, apart in sorted(
        (step / apart, step, apart) for step in steps for apart in _LINES_APART
    ):
        first = math.floor(low / line + _SHARE)
        last = first + lines - 1
        if high <= (last + _SHARE) * line:
            values = (
                float(f"{at * step:.12g}")
                for at in range(math.ceil(first / apart), last // apart + 1)
            )
            ticks = [Tick(at, format_metric(at)) for at in values]
            return ValueScale(min(low, first * line), max(high, last * line), ticks)
    return None


def step_ticks(first: int, last: int, most: int) -> list[Tick]:
    """Return the ticks of whole numbers, at their distance from *first*."""
    found = even_values(float(first), float(last), most)
    return [Tick(at - first, f"{int(at):,}") for at in found if at == int(at)]


def time_ticks(first: datetime, last: datetime, zone: tzinfo, most: int) -> list[Tick]:
    """Return the ticks of times in *zone*, at their distance from *first* in seconds."""
    length = (last - first).total_seconds()
    span = next((one for one in _SPANS if length / one < most), 0)
    if not span or length <= 0:
        return []
    midnight = first.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    skipped = math.ceil((first - midnight).total_seconds() / span)
    at = midnight + timedelta(seconds=skipped * span)
    found = []
    while at <= last:
        found.append(Tick((at - first).total_seconds(), _time_text(at.astimezone(zone), span)))
        at += timedelta(seconds=span)
    return found


def _time_text(local: datetime, span: int) -> str:
    if span >= 365 * _DAY:
        return f"{local:%b %Y}"
    if span >= _DAY or not (local.hour or local.minute or local.second):
        return f"{local:%d %b}"
    return f"{local:%H:%M:%S}" if span < _MINUTE else f"{local:%H:%M}"


def ticks_line(ticks: Sequence[Tick], length: float, word: str, margin: int, width: int) -> str:
    """Return the labels of *ticks* below a chart that is *length* long, and the *word* of its axis.

    The chart begins after *margin* columns. A label that would touch another is left out. The word
    stands where most is free: between two labels, or else at the end, in place of the last ones.
    """
    line = _labels_line(ticks, length, margin, width)
    gaps = [found.span() for found in re.finditer(" +", line) if found.start() >= margin]
    start, end = max(gaps, key=lambda gap: gap[1] - gap[0], default=(0, 0))
    if end - start >= len(word) + 2 * _APART:
        at = (start + end - len(word)) // 2
        return f"{line[:at]}{word}{line[at + len(word) :]}".rstrip()
    room = width - len(word) - _APART
    shorter = [
        tick for tick in ticks if _start(tick, length, margin, width) + len(tick.label) < room
    ]
    return f"{_labels_line(shorter, length, margin, width)[: room + _APART]}{word}"


def _start(tick: Tick, length: float, margin: int, width: int) -> int:
    """Return where the label of *tick* begins: in the middle of its place, and within the chart."""
    middle = column_of(tick.at, length, margin, width) - len(tick.label) // 2
    return max(margin, min(middle, width - len(tick.label)))


def _labels_line(ticks: Iterable[Tick], length: float, margin: int, width: int) -> str:
    line, free = [" "] * width, margin
    for tick in ticks:
        start = _start(tick, length, margin, width)
        if start >= free:
            line[start : start + len(tick.label)] = tick.label
            free = start + len(tick.label) + _APART
    return "".join(line[:width])


def marks_line(
    marks: Sequence[tuple[float, str]], length: float, margin: int, width: int, sign: str
) -> str:
    """Return a *sign* at the place of each of *marks*, and its text where there is room."""
    line = [" "] * width
    places = [(column_of(at, length, margin, width), text) for at, text in sorted(marks)]
    for number, (column, text) in enumerate(places):
        following = places[number + 1][0] if number + 1 < len(places) else width
        said = f"{sign} {text}"[: max(1, min(following, width) - column - 1)]
        line[column : column + len(said)] = said
    return "".join(line[:width]).rstrip()


def column_of(at: float, length: float, margin: int, width: int) -> int:
    """Return the column in which what is *at* so far along the axis is drawn."""
    share = min(1.0, max(0.0, at / length)) if length > 0 else 0.0
    return margin + round(share * (width - margin - 1))
