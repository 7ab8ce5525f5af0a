"""Lines of the time line: when, how, what, by whom, where; and the gaps between them."""

from collections.abc import Hashable, Iterable, Iterator
from functools import singledispatch
from typing import Final

from rich.style import Style
from rich.text import Text

from opsboard.history.timeline import TimelineEvent
from opsboard.records import Status
from opsboard.ui.render.cells import BOLD, PLAIN, text_width
from opsboard.ui.render.detail_rows import PageFormat
from opsboard.ui.render.layout import PageRow, fit_text, wrap_text
from opsboard.ui.render.timeline_rows import DayRow, EventRow, GapRow, LineOfTime

_CLOCK: Final = 6
_KIND: Final = 7
_ENVIRONMENT: Final = 10
_LEAST_WHAT: Final = 24
"""Columns of what happened, below which where it happened is left out."""
_WHO_FROM: Final = 60
"""Columns for what happened from which on who did it has a column of its own."""
_WHO: Final = 22


def timeline_lines(rows: Iterable[LineOfTime], page: PageFormat) -> Iterator[PageRow]:
    """Yield the lines of *rows*."""
    for row in rows:
        yield from _lines(row, page)


@singledispatch
def _lines(row: LineOfTime, page: PageFormat) -> Iterator[PageRow]:
    raise TypeError(f"no lines for {type(row).__name__}")


@_lines.register
def _(row: DayRow, page: PageFormat) -> Iterator[PageRow]:
    yield PageRow(Text(f" {row.text}", page.styles.accent), is_heading=True, key=row.day)


@_lines.register
def _(row: EventRow, page: PageFormat) -> Iterator[PageRow]:
    event, styles = row.event, page.styles
    text = Text(f" {row.clock:>{_CLOCK}}  ", styles.muted)
    text.append(
        f"{styles.glyphs.status[event.display_status]} ", styles.statuses[event.display_status]
    )
    text.append(fit_text(event.kind.value, _KIND, styles), styles.muted)
    text.append(" ")
    room = page.width - text.cell_len
    where = room >= _LEAST_WHAT + _ENVIRONMENT
    room -= _ENVIRONMENT + 1 if where else 0
    text.append_text(_what(row, room, page))
    if where:
        style = styles.environment_cell(event.environment)
        text.append(f" {fit_text(event.environment, _ENVIRONMENT, styles)}", style)
    key = (event.at, event.ref, event.kind, event.change, event.act)
    yield PageRow(text, selectable=True, copy_text=copy_text(row), ref=event.ref, key=key)


def _what(row: EventRow, room: int, page: PageFormat) -> Text:
    """Return what happened, and who did it, in exactly *room* columns."""
    event, styles = row.event, page.styles
    who = ", ".join(filter(None, (event.who, event.cause)))
    change = styles.glyphs.in_these_glyphs(event.change)
    own = room - _WHO - 1 if room >= _WHO_FROM else room
    name = fit_text(event.what, _name_width(event.what, change, own), styles)
    text = Text.assemble((name, BOLD), " ", (change, _change_style(event, page)))
    left = own - text.cell_len - 2
    if beside := aside("" if room >= _WHO_FROM else who, row, left):
        text.append(f"  {fit_text(beside, max(0, left), styles)}", styles.muted)
    text.truncate(own, overflow="crop", pad=True)
    if text_width(name) + 1 + text_width(change) > own:
        rest = own - text_width(name) - 1
        text = Text.assemble((name, BOLD), " ", fit_text(change, rest, styles))
    if room >= _WHO_FROM:
        text.append(f" {fit_text(who, _WHO, styles)}", styles.muted)
    return text


def _name_width(name: str, change: str, room: int) -> int:
    """Return the columns for *name*, which gives way to what happened to it down to its share."""
    least, most = room * 2 // 5, room * 3 // 5
    return min(text_width(name), max(least, min(most, room - 1 - text_width(change))))


def aside(who: str, row: EventRow, room: int) -> str:
    """Return who did it, and the note as far as one has *room*: half of a time is none."""
    for note in (row.note, row.short_note):
        words = ", ".join(filter(None, (who, note)))
        if text_width(words) <= room:
            return words
    return who


def _change_style(event: TimelineEvent, page: PageFormat) -> Style:
    loud = event.display_status in {Status.FAILED, Status.WARNING}
    return page.styles.statuses[event.display_status] if loud else PLAIN


def copy_text(row: EventRow) -> str:
    """Return *row* as a sentence to paste."""
    event = row.event
    parts = (
        event.at.isoformat(timespec="seconds"),
        event.kind.value,
        event.what,
        event.change,
        event.environment,
        event.who,
        event.cause,
        row.note,
    )
    return " ".join(filter(None, parts))


@_lines.register
def _(row: GapRow, page: PageFormat) -> Iterator[PageRow]:
    gap_key = ("gap", row.gap.since, row.gap.until, row.gap.scopes)
    yield from gap_lines(row.text, gap_key, page)


def gap_lines(text: str, key: Hashable, page: PageFormat) -> Iterator[PageRow]:
    """Yield the lines of a stretch in which nobody looked, between two broken rules."""
    mark, style = page.styles.glyphs.gap, page.styles.statuses[Status.UNKNOWN]
    start = " " * (_CLOCK + 3)
    for number, line in enumerate(wrap_text(f"{mark} {text} {mark}", page.width - len(start))):
        shown = Text(f"{start}{'  ' if number else ''}{line}", style)
        yield PageRow(
            shown, selectable=not number, copy_text=text, key=(key, number), of_nothing=True
        )
