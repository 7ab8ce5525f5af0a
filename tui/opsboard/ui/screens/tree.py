"""What owns a record and what it owns, down to pods and events, as lines to go to."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from rich.text import Text

from opsboard.adapter import ObjectTree, SourceError, TreeRow
from opsboard.records import Ref, Status
from opsboard.ui.context import AppContext
from opsboard.ui.render.detail_rows import PageFormat
from opsboard.ui.render.layout import BLANK, PageRow, error_rows, wrap_text
from opsboard.ui.render.tree_lines import tree_lines
from opsboard.ui.screens.record_page import RecordPageScreen
from opsboard.ui.workers import start_worker
from opsboard.views.rows import is_wrong

_REFRESH: Final = 15.0
"""Seconds after which the tree is read again."""


class TreeScreen(RecordPageScreen):
    """Shows the tree of *ref*. Keys are about the object of the line."""

    sort = "owners"

    def __init__(self, context: AppContext, title: str, ref: Ref) -> None:
        super().__init__(context, title, ref)
        self._tree: ObjectTree | None = None
        self._error: SourceError | None = None

    def on_mount(self) -> None:
        """Read the tree, now and then again."""
        self.reload()
        self.set_interval(_REFRESH, self.reload)

    def reload(self) -> None:
        """Read it again."""
        start_worker(self, self._read, group="tree")

    async def _read(self) -> None:
        assert self.ref is not None  # noqa: S101 - it was given
        is_first = self._tree is None
        try:
            self._tree, self._error = await self.context.feed.tree(self.ref), None
        except SourceError as error:
            self._error = error
        self.write()
        if is_first and self._tree is not None:
            self._go_to_subject()

    def _go_to_subject(self) -> None:
        """Put the cursor on the object that the tree was asked for."""
        for at, row in enumerate(self.page.rows):
            if row.ref == self.ref:
                self.page.move_to(at)
                return

    def rows(self, page: PageFormat) -> Sequence[PageRow]:
        """Return the lines of the tree, and what is missing from it."""
        rows = list(error_rows(self._error, page.styles, page.width)) if self._error else []
        if self._tree is None:
            return rows or [PageRow(Text("  asking the source ...", page.styles.muted))]
        rows += tree_lines([self._on_board(row) for row in self._tree.rows], page)
        if self._tree.notes:
            rows.append(BLANK)
        for note in self._tree.notes:
            lines = wrap_text(note, page.width - 4)
            rows += [PageRow(Text(f"  {line}", page.styles.muted)) for line in lines]
        return rows

    def _on_board(self, row: TreeRow) -> TreeRow:
        """Return *row* as the board has it, where that is worse than the server's table says.

        A table counts what is ready; the board knows why the others are not.
        """
        record = self.context.board.get(row.ref) if row.ref is not None else None
        if record is None or (row.status or Status.OK).severity > record.status.severity:
            return row
        words = row.words
        if is_wrong(record) and record.reason not in words:
            words = f"{record.reason}  {words}".rstrip()
        return replace(row, status=record.status, words=words)

    def state_text(self) -> str:
        """Return whether all of it could be read."""
        if self._error is not None:
            return "not available" if self._tree is None else "cannot be refreshed"
        if self._tree is None:
            return "loading"
        return "not all could be read" if self._tree.notes else "by owner references"
