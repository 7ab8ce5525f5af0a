"""The titles of a table's columns."""

from rich.text import Text
from textual.widget import Widget

from opsboard.ui.context import AppContext
from opsboard.ui.render.layout import fit_text
from opsboard.ui.widgets.record_table import RecordTable
from opsboard.views.layout import GAP


class TableHeader(Widget):
    """The titles of the columns, with a sign at the one that rows are sorted by."""

    DEFAULT_CSS = "TableHeader { height: 1; }"

    def __init__(self, context: AppContext, table: RecordTable) -> None:
        super().__init__()
        self.context = context
        self.table = table

    def render(self) -> Text:
        """Return the titles, as wide as their columns."""
        styles, model = self.context.styles, self.table.model
        glyphs = styles.glyphs
        sign = glyphs.descending if model.descending else glyphs.ascending
        text = Text(" ", no_wrap=True)
        for column, width in self.table.columns:
            sorting = column.id == model.column.id
            title = f"{column.title[: width - len(sign)]}{sign}" if sorting else column.title
            style = styles.accent if sorting else styles.muted
            text.append(fit_text(title, width, styles, right=column.right), style)
            text.append(" " * GAP)
        return text
