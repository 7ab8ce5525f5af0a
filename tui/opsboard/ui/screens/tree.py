"""What owns a record and what it owns, down to pods and events, as lines to go to."""

from collections.abc import Sequence
from typing import Final

from rich.text import Text

from opsboard.adapter import ObjectTree, SourceError
from opsboard.records import Ref
from opsboard.ui.context import AppContext
from opsboard.ui.render.detail_rows import PageFormat
from opsboard.ui.render.layout import BLANK, PageRow, error_rows, wrap_text
from opsboard.ui.render.tree_lines import tree_lines
from opsboard.ui.screens.record_page import RecordPageScreen
from opsboard.ui.workers import start_worker

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
        rows += tree_lines(self._tree.rows, page)
        if self._tree.notes:
            rows.append(BLANK)
        for note in self._tree.notes:
            lines = wrap_text(note, page.width - 4)
            rows += [PageRow(Text(f"  {line}", page.styles.muted)) for line in lines]
        return rows

    def state_text(self) -> str:
        """Return whether all of it could be read."""
        if self._error is not None:
            return "not available" if self._tree is None else "cannot be refreshed"
        if self._tree is None:
            return "loading"
        return "not all could be read" if self._tree.notes else "by owner references"
