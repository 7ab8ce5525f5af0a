"""The table of a pane: a virtual list of records on Textual's Line API.

Only lines that are seen are ever drawn, and only lines that read differently are drawn again:
the cost of a key or a change is that of the screen, not of the number of records.

Why it is so: docs/adr/0001-own-table.md.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.events import Resize
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from opsboard.kinds.columns import Column
from opsboard.lineage.outages import Outage
from opsboard.records import Alert, AlertState, Record, Ref
from opsboard.ui.context import AppContext
from opsboard.ui.render.cells import segments_of
from opsboard.ui.render.table_cells import RowReading, row_parts
from opsboard.ui.widgets.column_widths import ColumnWidths
from opsboard.ui.widgets.lines_view import LinesView
from opsboard.views.filter import Filter
from opsboard.views.layout import PlacedColumn, fixed_columns, place_columns
from opsboard.views.panes import PaneSpec
from opsboard.views.rows import RowModel
from opsboard.views.unfiltered_rows import UnfilteredRows

PREPARE_SECONDS = 0.002
"""Seconds between two parts of the rows that are read for a filter: keys come first."""

MARK_WIDTH = 1


class RecordTable(LinesView):
    """Shows the records of a pane, with a cursor and marks that stay with their records.

    When rows move, the cursor follows its record: what a key acts on never changes under it. A
    record that leaves the filter, or is gone, stays under the cursor, dimmed, until that moves on.
    Until the first key, the cursor stays in the first row, where the worst record is.
    """

    recedes = True

    _room_laid_out = 0

    class RecordHighlighted(Message):
        """The cursor is on another record, or on none."""

        def __init__(self, ref: Ref | None) -> None:
            super().__init__()
            self.ref = ref

    class ColumnsResized(Message):
        """The columns, or their widths, have changed."""

    def __init__(
        self, context: AppContext, pane: PaneSpec, records: Mapping[Ref, Record] | None = None
    ) -> None:
        super().__init__(context)
        self.pane = pane
        if records is None:
            records = context.board.records(pane.kind)
        self.model = RowModel(pane, records)
        self.marks: set[Ref] = set()
        self.columns: Sequence[PlacedColumn] = ()
        self._compact = False
        self._widths = ColumnWidths(self.model)
        self._current: Ref | None = None
        self._touched = False
        """Whether a key was pressed; until then the cursor stays with the first row."""
        self._seen: dict[int, RowReading | None] = {}
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

    def seen_records(self) -> list[Record]:
        """Return the records of the rows that are on the screen."""
        top = self.scroll_offset.y
        rows = range(top, min(top + self.size.height, self.line_count()))
        return [one for one in map(self.model.record, rows) if one is not None]

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

    def prepare_filter(self) -> None:
        """Read the rows for the letters that are typed next, some at a time."""
        if (rows := self.model.all_rows()) is not None:
            self._prepare(rows)

    def _prepare(self, rows: UnfilteredRows) -> None:
        if self.is_attached and rows.prepare():
            self.set_timer(PREPARE_SECONDS, partial(self._prepare, rows))

    def set_filter(self, chosen: Filter) -> None:
        """Show only the rows that pass."""
        self.model.set_filter(chosen, self.now)
        self._widths.forget()
        self._rows_moved()

    def set_scope(self, admits: Callable[[Record], bool] | None) -> None:
        """Show only what a scope *admits*; all where that is ``None``."""
        self.model.set_scope(admits, self.now)
        self._rows_moved()

    def show_only_wrong(self, *, wanted: bool) -> None:
        """Show only what is wrong, or all again."""
        self.model.show_only_wrong(self.now, wanted=wanted)
        self._widths.forget()
        self._rows_moved()

    def put_first(self, refs: frozenset[Ref]) -> None:
        """Let *refs* stand before all others, in the order that the pane begins with."""
        if self.model.put_first(refs, self.now):
            self._rows_moved()

    def set_groups(self, outages: Sequence[Outage]) -> None:
        """Let rows stand below those that are their cause."""
        if self.model.set_groups(outages, self.now):
            self._rows_moved()

    def unfold(self) -> bool:
        """Show what is folded away below the row of the cursor; return whether anything was."""
        if self._current is None or not self.model.unfold(self._current, self.now):
            return False
        self._touched = True
        self._rows_moved()
        return True

    def do_right(self) -> None:
        """Unfold the row of the cursor, or scroll to the right."""
        if not self.unfold():
            super().do_right()

    def do_left(self) -> None:
        """Fold the group that the cursor is in, and stand on its head; or scroll to the left."""
        head = self.model.fold(self._current, self.now) if self._current is not None else None
        if head is None:
            super().do_left()
            return
        self._touched = True
        self.cursor = self.model.find(head) or 0
        self._rows_moved()

    def sort_by(self, column: Column, *, descending: bool) -> None:
        """Order the rows."""
        self.model.sort_by(column, descending=descending)
        self._rows_moved()

    def set_pane(self, pane: PaneSpec) -> None:
        """Show other columns of the same records; the order and the filter stay."""
        self.pane = pane
        self.model.set_pane(pane, self.now)
        self._rows_moved()
        self.refresh()

    @property
    def is_compact(self) -> bool:
        """Whether the columns that need no titles are shown."""
        return self._compact and bool(self.pane.compact)

    def set_compact(self, *, compact: bool) -> None:
        """Show the columns that need no titles, where the pane has such, or the usual ones."""
        if compact is not self._compact:
            self._compact = compact
            self._widths.forget()
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
            self._keep_marks()
            self.repaint(self.cursor)
            self.do_down()

    def mark_all(self) -> None:
        """Mark all rows that are shown."""
        self.marks |= {self.model.ref(row) for row in range(self.line_count())}
        self.refresh()

    def unmark(self) -> None:
        """Remove all marks."""
        self.marks.clear()
        self._keep_marks()
        self.refresh()

    def _keep_marks(self) -> None:
        """Fold away nothing that is marked: what a key acts on is seen."""
        if self.model.groups and self.model.keep_shown(frozenset(self.marks), self.now):
            self._rows_moved()

    # --- drawing ---------------------------------------------------------------------------------

    def on_resize(self, _: Resize) -> None:
        """Fit the columns to the room, where that is another: a height changes nothing."""
        if self._room != self._room_laid_out:
            self._widths.forget()
            self._lay_out()

    @property
    def _room(self) -> int:
        """The columns of the screen that there are for those of the table."""
        return self.size.width - MARK_WIDTH - 1

    def _lay_out(self) -> None:
        """Choose the columns by the room, and their widths by what has been seen of the rows."""
        if (room := self._room) <= 0:
            return
        self._room_laid_out = room
        by = self.model.column.id
        chosen = fixed_columns(self._declared, room, by)
        columns = place_columns(chosen, self._widths.measure(chosen, self.now), room, by)
        if columns != self.columns:
            self.columns = columns
            self.post_message(self.ColumnsResized())

    @property
    def _declared(self) -> Sequence[Column]:
        """The columns to choose from, the one that rows are sorted by among them."""
        if self.is_compact:
            return self.pane.compact
        columns, by = self.pane.columns, self.model.column
        return columns if by in columns else (*columns, by)

    def _widen(self) -> None:
        before = self.columns
        self._lay_out()
        if self.columns != before:
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw a line, and remember its content."""
        self._seen[y] = reading = self._reading(self.scroll_offset.y + y)
        if reading is not None and self._widths.grow(reading.columns, reading.cells):
            self.call_later(self._widen)
        return super().render_line(y)

    def _reading(self, line: int) -> RowReading | None:
        """Return how a row reads now, or ``None`` where there is none."""
        record = self.model.record(line) if line < self.line_count() else None
        if record is None:
            return None
        now = self.now
        cells = tuple(self.model.cell(placed.column, record, now) for placed in self.columns)
        ref, on_cursor = record.ref, line == self.cursor
        return RowReading(
            ref,
            self.columns,
            ref in self.marks,
            on_cursor,
            self.model.is_lost(ref),
            isinstance(record, Alert) and record.state is not AlertState.OPEN,
            cells,
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
        hues = self.context.styles.cursor_hues
        for text, style in self._parts(self._seen[line - self.scroll_offset.y]):
            yield from segments_of(text, base, style, loud=loud, hues=hues)

    def _parts(self, reading: RowReading | None) -> Iterable[tuple[str, Style]]:
        return row_parts(reading, self.context.styles) if reading is not None else ()
