"""The titles of a table's columns."""

from rich.text import Text
from textual.widget import Widget

from opsboard.ui.looks import looks_of
from opsboard.ui.paper import fitted
from opsboard.ui.widgets.record_table import RecordTable
from opsboard.views.layout import GAP


class TableHeader(Widget):
    """The titles of the columns, with a sign at the one that rows are sorted by."""

    DEFAULT_CSS = "TableHeader { height: 1; }"

    def __init__(self, table: RecordTable) -> None:
        super().__init__()
        self.table = table

    def render(self) -> Text:
        """Return the titles, as wide as their columns."""
        looks, model = looks_of(self), self.table.model
        glyphs = looks.glyphs
        sign = glyphs.descending if model.descending else glyphs.ascending
        text = Text(" ", no_wrap=True)
        for column, width in self.table.columns:
            sorting = column.id == model.column.id
            title = f"{column.title}{sign}" if sorting else column.title
            style = looks.accent if sorting else looks.muted
            text.append(fitted(title, width, looks, right=column.right), style)
            text.append(" " * GAP)
        return text
