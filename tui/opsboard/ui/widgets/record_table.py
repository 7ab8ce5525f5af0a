"""The table of a pane: a virtual list of records on Textual's Line API.

Only lines that are seen are ever drawn, and only lines that read differently are drawn again:
the cost of a key or a change is that of the screen, not of the number of records.

Why it is so: docs/adr/0001-own-table.md.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.events import Resize
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from opsboard.kinds.columns import Cell, Column
from opsboard.records import Record, Ref
from opsboard.ui.context import AppContext
from opsboard.ui.render.cells import PLAIN, combined
from opsboard.ui.render.table_cells import cell_width, fitted_cell
from opsboard.ui.widgets.lines_view import LinesView
from opsboard.views.filter import Filter
from opsboard.views.layout import GAP, PlacedColumn, fit_columns
from opsboard.views.panes import PaneSpec
from opsboard.views.rows import RowModel

WIDTH_SAMPLE = 60
"""Rows that are measured to find the width of a column."""

MARK_WIDTH = 1


class RecordTable(LinesView):
    """Shows the records of a pane, with a cursor and marks that stay with their records.

    When rows move, the cursor follows its record: what a key acts on never changes under it. A
    record that leaves the filter, or is gone, stays under the cursor, dimmed, until that moves on.
    Until the first key, the cursor stays in the first row, where the worst record is.
    """

    class RecordHighlighted(Message):
        """The cursor is on another record, or on none."""

        def __init__(self, ref: Ref | None) -> None:
            super().__init__()
            self.ref = ref

    class ColumnsResized(Message):
        """The columns, or their widths, have changed."""

    def __init__(self, context: AppContext, pane: PaneSpec) -> None:
        super().__init__(context)
        self.pane = pane
        self.model = RowModel(pane, context.board.records(pane.kind))
        self.marks: set[Ref] = set()
        self.columns: Sequence[PlacedColumn] = ()
        self._compact = False
        self._current: Ref | None = None
        self._touched = False
        """Whether a key was pressed; until then the cursor stays with the first row."""
        self._seen: dict[int, _Reading | None] = {}
        """The content of each visible line when it was last drawn."""

    # --- what there is ---------------------------------------------------------------------------

    @property
    def current_ref(self) -> Ref | None:
        """The record under the cursor."""
        return self._current

    def line_count(self) -> int:
        """Return how many rows there are."""
        return len(self.model)

    @property
    def now(self) -> datetime:
        """The time that ages are computed for."""
        return self.context.clock.now()

    def on_mount(self) -> None:
        """Take in what the board knows already."""
        self.model.rebuild(self.now)
        self._rows_moved()

    # --- taking in -------------------------------------------------------------------------------

    def update_records(self, changed: frozenset[Ref], removed: frozenset[Ref]) -> None:
        """Show records that are new, changed or removed."""
        self.marks -= removed
        effect = self.model.update(changed, removed, self.now)
        if effect.moved:
            self._rows_moved()
            return
        if effect.rows:
            self._repaint_others()

    def tick(self) -> None:
        """Repaint the visible rows whose ages read differently by now."""
        self._repaint_others()

    def set_filter(self, chosen: Filter) -> None:
        """Show only the rows that pass."""
        self.model.set_filter(chosen, self.now)
        self._rows_moved()

    def sort_by(self, column: Column, *, descending: bool) -> None:
        """Order the rows."""
        self.model.sort_by(column, descending=descending)
        self._rows_moved()

    @property
    def is_compact(self) -> bool:
        """Whether the columns that need no titles are shown."""
        return self._compact and bool(self.pane.compact)

    def set_compact(self, *, compact: bool) -> None:
        """Show the columns that need no titles, where the pane has such, or the usual ones."""
        if compact is not self._compact:
            self._compact = compact
            self._lay_out()
            self.refresh()

    def restyle(self) -> None:
        """Redraw everything in other styles."""
        self._rows_moved()
        self.refresh()

    def _repaint_others(self) -> None:
        """Repaint the visible lines that read differently by now, and no others."""
        (width, height), top = self.size, self.scroll_offset.y
        others = [
            Region(0, y, width, 1)
            for y in range(height)
            if y in self._seen and self._seen[y] != self._reading(top + y)
        ]
        if others:
            self.refresh(*others)

    def _rows_moved(self) -> None:
        """Redraw what is different, with the cursor on the same record."""
        row = self.model.find(self._current) if self._current and self._touched else None
        if row is not None:
            shift = row - self.cursor
            self.cursor = row
            if shift and self.scroll_offset.y:
                self.scroll_to(y=self.scroll_offset.y + shift, animate=False, force=True)
        self._lay_out()
        if self.virtual_size == Size(self.content_width(), self.line_count()):
            self.scroll_to_cursor()
            self._repaint_others()
        else:
            self.lines_changed()
        self._note_cursor()

    # --- cursor and marks ------------------------------------------------------------------------

    def cursor_moved(self) -> None:
        """Remember which record the cursor is on."""
        self._touched = True
        self._note_cursor()

    def hold(self) -> None:
        """Keep the cursor on the record that was last drawn under it, from now on."""
        if self._touched:
            return
        self._touched = True
        drawn = next((one.ref for one in self._seen.values() if one and one.on_cursor), None)
        if drawn is None or drawn == self._current:
            self._note_cursor()
            return
        self._current = drawn  # rows have moved since: what comes next is about what was seen
        if self.model.find(drawn) is not None:
            self._rows_moved()

    def _note_cursor(self) -> None:
        ref = self.model.ref(self.cursor) if self.cursor < len(self.model) else None
        if ref != self._current:
            self._current = ref
            self.post_message(self.RecordHighlighted(ref))
        if self._touched and self.model.hold(ref):
            self._rows_moved()

    def toggle_mark(self) -> None:
        """Mark the row under the cursor, or no longer, and go on to the next."""
        if self._current is not None:
            self.marks ^= {self._current}
            self.repaint(self.cursor)
            self.do_down()

    def mark_all(self) -> None:
        """Mark all rows that are shown."""
        self.marks |= {self.model.ref(row) for row in range(self.line_count())}
        self.refresh()

    def unmark(self) -> None:
        """Remove all marks."""
        self.marks.clear()
        self.refresh()

    # --- drawing ---------------------------------------------------------------------------------

    def on_resize(self, _: Resize) -> None:
        """Fit the columns to the room."""
        self._lay_out()

    def _lay_out(self) -> None:
        room = self.size.width - MARK_WIDTH - 1
        columns = fit_columns(self._declared, self._needed(), room) if room > 0 else ()
        if columns != self.columns:
            self.columns = columns
            self.post_message(self.ColumnsResized())

    @property
    def _declared(self) -> Sequence[Column]:
        """The columns to choose from."""
        return self.pane.compact if self.is_compact else self.pane.columns

    def _needed(self) -> list[int]:
        step = max(1, self.line_count() // WIDTH_SAMPLE)
        now = self.now
        records = [self.model.record(row) for row in range(0, self.line_count(), step)]
        columns, sorted_by = self._declared, self.model.column
        needed = [_width(column, filter(None, records), now) for column in columns]
        for at, column in enumerate(columns):
            if column is sorted_by:
                needed[at] = max(needed[at], len(column.title) + 1)  # its sign
        return needed

    def render_line(self, y: int) -> Strip:
        """Draw a line, and remember its content."""
        self._seen[y] = self._reading(self.scroll_offset.y + y)
        return super().render_line(y)

    def _reading(self, line: int) -> "_Reading | None":
        """Return how a row reads now, or ``None`` where there is none."""
        record = self.model.record(line) if line < self.line_count() else None
        if record is None:
            return None
        now = self.now
        cells = tuple(placed.column.show(record, now) for placed in self.columns)
        ref, on_cursor = record.ref, line == self.cursor
        return _Reading(
            ref, self.columns, ref in self.marks, on_cursor, self.model.is_lost(ref), cells
        )

    def cursor_glyph(self, line: int) -> str:
        """Return the sign of the cursor, on a row that is marked or is not."""
        glyphs = self.context.styles.glyphs
        marked = line < self.line_count() and self.model.ref(line) in self.marks
        return glyphs.cursor_mark if marked else glyphs.cursor

    def text_at(self, line: int) -> Text:
        """Return a row as it reads now."""
        return Text.assemble(*self._parts(self._reading(line)))

    def segments_at(self, line: int, base: Style, *, loud: bool) -> Iterable[Segment]:
        """Return a row as it was just read, without the detour over a text."""
        for text, style in self._parts(self._seen[line - self.scroll_offset.y]):
            yield Segment(text, combined(base, style, loud=loud))

    def _parts(self, reading: "_Reading | None") -> Iterator[tuple[str, Style]]:
        styles = self.context.styles
        if reading is None:
            return
        yield (styles.glyphs.mark, styles.roles["mark"]) if reading.marked else (" ", PLAIN)
        for (column, width), cell in zip(reading.columns, reading.cells, strict=True):
            for shown, style in fitted_cell(cell, width, styles, right=column.right):
                yield shown, styles.faint if reading.lost else style
            yield " " * GAP, PLAIN


class _Reading(NamedTuple):
    """Everything that the drawing of a row depends on, except for styles and focus."""

    ref: Ref
    columns: Sequence[PlacedColumn]
    marked: bool
    on_cursor: bool
    lost: bool
    cells: tuple[Cell, ...]


def _width(column: Column, records: Iterable[Record], now: datetime) -> int:
    """Return how wide *column* would be for *records*; at least its most where it is more."""
    widest = 0
    for record in records:
        widest = max(widest, cell_width(column.show(record, now)))
        if widest >= column.widest:
            break
    return widest
