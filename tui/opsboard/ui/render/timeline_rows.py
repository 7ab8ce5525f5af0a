"""The time line as rows: newest first, by days, with the stretches in which nobody looked."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta, tzinfo
from typing import Final, TypeAlias

from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.history.timeline import TimelineEvent, TimelineGap, TimelineRow, gap_text

SPANS: Final = (
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=8),
    timedelta(days=1),
    timedelta(days=7),
)
"""The stretches of time that a time line shows, up to now: the steps of its zoom."""

SPAN_TEXTS: Final = ("15 min", "1 h", "8 h", "1 d", "7 d")
_SHORT: Final = timedelta(minutes=2)
"""A stretch whose ends are told to the second."""


@frozen_unchecked
class DayRow(Frozen):
    """The events below are of this *day*, where the clock alone does not say so."""

    day: date

    @property
    def text(self) -> str:
        """The day as people write it: ``Thu 26 Nov``."""
        return f"{self.day:%a} {self.day.day} {self.day:%b}"


@frozen_unchecked
class EventRow(Frozen):
    """An *event* at *clock*; ``~14:02`` for what was between two looks, and then at the latest.

    *short_note* stands for *note* where that has no room.
    """

    event: TimelineEvent
    clock: str
    note: str = ""
    short_note: str = ""


@frozen_unchecked
class GapRow(Frozen):
    """Nobody looked: *text* says when, at what, and why."""

    gap: TimelineGap
    text: str


LineOfTime: TypeAlias = DayRow | EventRow | GapRow


def timeline_rows(rows: Iterable[TimelineRow], now: datetime, zone: tzinfo) -> Iterator[LineOfTime]:
    """Yield what stands on the lines, in the order of *rows*, in the time of *zone*."""
    day = now.astimezone(zone).date()
    for row in rows:
        at = row.until if isinstance(row, TimelineGap) else row.at
        if at is not None and (its_day := at.astimezone(zone).date()) != day:
            day = its_day
            yield DayRow(day)
        yield _gap_row(row, zone) if isinstance(row, TimelineGap) else event_row(row, zone)


def event_row(event: TimelineEvent, zone: tzinfo) -> EventRow:
    """Return the row of *event*."""
    local = event.at.astimezone(zone)
    if event.earliest is None:
        note = "told later" if event.backfilled else ""
        return EventRow(event, f"{local:%H:%M}", note)
    since = event.earliest.astimezone(zone)
    same_day = since.date() == local.date()
    clock = "%H:%M:%S" if local - since < _SHORT else "%H:%M"
    earliest = f"{since:{clock}}" if same_day else f"{since:%m-%d {clock}}"
    note = f"between {earliest} and {local:{clock}}"
    return EventRow(event, f"~{local:%H:%M}", note, f"after {earliest}")


def _gap_row(gap: TimelineGap, zone: tzinfo) -> GapRow:
    return GapRow(gap, gap_text(gap, zone))


def span_after(spans: Sequence[timedelta], current: timedelta, step: int) -> timedelta:
    """Return the stretch that is *step* wider (+1) or narrower (-1) than *current*, if there is."""
    at = spans.index(current) + step
    return spans[max(0, min(len(spans) - 1, at))]
