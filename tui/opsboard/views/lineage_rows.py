"""The chain of a record as rows: one edge a line, with its rule; guesses are marked as such.

What a record is made of stands above it, the furthest first, and what is made of it below. Each
row that is not the record itself is joined by one edge to a row nearer to it: above, the edge
stands below its row, and below, above it. Where several things are joined to one, they are
indented, and stand in the order of the flow; of many, the surest are shown. A base image stands
last among them, right above what is built on it; what it is made of itself is only counted.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from datetime import datetime
from typing import Final, TypeAlias

from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.kinds.deployments import deployed_version
from opsboard.lineage.graph import Edge, Node
from opsboard.records import Commit, ConfigObject, Deployment, Identity, Record, Ref, Status
from opsboard.records.claims import COMMIT, IMAGE
from opsboard.records.commits import short_sha

MOST_BESIDE: Final = 12
"""Things beside each other of which a chain shows each; of more, the rest is counted."""


@frozen_unchecked
class NodeRow(Frozen):
    """A record, or a thing of which there is no record. *indent* counts the branches it is in.

    *label* is the sort of thing, *name* what it is called, *note* what else is worth knowing. *ref*
    is the record to go to; *copy_text* is its whole name or identity.
    """

    node: Node
    label: str
    name: str
    note: str = ""
    status: Status | None = None
    at: datetime | None = None
    ref: Ref | None = None
    copy_text: str = ""
    indent: int = 0
    is_root: bool = False


@frozen_unchecked
class EdgeRow(Frozen):
    """The edge between two rows: its *rule*; the *note* says why a *candidate* is no more."""

    rule: str
    candidate: bool = False
    note: str = ""
    indent: int = 0


@frozen_unchecked
class MissingRow(Frozen):
    """Where a chain ends that could go on: *text* says what would mend it."""

    text: str
    indent: int = 0


@frozen_unchecked
class MoreRow(Frozen):
    """So many things more beside those above."""

    count: int
    indent: int = 0


LineageRow: TypeAlias = NodeRow | EdgeRow | MissingRow | MoreRow
NodeText: TypeAlias = Callable[[Node], NodeRow]


def lineage_rows(
    root: Node,
    edges: Iterable[Edge],
    describe: NodeText,
    missing: Mapping[Node, Sequence[str]] | None = None,
    bases: Set[Edge] = frozenset(),
) -> list[LineageRow]:
    """Return the rows of the chain of *root*, by *edges*, which may go in circles.

    *edges* that begin or end at one node are in the order of the flow, as in a
    :class:`~opsboard.lineage.chain.Chain`.

    *missing* says of a node what would let its chain go on. *bases* are the edges from a base image
    to what is built on it.
    """
    upstream: dict[Node, list[tuple[Node, Edge]]] = {}
    downstream: dict[Node, list[tuple[Node, Edge]]] = {}
    for edge in dict.fromkeys(edges):
        upstream.setdefault(edge.downstream, []).append((edge.upstream, edge))
        downstream.setdefault(edge.upstream, []).append((edge.downstream, edge))
    walk = _Walk(describe, missing or {}, root, bases)
    above = list(walk.branch(root, upstream, 0, up=True))
    own: list[LineageRow] = [replace(describe(root), is_root=True), *walk.missing_rows(root, 0)]
    below = list(walk.branch(root, downstream, 0, up=False))
    return [*reversed(above), *own, *below]


_Joined: TypeAlias = Mapping[Node, Sequence[tuple[Node, Edge]]]


class _Walk:
    """Goes along the edges, and visits each node once."""

    def __init__(
        self,
        describe: NodeText,
        missing: Mapping[Node, Sequence[str]],
        root: Node,
        bases: Set[Edge],
    ) -> None:
        self._describe, self._missing, self._bases = describe, missing, bases
        self._seen = {root}

    def branch(self, node: Node, joined: _Joined, indent: int, *, up: bool) -> Iterator[LineageRow]:
        """Yield what is joined to *node*: each with its edge before, its own branch after it.

        *up*: the rows will be read from the last one to the first.
        """
        others = self._others(node, joined)
        shown = others[:MOST_BESIDE]
        self._seen.update(other for other, _ in shown)
        deeper = indent + (len(others) > 1)
        for other, edge in reversed(shown) if up else shown:
            yield EdgeRow(edge.rule, edge.is_candidate, edge.note, deeper)
            yield replace(self._describe(other), indent=deeper)
            if up and edge in self._bases:
                yield from self._folded(other, joined, deeper)
                continue
            yield from self.missing_rows(other, deeper)
            yield from self.branch(other, joined, deeper, up=up)
        if len(others) > len(shown):
            yield MoreRow(len(others) - len(shown), deeper)

    def _others(self, node: Node, joined: _Joined) -> list[tuple[Node, Edge]]:
        """Return what is joined to *node* and was not visited, by the surest edge to each.

        The first :data:`MOST_BESIDE` of them are the surest, in the order in which they are given;
        what *node* is built on comes last.
        """
        best: dict[Node, Edge] = {}
        for other, edge in joined.get(node, ()):
            known = best.get(other)
            if other not in self._seen and (known is None or _sure(edge) > _sure(known)):
                best[other] = edge
        surest = sorted(best.items(), key=lambda one: -one[1].strength.rank)
        shown = {other for other, _ in surest[:MOST_BESIDE]}
        return sorted(best.items(), key=lambda one: (one[0] not in shown, one[1] in self._bases))

    def _folded(self, node: Node, joined: _Joined, indent: int) -> Iterator[MoreRow]:
        """Yield how many things *node* is made of itself."""
        others = self._others(node, joined)
        if others:
            yield MoreRow(len(others), indent)

    def missing_rows(self, node: Node, indent: int) -> Iterator[MissingRow]:
        """Yield what would let the chain of *node* go on."""
        for text in self._missing.get(node, ()):
            yield MissingRow(text, indent)


def _sure(edge: Edge) -> tuple[int, str]:
    return edge.strength.rank, edge.rule


# --- what a node is called -----------------------------------------------------------------------

_SHORT_DIGEST: Final = 19
_LABELS: Final[Mapping[str, str]] = {
    "deployment": "deploy",
    "model-version": "model",
    "image-tag": "tag",
    "pull-request": "pull request",
    "activity": "act",
}
"""Words for kinds and for types of identities, where their own are long."""


def label_of(word: str) -> str:
    """Return the word for a kind of record, or for a type of identity."""
    return _LABELS.get(word, word.replace("-", " "))


def identity_row(identity: Identity) -> NodeRow:
    """Return the row of a thing of which there is no record."""
    name = short_value(identity)
    scope = "" if identity.type == IMAGE else identity.scope
    copy = identity.value if identity.type in {COMMIT, IMAGE} else " ".join(identity[1:]).strip()
    return NodeRow(identity, label_of(identity.type), name, scope, copy_text=copy)


def short_value(identity: Identity) -> str:
    """Return the value as people say it: seven characters of a SHA, the start of a digest."""
    if identity.type == COMMIT:
        return short_sha(identity.value)
    if identity.type == IMAGE and len(identity.value) > _SHORT_DIGEST:
        return identity.value[:_SHORT_DIGEST]
    return identity.value


def record_row(record: Record) -> NodeRow:
    """Return the row of *record*: what it is called, how it is, and since when."""
    words = (_title(record), record.reason, record.environment)
    row = NodeRow(
        record.ref,
        label_of(record.kind),
        record.name,
        "  ".join(filter(None, words)),
        record.display_status,
        record.updated_at or record.created_at,
        record.ref,
        record.name,
    )
    if isinstance(record, Commit):  # people say the SHA; it is neither well nor failed
        row = replace(row, name=short_sha(record.sha), status=None, copy_text=record.sha)
    return row


def _title(record: Record) -> str:
    """Return what a build is of, or which version it is, where its name does not say so."""
    if isinstance(record, Commit):
        return "" if record.sha.startswith(record.name) else record.name
    if isinstance(record, ConfigObject):
        return ""  # its version is the time of its last change, which its age tells
    if isinstance(record, Deployment):
        return deployed_version(record)
    fields = record.__dict__
    for name in ("title", "version"):
        value = fields.get(name)
        if isinstance(value, str) and value and value not in record.name:
            return f"v{value}" if name == "version" else value
    return ""
