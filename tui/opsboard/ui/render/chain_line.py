"""The main line of a chain: what leads to a record and on from it, and how that is known.

Of several things that one is made of, the line has the one that is joined to it the most surely;
each arrow is an edge that there is. What branches off is counted: the page of the chain has it.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from rich.text import Text

from opsboard.lineage.chain import Chain
from opsboard.lineage.graph import Edge, Node
from opsboard.records import Ref, Status
from opsboard.ui.render.cells import BOLD, PLAIN
from opsboard.ui.render.detail_rows import PageFormat
from opsboard.ui.render.layout import fit_text, wrap_text
from opsboard.views.lineage_rows import identity_row, record_row

if TYPE_CHECKING:
    from opsboard.board.state import Board

_LONGEST: Final = 4
"""Edges that are followed in either direction."""
_RULE_LINES: Final = 2


class _Line(NamedTuple):
    """The *edges* of a line in the order of the flow, and how many nodes are not on it."""

    edges: Sequence[Edge]
    others: int


def chain_line(board: "Board", found: Chain, page: PageFormat) -> list[Text]:
    """Return the main line of the chain *found*, broken at the width of *page*, with its rules.

    An edge that is a guess is drawn broken, and its rule says that it is a candidate. It is empty
    where nothing is joined.
    """
    before = _followed(found.start, found.edges, lambda e: e.downstream, lambda e: e.upstream)
    after = _followed(found.start, found.edges, lambda e: e.upstream, lambda e: e.downstream)
    edges = [*reversed(before), *after]
    if not edges:
        return []
    line = _Line(edges, len(found.nodes) - len(edges) - 1)
    return [*_names(board, found.start, line, page), *_rules(line, page)]


def _followed(
    node: Node,
    edges: Sequence[Edge],
    near: Callable[[Edge], Node],
    far: Callable[[Edge], Node],
) -> list[Edge]:
    """Return the surest edges from *node* on, one after the other."""
    path: list[Edge] = []
    seen = {node}
    while len(path) < _LONGEST:
        beside = [edge for edge in edges if near(edge) == node and far(edge) not in seen]
        if not beside:
            break
        best = max(beside, key=lambda edge: (not edge.is_candidate, edge.strength.rank))
        node = far(best)
        seen.add(node)
        path.append(best)
    return path


def _name(board: "Board", node: Node) -> str:
    record = board.get(node) if isinstance(node, Ref) else None
    if record is not None:
        return record_row(record).name
    return node.id if isinstance(node, Ref) else identity_row(node).name


def _names(board: "Board", start: Node, line: _Line, page: PageFormat) -> list[Text]:
    glyphs, styles = page.styles.glyphs, page.styles
    nodes = [line.edges[0].upstream, *(edge.downstream for edge in line.edges)]
    lines, text = [], Text(" ")
    for edge, node in zip((None, *line.edges), nodes, strict=True):
        arrow = Text()
        if edge is not None:
            bar = glyphs.gap if edge.is_candidate else glyphs.rule
            style = styles.statuses[Status.WARNING] if edge.is_candidate else styles.muted
            arrow = Text(f" {bar}{glyphs.arrow} ", style)
        name = Text(_name(board, node)[: page.width - 8], BOLD if node == start else PLAIN)
        if text.cell_len > 1 and text.cell_len + arrow.cell_len + name.cell_len >= page.width:
            lines.append(text)
            text = Text(" ")
        text.append_text(arrow).append_text(name)
    beside = f"  +{line.others} beside" if line.others > 0 else ""
    if text.cell_len + len(beside) >= page.width:
        lines.append(text)
        text = Text(" ")
    return [*lines, text.append(beside, styles.muted)]


def _rules(line: _Line, page: PageFormat) -> list[Text]:
    rules = (f"candidate: {e.rule}" if e.is_candidate else f"by {e.rule}" for e in line.edges)
    width = page.width - 3
    lines = list(wrap_text(", ".join(dict.fromkeys(rules)), width))
    shown, last = lines[: _RULE_LINES - 1], " ".join(lines[_RULE_LINES - 1 :])
    if last:
        shown.append(fit_text(last, width, page.styles).rstrip())
    return [Text(f" {one}", page.styles.muted) for one in shown]
