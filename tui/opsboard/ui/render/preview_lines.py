"""The lines of a preview: what it is, since when, why, what changed before, and what mends it.

They are made of what the board knows; what the history and the source have told meanwhile
(:class:`PreviewNews`) adds to them. What matters first stands first: below, a screen ends.
"""

from collections.abc import Iterator, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, Final, NamedTuple

from rich.style import Style
from rich.text import Text

from opsboard.adapter import Detail, Grid, LogLine, Series
from opsboard.kinds.registry import KINDS
from opsboard.kinds.services import ready_bar, version_text, waiting_text
from opsboard.kinds.services import since_text as environment_since
from opsboard.kinds.sparkline import sparkline
from opsboard.records import Drift, Service, Status
from opsboard.text.numbers import format_metric
from opsboard.ui.render.cells import BOLD, PLAIN, text_width
from opsboard.ui.render.detail_rows import PageFormat, aged_text
from opsboard.ui.render.layout import (
    BLANK,
    PageRow,
    fit_text,
    heading_row,
    wrap_text,
    wrapped_lines,
)
from opsboard.ui.render.preview_joins import PreviewJoins, chain_rows, outage_rows
from opsboard.ui.render.preview_subject import PreviewSubject
from opsboard.ui.render.table_cells import cell_width, fitted_cell
from opsboard.ui.render.verdict_rows import RemedyKey, clock_text, remedy_rows, since_text

if TYPE_CHECKING:
    from opsboard.board.state import Board
    from opsboard.history.before_red import BeforeRed
    from opsboard.history.port import TimelineData
    from opsboard.history.timeline import TimelineEvent

_TOLD: Final = frozenset({"status", "name", "environment", "reason", "message", "age", "source"})
"""Columns whose content the head of a preview says already."""
_PLACES: Final = frozenset({"cluster", "namespace"})
"""Columns whose titles are wrong of what is in no cluster: a CI server has a repository there."""
_MESSAGE: Final = 3
"""Lines of a message at most; the page of the record has all of it."""
_ROOMY: Final = 40
"""Lines of a preview from which on there is room to break what is long."""
_CHANGES: Final = 4
_LAST_WORDS: Final = 4
_PARTS: Final = 4
_CHARTS: Final = 2
_SPARK: Final = 20
_VERSION: Final = 16
_ENVIRONMENT: Final = 11


class PreviewNews(NamedTuple):
    """What has been heard of a subject since the cursor came to rest on it.

    *error* says why something could not be asked. *log* are the last lines of *log_of*.
    """

    before: "BeforeRed | None" = None
    events: "TimelineData | None" = None
    detail: Detail | None = None
    log: Sequence[LogLine] = ()
    log_of: str = ""
    error: str = ""


