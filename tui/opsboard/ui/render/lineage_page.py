"""The chain of a node as the rows of a page."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, TypeVar

from rich.text import Text

from opsboard.board.state import Board
from opsboard.kinds.models import drift_rank
from opsboard.lineage import Missing, Node, chain
from opsboard.lineage.edges import edges_into, edges_out_of
from opsboard.records import Deployment, Drift, Kind, ModelVersion, Record, Ref, Service
from opsboard.ui.context import AppContext
from opsboard.ui.render.detail_rows import PageFormat
from opsboard.ui.render.layout import BLANK, PageRow, wrap_text
from opsboard.ui.render.lineage_lines import lineage_lines
from opsboard.views.lineage_rows import NodeRow, identity_row, lineage_rows, record_row

R = TypeVar("R", bound=Record)

NOTHING_STATED: Final = (
    "Nothing is known to be joined to it: it states neither what it is made of nor what it makes, "
    "and nothing else names it."
)


def lineage_page(context: AppContext, node: Node, page: PageFormat) -> list[PageRow]:
    """Return the chain of *node* as the rows of a page.

    A service is shown by what it runs, and a measure of drift by the version that it is about:
    that is where the chain goes through.
    """
    index, board = context.board.lineage, context.board
    found = chain(index, chain_root(board, node))

    def describe(one: Node) -> NodeRow:
        record = board.get(one) if isinstance(one, Ref) else None
        if record is not None:
            row = record_row(record)
            return replace(row, note="  ".join(filter(None, (row.note, _beside(board, record)))))
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


def chain_root(board: Board, node: Node) -> Node:
    """Return the node whose chain is that of *node*."""
    record = board.get(node) if isinstance(node, Ref) else None
    if isinstance(record, Service):
        return record.targets[0].ref if record.targets else record.model_ref or node
    if isinstance(record, Drift):
        return next(_solid_records(board, record, ModelVersion), record).ref
    return node


def _beside(board: Board, record: Record) -> str:
    """Return what is joined to *record* and stands on no line of its own: model and drift."""
    if isinstance(record, Deployment):
        versions = _solid_records(board, record, ModelVersion)
        return ", ".join(f"serves {one.name}{_drift_text(board, one)}" for one in versions)
    return _drift_text(board, record).removeprefix(", ") if isinstance(record, ModelVersion) else ""


def _drift_text(board: Board, version: ModelVersion) -> str:
    """Return the measure of *version* that is worst, with a comma before; or nothing."""
    edges = (one for one in edges_out_of(board.lineage, version.ref) if not one.is_candidate)
    records = (board.get(one.downstream) for one in edges if isinstance(one.downstream, Ref))
    worst = max((one for one in records if isinstance(one, Drift)), key=drift_rank, default=None)
    if worst is None:
        return ""
    verb = "drifts: " if worst.crossed else ""
    return f", {verb}{worst.metric} {worst.value:.4g}"


def _solid_records(board: Board, record: Record, cls: type[R]) -> Iterator[R]:
    """Yield the records of *cls* that *record* is made of, as far as it is known for sure."""
    for edge in edges_into(board.lineage, record.ref):
        found = board.get(edge.upstream) if isinstance(edge.upstream, Ref) else None
        if isinstance(found, cls) and not edge.is_candidate:
            yield found


def _by_node(missing: Sequence[Missing]) -> dict[Node, list[str]]:
    found: dict[Node, list[str]] = {}
    for one in missing:
        found.setdefault(one.node, []).append(one.note)
    return found


def _why_alone(record: Record | None) -> str:
    if record is not None and record.kind is Kind.ALERT:
        return "An alert about a source is made of nothing."
    return NOTHING_STATED
