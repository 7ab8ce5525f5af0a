"""The overview as it is kept for the next start, which paints it before anything else.

It is drawn anew and not copied off the screen, for it has to be true when it is painted: all of it
is from disk, ages are slots, what else changes with time is left out, and so are the health of
sources and the preview. There is no cursor, and no hint of a key: where the cursor of the next
session begins is not known yet, so nothing is to look as if a key were about it.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any, Final

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.app import App
from textual.widget import Widget

from opsboard.board.cache import cached_kinds
from opsboard.kinds.ages import age
from opsboard.kinds.columns import Cell, Column
from opsboard.kinds.registry import KINDS
from opsboard.records import Alert, AlertState, Kind, Record
from opsboard.startup.frame_format import FRAME_AGE, TABLE_AGE, StoredFrame
from opsboard.ui.render.cells import PLAIN, segments_of, styled_cell, text_segments
from opsboard.ui.render.layout import truncate_text
from opsboard.ui.render.pane_freshness import confirmed_at
from opsboard.ui.render.table_cells import fitted_cell
from opsboard.ui.screens.board import BoardScreen
from opsboard.ui.terminal.frame_canvas import FrameCanvas
from opsboard.ui.theme.styles import PRODUCTION
from opsboard.ui.widgets.key_hints import KeyHints
from opsboard.ui.widgets.pane import Pane
from opsboard.ui.widgets.pane_title import PaneTitle
from opsboard.ui.widgets.preview import Preview, PreviewTitle
from opsboard.ui.widgets.record_table import MARK_WIDTH, RecordTable
from opsboard.ui.widgets.table_header import TableHeader
from opsboard.ui.widgets.top_line import TopLine
from opsboard.views.layout import GAP

AGE: Final = "\ue000" * 5
"""Stands for an age around the tables, which is that wide: ``2h10m``."""
COMING: Final = " The last known board; what is true now is being asked for."
_LATER: Final = timedelta(days=1)
_AGES: Final = (timedelta(minutes=1), timedelta(days=1), timedelta(days=30))
"""Ages at which an age is fresh, usual and old."""


def capture_frame(app: App[Any], screen: object) -> StoredFrame | None:
    """Return the frame of *screen*; ``None`` where that is no overview of now, or narrowed."""
    if not isinstance(screen, BoardScreen) or screen.context.as_of is not None:
        return None
    panes = [pane for pane in screen.query(Pane) if pane.spec.number]
    if screen.zoomed or screen.has_class("-asking") or not all(map(_is_plain, panes)):
        return None
    return _FrameCapture(app, screen).frame(panes)


def _is_plain(pane: Pane) -> bool:
    model = pane.table.model
    return not (model.filter or model.only_wrong) and pane.is_attached


class _FrameCapture:
    def __init__(self, app: App[Any], screen: BoardScreen) -> None:
        self._screen, self._context = screen, screen.context
        self._styles = screen.context.styles
        self._console = app.console
        self._now = screen.context.clock.now()
        self._canvas = FrameCanvas(app.size, screen, app.console)
        self._environments: set[str] = set()
        self._bases: dict[Widget, Style] = {}

    def frame(self, panes: list[Pane]) -> StoredFrame | None:
        """Return it; ``None`` where there is no room to say that it is from disk, and how old."""
        oldest = [self._pane(pane) for pane in panes]
        for preview in self._screen.query(Preview):
            self._canvas.fill(preview)
            self._canvas.fill(preview.query_one(PreviewTitle))
        since = min((time for time in oldest if time is not None), default=self._now)
        if not self._top_line(since):
            return None
        hints = self._screen.query_one(KeyHints)
        self._canvas.fill(hints)
        self._line(hints, Text(COMING, self._styles.muted))
        return self._canvas.frame()

    # --- around the tables -----------------------------------------------------------------------

    def _top_line(self, oldest: datetime) -> bool:
        """Draw it; return whether its age is there in full."""
        top = self._screen.query_one(TopLine)
        base, loud = top.rich_style, False
        shown = sorted(self._environments, key=lambda name: (name != PRODUCTION, name))[:1]
        if PRODUCTION in shown:
            hue = self._styles.production_line
            base, loud = base + hue, bool(hue.reverse)
        self._canvas.fill(top)
        text = top.still_line(top.size.width, AGE, shown)
        self._line(top, text, oldest, base, loud=loud)
        return AGE in text.plain

    def _line(
        self,
        widget: Widget,
        text: Text,
        oldest: datetime | None = None,
        base: Style | None = None,
        *,
        loud: bool = False,
    ) -> None:
        """Draw *text* in the only line of *widget*, with a slot for the age of what is *oldest*."""
        base, x = widget.rich_style if base is None else base, 0
        for segment in text_segments(text, self._console, base, loud=loud):
            before, slot, behind = segment.text.partition(AGE)
            style = segment.style or PLAIN
            x = self._canvas.put(widget, 0, [Segment(before, style)], x)
            if slot and oldest is not None:
                place = (0, x, len(AGE))
                x = self._canvas.put(widget, 0, [Segment(" " * len(AGE), style)], x)
                since = oldest.timestamp()
                self._canvas.slot(widget, place, since, [style] * 3, kind=FRAME_AGE, right=True)
            x = self._canvas.put(widget, 0, [Segment(behind, style)], x)

    # --- panes -----------------------------------------------------------------------------------

    def _pane(self, pane: Pane) -> datetime | None:
        """Draw *pane*; return when what is in it was last known to be so."""
        self._canvas.fill(pane)
        shown = pane.table.model.sources
        sources = [one for one in self._context.board.sources() if shown[one.name] > 0]
        oldest = confirmed_at(pane.spec.kind, sources, self._now)
        self._title(pane.query_one(PaneTitle), oldest)
        header = pane.query_one(TableHeader)
        if header.display:
            self._line(header, header.render())
        if _may_be_kept(pane.spec.kind):
            rows = min(pane.table.line_count(), pane.table.size.height)
            for line in range(rows):
                if (record := pane.table.model.record(line)) is not None:
                    self._row(pane, line, record)
        return oldest

    def _title(self, title: PaneTitle, oldest: datetime | None) -> None:
        self._canvas.fill(title)
        right = Text(f" {AGE} old, from disk " if oldest else "", self._styles.muted)
        left = title.content(current=False)
        truncate_text(left, max(1, title.size.width - len(right)), self._styles, pad=True)
        self._line(title, left.append_text(right), oldest)

    def _row(self, pane: Pane, line: int, record: Record) -> None:
        """Draw *record* as a row that neither the cursor is on nor a mark."""
        table, x = pane.table, MARK_WIDTH
        recedes = isinstance(record, Alert) and record.state is not AlertState.OPEN
        self._environments.add(record.environment)
        for column, width in table.columns:
            cell = self._still(table, column, record)
            pieces = list(fitted_cell(cell, width, self._styles, right=column.right))
            self._canvas.put(table, line, self._segments(table, pieces, recedes=recedes), x)
            if cell.since is not None:
                self._age(table, (line, x, width), column, record, recedes=recedes)
            x += width + GAP

    def _age(
        self,
        table: RecordTable,
        place: tuple[int, int, int],
        column: Column,
        record: Record,
        *,
        recedes: bool,
    ) -> None:
        """Leave a *place* for the age that *column* shows, as that is drawn at any age."""
        cell = table.model.cell(column, record, self._now)
        if cell.since is None:
            return
        cells = (table.model.cell(column, record, cell.since + span) for span in _AGES)
        aged = [("", styled_cell(one, self._styles)[1]) for one in cells]
        drawn = [part.style or PLAIN for part in self._segments(table, aged, recedes=recedes)]
        text, _ = styled_cell(cell, self._styles)
        prefix = text.removesuffix(age(cell.since, self._now))
        since = cell.since.timestamp()
        self._canvas.slot(
            table, place, since, drawn, kind=TABLE_AGE, right=column.right, prefix=prefix
        )

    def _segments(
        self, table: Widget, pieces: Iterable[tuple[str, Style]], *, recedes: bool
    ) -> list[Segment]:
        if table not in self._bases:
            self._bases[table] = table.rich_style  # of all that is around it: half a millisecond
        base, faint = self._bases[table], self._styles.faint
        return [
            segment
            for text, style in pieces
            for segment in segments_of(text, base, faint if recedes else style, loud=False)
        ]

    def _still(self, table: RecordTable, column: Column, record: Record) -> Cell:
        """Return what *column* shows, without what else than an age changes with time."""
        cell = table.model.cell(column, record, self._now)
        if not column.ticks:
            return cell
        if cell.since is not None:
            return cell._replace(text="")
        later = table.model.cell(column, record, self._now + _LATER)
        if later.parts == cell.parts and (cell.parts or later.text == cell.text):
            return cell  # what is drawn of it stands still
        return Cell(_common(cell.text, later.text), cell.status)


def _may_be_kept(name: Kind) -> bool:
    """Tell whether records of the kind *name* may be on disk, or all that they are made of."""
    kind, kept = KINDS.get(name), cached_kinds()
    return name in kept or (kind is not None and 0 < len(kind.made_of) == len(kept & kind.made_of))


def _common(text: str, later: str) -> str:
    """Return the words that both texts begin with."""
    words = takewhile(
        lambda pair: pair[0] == pair[1], zip(text.split(), later.split(), strict=False)
    )
    return " ".join(word for word, _ in words)
