"""The chain of a node as the rows of a page."""

from collections.abc import Sequence
from typing import Final

from rich.text import Text

from opsboard.lineage import Missing, Node, chain
from opsboard.records import Kind, Record, Ref
from opsboard.ui.context import AppContext
from opsboard.ui.render.detail_rows import PageFormat
from opsboard.ui.render.layout import BLANK, PageRow, wrap_text
from opsboard.ui.render.lineage_lines import lineage_lines
from opsboard.views.lineage_rows import NodeRow, identity_row, lineage_rows, record_row

NOTHING_STATED: Final = (
    "Nothing is known to be joined to it: it states neither what it is made of nor what it makes, "
    "and nothing else names it."
)


def lineage_page(context: AppContext, node: Node, page: PageFormat) -> list[PageRow]:
    """Return the chain of *node* as the rows of a page."""
    found = chain(context.board.lineage, node)

    def describe(one: Node) -> NodeRow:
        record = context.board.get(one) if isinstance(one, Ref) else None
        if record is not None:
            return record_row(record)
        if isinstance(one, Ref):
            return NodeRow(one, str(one.kind), one.id, "not on the board", copy_text=one.id)
        return identity_row(one)

    rows = lineage_rows(found.start, found.edges, describe, _by_node(found.missing))
    lines = list(lineage_lines(rows, page))
    if found.cut:
        lines.append(PageRow(Text("   there is more: go to one of these, and press the key again")))
    if len(found.nodes) <= 1:
        text = _why_alone(context.board.get(node) if isinstance(node, Ref) else None)
        lines += [BLANK, *(PageRow(Text(f"  {line}")) for line in wrap_text(text, page.width - 4))]
    return lines


def _by_node(missing: Sequence[Missing]) -> dict[Node, list[str]]:
    found: dict[Node, list[str]] = {}
    for one in missing:
        found.setdefault(one.node, []).append(one.note)
    return found


def _why_alone(record: Record | None) -> str:
    if record is not None and record.kind is Kind.ALERT:
        return "An alert about a source is made of nothing."
    return NOTHING_STATED
