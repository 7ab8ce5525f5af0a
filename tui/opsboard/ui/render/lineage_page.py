"""The chain of a node as the rows of a page."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, TypeVar

from rich.text import Text

from opsboard.board.state import Board
from opsboard.kinds.models import drift_rank
from opsboard.lineage.chain import Chain, chain, chain_root
from opsboard.lineage.edges import edges_into, edges_out_of
from opsboard.lineage.graph import Node
from opsboard.lineage.missing import Missing
from opsboard.lineage.reversals import picked, reverting
from opsboard.records import Commit, Deployment, Drift, Identity, Kind, ModelVersion, Record, Ref
from opsboard.records.claims import COMMIT
from opsboard.records.commits import short_sha
from opsboard.records.identity import repository
from opsboard.ui.render.detail_rows import PageFormat
from opsboard.ui.render.layout import BLANK, PageRow, wrap_text
from opsboard.ui.render.lineage_lines import lineage_lines
from opsboard.views.lineage_rows import LineageRow, NodeRow, identity_row, lineage_rows, record_row

R = TypeVar("R", bound=Record)

_WIDEST: Final = 118
"""Columns of a line at most: a rule at its right is read with what it joins."""
NOTHING_STATED: Final = (
    "Nothing is known to be joined to it: it states neither what it is made of nor what it makes, "
    "and nothing else names it."
)


def lineage_page(board: Board, node: Node, page: PageFormat) -> list[PageRow]:
    """Return the chain of *node* as the rows of a page.

    A record is shown by its :func:`~opsboard.lineage.chain.chain_root`.
    """
    page = page._replace(width=min(page.width, _WIDEST))
    found = chain(board.lineage, shown_node(board, node))
    lines = list(lineage_lines(rows_of(found, board), page))
    if found.cut:
        lines.append(PageRow(Text("   there is more: go to one of these, and press the key again")))
    if len(found.nodes) <= 1:
        text = _why_alone(board.get(node) if isinstance(node, Ref) else None)
        lines += [BLANK, *(PageRow(Text(f"  {line}")) for line in wrap_text(text, page.width - 4))]
    return lines


def rows_of(found: Chain, board: Board) -> Sequence[LineageRow]:
    """Return the rows of a chain, with what *board* says of its nodes."""

    def describe(one: Node) -> NodeRow:
        record = board.get(one) if isinstance(one, Ref) else None
        if record is not None:
            row = record_row(record)
            return replace(row, note="  ".join(filter(None, (row.note, _beside(board, record)))))
        if isinstance(one, Ref):
            return NodeRow(one, str(one.kind), one.id, "not on the board", copy_text=one.id)
        row = identity_row(one)
        return replace(row, note="  ".join(filter(None, (row.note, _said_of(board, one)))))

    missing = _by_node(found.missing)
    return list(lineage_rows(found.start, found.edges, describe, missing, found.bases))


def shown_node(board: Board, node: Node) -> Node:
    """Return the node whose chain is shown for *node*."""
    record = board.get(node) if isinstance(node, Ref) else None
    return node if record is None else chain_root(board.lineage, record)


def _said_of(board: Board, commit: Identity) -> str:
    """Return which commits say that they revert *commit*, or are a cherry-pick of it."""
    said = [
        f"{verb} {', '.join(short_sha(one.value) for one in found)}"
        for verb, found in (
            ("reverted by", reverting(board.containment, (commit,))),
            ("cherry-picked as", picked(board.containment, (commit,))),
        )
        if found
    ]
    return ", ".join(said)


def _says(commit: Commit) -> str:
    """Return of which commits the message of *commit* says something."""
    said = (("reverts", commit.reverts), ("cherry-picked from", commit.picked_from))
    return ", ".join(f"{verb} {', '.join(map(short_sha, shas))}" for verb, shas in said if shas)


def _beside(board: Board, record: Record) -> str:
    """Return what is joined to *record* and stands on no line of its own: model, drift, reverts."""
    if isinstance(record, Commit):
        own = Identity(COMMIT, repository(record.repository), record.sha)
        return ", ".join(filter(None, (_says(record), _said_of(board, own))))
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
