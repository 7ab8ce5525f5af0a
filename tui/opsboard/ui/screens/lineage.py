"""The chain of a record: what it is made of, and what is made of it, an edge a line."""

from collections.abc import Sequence
from typing import ClassVar

from opsboard.lineage.graph import Node
from opsboard.records import Ref
from opsboard.ui.actions.bindings import ACTIONS
from opsboard.ui.actions.ui_action import BindingScope
from opsboard.ui.context import AppContext
from opsboard.ui.render.detail_rows import PageFormat
from opsboard.ui.render.layout import PageRow
from opsboard.ui.render.lineage_page import lineage_page, shown_node
from opsboard.ui.screens.record_page import RecordPageScreen


class LineageScreen(RecordPageScreen):
    """The chain of *node*, a record or a thing of which there is none, such as a commit."""

    SCOPES: ClassVar = RecordPageScreen.SCOPES
    BINDINGS: ClassVar = ACTIONS.bindings(
        BindingScope.RECORD, BindingScope.DETAIL, BindingScope.ACT
    )
    sort = "chain"

    def __init__(self, context: AppContext, node: Node) -> None:
        ref = node if isinstance(node, Ref) else None
        record = context.board.get(ref) if ref else None
        title = record.name if record else node[2]
        super().__init__(context, title, ref)
        self._node = node
        self._begun = False

    def rows(self, page: PageFormat) -> Sequence[PageRow]:
        """Return the chain, and what would mend it."""
        return lineage_page(self.context.board, self._node, page)

    def write(self) -> None:
        """Write the page again; at first, the cursor is on the record itself."""
        super().write()
        if not self._begun and self.page.rows:
            self._begun = True
            shown = (self._node, shown_node(self.context.board, self._node))
            keys = [row.key for row in self.page.rows]
            own = [keys.index(node) for node in shown if node in keys]
            if own:
                self.call_after_refresh(self.page.move_to, own[0])