class PreviewInput(NamedTuple):
    """All that a preview is made of. *zone* is that of the times of the day, *height* its lines."""

    subject: PreviewSubject
    board: "Board"
    zone: tzinfo
    joins: PreviewJoins
    news: PreviewNews = PreviewNews()
    remedy: RemedyKey | None = None
    height: int = 0

    def most(self, few: int) -> int:
        """Return how many lines of a part are shown: *few*, and more where there is room."""
        return max(few, self.height // 5)

    @property
    def wrapped(self) -> int:
        """On how many lines a long text is shown that is cut where lines are few."""
        return 2 if self.height >= _ROOMY else 1


def preview_rows(preview: PreviewInput, page: PageFormat) -> Iterator[PageRow]:
    """Yield the lines of *preview*, the most urgent first."""
    rows = [*_own_rows(preview, page)]
    error = preview.news.error
    told = [BLANK, *_wrapped(error, page, page.styles.muted)] if error else []
    room = preview.height - len(rows) - len(told)
    yield from (*rows, *chain_rows(preview.joins, page, room), *told)


def _own_rows(preview: PreviewInput, page: PageFormat) -> Iterator[PageRow]:
    """Yield what is said of the record but for its chain."""
    subject = preview.subject
    yield from _verdict(preview, page)
    if preview.remedy is not None:
        yield from remedy_rows(preview.remedy, page, most=preview.wrapped)
    yield from outage_rows(subject.alert, preview.joins.outage, preview.board, page)
    yield from _facts(subject, page)
    if isinstance(subject.record, Service):
        yield from _environments(subject.record, page)
    yield from _changes(preview, page)
    log, of, most = preview.news.log, preview.news.log_of, preview.most(_LAST_WORDS)
    yield from last_words_rows(log, of, page, most, preview.wrapped)
    yield from _failing_parts(preview.news.detail, page, preview.most(_PARTS))
    yield from _charts(preview, page)


def detail_preview_rows(preview: PreviewInput, page: PageFormat) -> Iterator[PageRow]:
    """Yield what stands beside the page of a record: its outage, what changed, its chain."""
    outage = outage_rows(preview.subject.alert, preview.joins.outage, preview.board, page)
    rows = [*outage, *_changes(preview, page)]
    rows += chain_rows(preview.joins, page, preview.height - len(rows))
    yield from rows[1:] if rows[:1] == [BLANK] else rows


def _wrapped(text: str, page: PageFormat, style: Style, most: int = 9) -> Iterator[PageRow]:
    lines = list(wrap_text(text, page.width - 3))
    if len(lines) > most:
        lines = [*lines[: most - 1], f"{lines[most - 1]} {page.styles.glyphs.ellipsis}"]
    for line in lines:
        yield PageRow(Text(f" {line}", style))


# --- what, since when, why -----------------------------------------------------------------------


def _verdict(preview: PreviewInput, page: PageFormat) -> Iterator[PageRow]:
    subject, styles = preview.subject, page.styles
    record = subject.record
    style = styles.statuses[record.display_status]
    reason = record.reason or str(record.display_status)
    text = Text(" ").append(f"{styles.glyphs.status[record.display_status]} {reason}", style)
    if subject.since is not None:
        text.append("  ").append_text(since_text(subject.since, page, preview.zone))
    yield PageRow(text)
    message = record.message or subject.part.message
    if message:
        yield from _wrapped(message, page, PLAIN, _MESSAGE)


def _facts(subject: PreviewSubject, page: PageFormat) -> Iterator[PageRow]:
    """Yield what columns say, also those for which the table has no room."""
    kind = KINDS.of(subject.part)
    if kind is None or kind.pane is None or isinstance(subject.part, Service):
        return
    styles, line = page.styles, Text(" ")
    is_nowhere = kind.place is not None and not any(kind.place(subject.part))
    for column in kind.pane.columns:
        cell = column.show(subject.part, page.now)
        if column.id in _TOLD or not cell.text or not column.title:
            continue
        untitled = is_nowhere and column.id in _PLACES
        pieces = [] if untitled else [Text(column.title, styles.muted), Text(" ")]
        width = min(page.width - 4, cell_width(cell))
        pieces += [Text(*one) for one in fitted_cell(cell, width, styles)]
        fact = Text().join(pieces)
        if line.cell_len > 1 and line.cell_len + fact.cell_len + 2 > page.width:
            yield PageRow(line)
            line = Text(" ")
        line.append_text(fact).append("  ")
    if line.plain.strip():
        yield PageRow(line)


def _environments(service: Service, page: PageFormat) -> Iterator[PageRow]:
    styles = page.styles
    yield BLANK
    for state in reversed(service.environments):  # production first
        status = styles.statuses[state.status]
        text = Text(f" {styles.glyphs.status[state.status]} ", status)
        name = state.environment or "?"
        text.append(fit_text(name, _ENVIRONMENT, styles), styles.environment_cell(name))
        version = styles.glyphs.in_these_glyphs(version_text(state))
        room = max(6, min(_VERSION, page.width - text.cell_len - 16))
        text.append(f" {fit_text(version, room, styles)}", BOLD)
        short = state.ready < state.desired
        bar = styles.glyphs.in_these_glyphs(ready_bar(state))
        text.append(f" {bar:<4}", status if short else styles.muted)
        since = styles.glyphs.in_these_glyphs(environment_since(state, page.now))
        text.append(f" {since:>6}", styles.muted)
        if waiting := waiting_text(state.waiting):
            text.append(f" {waiting}", styles.muted)
        yield PageRow(text)
    if service.main:
        text = Text(f" {fit_text(service.branch or 'main', _ENVIRONMENT + 2, styles)} ", PLAIN)
        for build in service.main:
            text.append(styles.glyphs.status[build.status], styles.statuses[build.status])
        yield PageRow(text)


# --- what changed before -------------------------------------------------------------------------


def _changes(preview: PreviewInput, page: PageFormat) -> Iterator[PageRow]:
    from opsboard.history.timeline import gap_text  # noqa: PLC0415 - read when first needed

    news, styles = preview.news, page.styles
    if news.before is not None and preview.subject.is_wrong:
        yield BLANK
        yield heading_row("Changed before", styles, "" if news.before.changes else "nothing known")
        likeliest = news.before.changes[: preview.most(_CHANGES)]
        for change in sorted(likeliest, key=lambda one: one.event.at, reverse=True):
            event = change.event
            words = f"{event.kind.value} {event.what} {event.change}".strip()
            bar = styles.glyphs.broken_bar if change.candidate else styles.glyphs.bar
            yield from _change(_event_clock(event, page, preview), bar, words, event.who, page)
        for gap in news.before.gaps[:1]:
            mark = styles.glyphs.gap
            text = f"{mark} {gap_text(gap, preview.zone)} {mark}"
            for line in wrapped_lines(text, page.width - 9, preview.wrapped, styles):
                yield PageRow(Text(f"        {line}", styles.muted))
    elif news.events is not None and news.events.events:
        yield BLANK
        yield heading_row("Last changes", styles)
        shown = [event for event in news.events.events if not event.minor]
        for event in shown[: preview.most(_CHANGES)]:
            words = f"{event.kind.value} {event.what} {event.change}".strip()
            yield from _change(
                _event_clock(event, page, preview), styles.glyphs.bar, words, event.who, page
            )


def _event_clock(event: "TimelineEvent", page: PageFormat, preview: PreviewInput) -> str:
    """Return when it happened: ``~14:02`` for what was at the latest then."""
    latest = "" if event.earliest is None else "~"
    return f"{latest}{clock_text(event.at, page.now, preview.zone)}"


def _change(clock: str, bar: str, words: str, who: str, page: PageFormat) -> Iterator[PageRow]:
    styles = page.styles
    start = Text(f" {clock:>6} ", styles.muted).append(f"{bar} ", styles.border)
    words = styles.glyphs.in_these_glyphs(words)
    aside = f"  {who}" if who else ""
    room = page.width - start.cell_len - len(aside) - 1
    if aside and text_width(words) > room:  # what changed is asked before who did it
        aside, room = "", page.width - start.cell_len - 1
    start.append(fit_text(words, max(8, room), styles).rstrip())
    yield PageRow(start.append(aside, styles.muted))


# --- last words, failing parts -------------------------------------------------------------------


def last_words_rows(
    lines: Sequence[LogLine],
    of: str,
    page: PageFormat,
    most: int = _LAST_WORDS,
    wrapped: int = 1,
) -> Iterator[PageRow]:
    """Yield the last *lines* of the log *of* what fails, *wrapped* to so many lines each."""
    if not lines:
        return
    yield BLANK
    yield heading_row("Last words of", page.styles, of)
    for line in lines[-most:]:
        style = page.styles.statuses[Status.FAILED] if line.error else PLAIN
        for shown in wrapped_lines(line.text.strip(), page.width - 2, wrapped, page.styles):
            yield PageRow(Text(f" {shown}", style))


def _failing_parts(detail: Detail | None, page: PageFormat, most: int) -> Iterator[PageRow]:
    """Yield the rows of tables of the detail that are wrong: the failed job, the pod that waits."""
    for section in detail.sections if detail is not None else ():
        if not isinstance(section, Grid):
            continue
        wrong = [row for row in section.rows if row.status in (Status.FAILED, Status.WARNING)]
        if not wrong:
            continue
        yield BLANK
        count = f"{len(wrong)} of {len(section.rows)}"
        yield heading_row(section.title, page.styles, count)
        for row in wrong[:most]:
            status = row.status or Status.UNKNOWN
            text = Text(f" {page.styles.glyphs.status[status]} ", page.styles.statuses[status])
            words = "  ".join(
                filter(None, (aged_text(cell, page.now)[:40] for cell in row.cells[:4]))
            )
            yield PageRow(text.append(fit_text(words, page.width - 4, page.styles).rstrip()))


# --- figures -------------------------------------------------------------------------------------


def _charts(preview: PreviewInput, page: PageFormat) -> Iterator[PageRow]:
    part, detail = preview.subject.part, preview.news.detail
    series = [
        one
        for one in (detail.sections if detail is not None else ())
        if isinstance(one, Series) and len(one.points) > 1
    ]
    if series:
        yield BLANK
        label = min(14, max(len(one.title) for one in series[:_CHARTS]))
        for one in series[:_CHARTS]:
            values = [point.value for point in one.points]
            beyond = one.threshold is not None and values[-1] > one.threshold
            yield _figure(one.title, values, label, page, wrong=beyond)
    elif isinstance(part, Drift) and len(part.trend) > 1:
        yield BLANK
        yield _figure(part.metric, part.trend, len(part.metric), page, wrong=part.crossed)


def _figure(
    title: str, values: Sequence[float], label: int, page: PageFormat, *, wrong: bool
) -> PageRow:
    styles = page.styles
    text = Text(f" {fit_text(title, label, styles)}  ", styles.muted)
    ends = f"  {format_metric(values[0])} {styles.glyphs.arrow} {format_metric(values[-1])}"
    room = max(4, min(_SPARK, page.width - text.cell_len - len(ends) - 1))
    line = styles.glyphs.in_these_glyphs(sparkline(values, room))
    style = styles.statuses[Status.WARNING] if wrong else styles.accent
    return PageRow(text.append(line, style).append(ends))
