"""Beside the page of a record, where there is room: what changed before, and its chain."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual.app import ComposeResult

from opsboard.ui.widgets.preview import Ask, Preview

if TYPE_CHECKING:
    from opsboard.ui.render.detail_rows import PageFormat
    from opsboard.ui.render.layout import PageRow
    from opsboard.ui.render.preview_lines import PreviewInput


class DetailPreview(Preview):
    """Shows what the page does not have: what the history and the joins tell of the record."""

    def compose(self) -> ComposeResult:
        """Yield the lines; the caption of the page is their title too."""
        yield self.page

    def asks(self) -> tuple[Ask, ...]:
        """Ask the history; the page asks the source."""
        return (self.ask_history,)

    def rows(self, content: "PreviewInput", page: "PageFormat") -> "Iterator[PageRow]":
        """Return the lines."""
        from opsboard.ui.render.preview_lines import (  # noqa: PLC0415 - after the page
            detail_preview_rows,
        )

        return detail_preview_rows(content, page)
