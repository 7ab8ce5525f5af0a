"""A page of rows: details, plans, help, sources, raw forms."""

from collections.abc import Hashable, Sequence
from dataclasses import replace

from rich.text import Text
from textual.message import Message

from opsboard.ui.context import AppContext
from opsboard.ui.render.layout import BLANK, AnyRow, PageRow
from opsboard.ui.widgets.lines_view import LinesView


class PageView(LinesView):
    """Shows rows; when they are replaced, the cursor stays with what it was on.

    A row under the cursor that has a target of its own is kept, marked as gone, until the cursor
    leaves it: no other row moves under the cursor just before a key is pressed.
    """

    class RowHighlighted(Message):
        """The cursor is on another row: by the mouse, too."""

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self.rows: Sequence[AnyRow] = ()

    def line_count(self) -> int:
        """Return how many rows there are."""
        return len(self.rows)

    def text_at(self, line: int) -> Text:
        """Return the text of a row."""
        return self.rows[line].text

    def is_selectable(self, line: int) -> bool:
        """Return whether the cursor may be on the row."""
        return 0 <= line < len(self.rows) and self.rows[line].selectable

    def cursor_moved(self) -> None:
        """Say so; keys may be about another record now."""
        super().cursor_moved()
        self.post_message(self.RowHighlighted())

    def content_width(self) -> int:
        """Return how wide the widest row is."""
        texts = (row.text for row in self.rows if isinstance(row, PageRow))
        return max((text.cell_len for text in texts), default=0)

    @property
    def row(self) -> PageRow:
        """The row under the cursor."""
        return self.rows[self.cursor].write() if self.is_selectable(self.cursor) else BLANK

    def show_rows(self, rows: Sequence[AnyRow]) -> None:
        """Replace the rows; repaint those seen that differ, if they are as many as before."""
        before, cursor = self.rows, self.cursor
        self.rows, self.cursor = self._with_the_lost(rows)
        if len(before) != len(self.rows):
            self.lines_changed()
            return
        top = self.scroll_offset.y
        for line in range(top, min(top + self.size.height, len(self.rows))):
            if not _looks_the_same(before[line], self.rows[line]):
                self.repaint(line)
        if self.cursor != cursor:
            self.repaint(cursor)
            self.repaint(self.cursor)
            self.scroll_to_cursor()

    def _with_the_lost(self, rows: Sequence[AnyRow]) -> tuple[Sequence[AnyRow], int]:
        """Return *rows*, with the one that the cursor is on if they lack it, and where that is."""
        on = self.row
        place = self._place_of(on.key, rows)
        if place is not None or not on.has_own_target:
            return rows, self.cursor if place is None else place
        places = {row.key: at for at, row in enumerate(rows) if row.key is not None}
        above = (at for at in range(self.cursor - 1, -1, -1) if self.rows[at].key in places)
        last = next(above, -1)
        at = places[self.rows[last].key] + 1 if last >= 0 else 0
        titles = self.cursor - last - 1  # of a section, between that row and the lost one
        while titles and at < len(rows) and rows[at].key is None:
            titles, at = titles - 1, at + 1
        text = (
            on.text
            if on.gone
            else Text(f"{on.text.plain.rstrip()}  (gone)", self.context.styles.faint)
        )
        return [*rows[:at], replace(on, text=text, gone=True), *rows[at:]], at

    def _place_of(self, key: Hashable, rows: Sequence[AnyRow]) -> int | None:
        """Return the place of *key* in *rows* that is nearest to the cursor: of thousands, it is
        nearly always where it was, or close by."""
        if key is None:
            return None
        for step in range(max(self.cursor + 1, len(rows) - self.cursor)):
            for at in (self.cursor - step, self.cursor + step):
                if 0 <= at < len(rows) and rows[at].key == key:
                    return at
        return None

    def go_to_section(self, step: int) -> None:
        """Move to the first row of the next (+1) or previous (-1) section."""
        heads = [line for line, row in enumerate(self.rows) if row.is_heading]
        own = sum(head <= self.cursor for head in heads) - 1
        if heads:
            head = heads[(own + step) % len(heads)]
            self.move_to(self._next(head, +1))
            self.scroll_to(
                y=min(head, self.scroll_offset.y) if step < 0 else None, animate=False, force=True
            )


def _looks_the_same(old: AnyRow, new: AnyRow) -> bool:
    if old is new:
        return True
    before, after = old.text, new.text
    return before == after and before.spans == after.spans
