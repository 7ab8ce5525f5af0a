"""A page of ready-made lines: what details, help and sources are shown on."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

from rich.text import Text

from opsboard.records import Ref
from opsboard.ui.widgets.lines import LinesView


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a page.

    The cursor may be on it if it *stands* for something; then *copy* is what can be copied
    from it, and *ref* what Enter leads to. Its *key* tells it apart when the page is made anew.
    """

    text: Text = field(default_factory=Text)
    stands: bool = False
    copy: str = ""
    ref: Ref | None = None
    key: Hashable = None
    heads: bool = False


BLANK = Row()


class PageView(LinesView):
    """Shows rows; when they are replaced, the cursor stays with what it was on."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: Sequence[Row] = ()

    def count(self) -> int:
        """Return how many rows there are."""
        return len(self.rows)

    def text_at(self, line: int) -> Text:
        """Return the text of a row."""
        return self.rows[line].text

    def can_stand(self, line: int) -> bool:
        """Return whether a row stands for something."""
        return 0 <= line < len(self.rows) and self.rows[line].stands

    def widest(self) -> int:
        """Return how wide the widest row is."""
        return max((row.text.cell_len for row in self.rows), default=0)

    @property
    def row(self) -> Row:
        """The row under the cursor."""
        return self.rows[self.cursor] if self.can_stand(self.cursor) else BLANK

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Replace the rows; repaint those that differ, if they are as many as before."""
        before, key, self.rows = self.rows, self.row.key, rows
        if len(before) == len(rows):
            for line, (old, new) in enumerate(zip(before, rows, strict=True)):
                if old.text != new.text or old.text.spans != new.text.spans:
                    self.repaint(line)
            return
        if key is not None:
            self.cursor = next((at for at, row in enumerate(rows) if row.key == key), self.cursor)
        self.lines_changed()

    def go_to_section(self, step: int) -> None:
        """Move to the first row of the next (+1) or previous (-1) section."""
        heads = [line for line, row in enumerate(self.rows) if row.heads]
        own = sum(head <= self.cursor for head in heads) - 1
        if heads:
            head = heads[(own + step) % len(heads)]
            self.move_to(self._next(head, +1))
            self.scroll_to(
                y=min(head, self.scroll_offset.y) if step < 0 else None, animate=False, force=True
            )
