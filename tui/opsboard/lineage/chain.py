"""The chain of one thing: all that it is made of, and all that is made of it, guesses included."""

from collections.abc import Iterable
from typing import Final, NamedTuple, TypeGuard

from opsboard.lineage.candidates import guesses_into, guesses_out_of
from opsboard.lineage.edges import edges_into, own_nodes
from opsboard.lineage.graph import Edge, Node
from opsboard.lineage.index import LineageIndex
from opsboard.lineage.missing import Missing, missing_of
from opsboard.lineage.verify import is_image_node
from opsboard.lineage.walk import MAX_DEPTH, Reached, downstream, upstream, walk
from opsboard.records import Activity, Drift, Kind, Model, Record, Ref, Service
from opsboard.records.claims import (
    COMMIT,
    DATASET,
    IMAGE,
    IMAGE_TAG,
    MODEL_ALIAS,
    MODEL_VERSION,
    PULL_REQUEST,
    RUN,
    WORKLOAD,
)

MOST_NODES: Final = 200
MOST_AT_ONE: Final = 24
"""Nodes of a chain, and those that one node leads to, that are shown."""

_STAGES: Final[dict[str, int]] = {
    PULL_REQUEST: 0, COMMIT: 1, DATASET: 1, RUN: 2, Kind.BUILD: 2, Kind.ARTIFACT: 3, IMAGE: 4,
    IMAGE_TAG: 4, MODEL_VERSION: 4, MODEL_ALIAS: 4, Kind.POD: 5, Kind.DEPLOYMENT: 6, WORKLOAD: 6,
    Kind.DRIFT: 7, Kind.ALERT: 8,
}  # fmt: skip
"""Where a thing stands among others of the same distance."""


class Chain(NamedTuple):
    """What *start* is made of and what is made of it.

    *nodes* stand in the order of the flow, what others are made of first. *solid* are those that
    are reached without a guess. *bases* are the edges from a base image to what is built on it.
    *cut* says that there is more than is told.
    """

    start: Node
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    solid: frozenset[Node]
    missing: tuple[Missing, ...]
    bases: frozenset[Edge] = frozenset()
    cut: bool = False


def chain(index: LineageIndex, node: Node, depth: int = MAX_DEPTH) -> Chain:
    """Return the chain of *node*, to at most *depth* steps in either direction."""
    start = own_nodes(index, node)
    before = walk(start, lambda at: _before(index, at), depth, MOST_NODES, MOST_AT_ONE)
    after = walk(start, lambda at: _after(index, at), depth, MOST_NODES, MOST_AT_ONE)
    edges = tuple(dict.fromkeys((*before.edges, *after.edges)))
    nodes = _in_order(before, after)
    return Chain(
        start[0] if start else node,
        nodes,
        tuple(sorted(edges, key=lambda edge: _edge_place(nodes, edge))),
        _reached_for_sure(start, edges),
        tuple(lack for one in nodes for lack in missing_of(index, one)),
        frozenset(
            one
            for one in edges
            if is_image_node(index, one.upstream) and is_image_node(index, one.downstream)
        ),
        before.cut or after.cut,
    )


def chain_root(index: LineageIndex, record: Record) -> Ref:
    """Return the record whose chain is that of *record*: where the chain goes through.

    For a service, that is what it runs in production; for a model and for a measure of drift, the
    version that serves and the version that was measured; for what was done from here, what that
    has made, or else what it was done to.
    """
    if isinstance(record, Activity):
        return record.produced or record.about
    if isinstance(record, Service):
        return record.chain_ref or record.ref
    if isinstance(record, Drift | Model):
        ups = (one.upstream for one in edges_into(index, record.ref) if not one.is_candidate)
        return next((one for one in ups if _is_version(one)), record.ref)
    return record.ref


def _is_version(node: Node) -> TypeGuard[Ref]:
    return isinstance(node, Ref) and node.kind == Kind.MODEL_VERSION


def _before(index: LineageIndex, at: Node) -> list[tuple[Edge, Node]]:
    return [*upstream(index, at), *((e, e.upstream) for e in guesses_into(index, at))]


def _after(index: LineageIndex, at: Node) -> list[tuple[Edge, Node]]:
    steps = [*downstream(index, at), *((e, e.downstream) for e in guesses_out_of(index, at))]
    return _without_parts(index, steps)


def _without_parts(index: LineageIndex, steps: list[tuple[Edge, Node]]) -> list[tuple[Edge, Node]]:
    """Leave out what is only a part of something else that is reached too: pods of a workload."""
    reached = {node for _, node in steps}
    if len(reached) < 2:
        return steps
    return [step for step in steps if not _is_part(index, step[1], reached)]


def _is_part(index: LineageIndex, node: Node, reached: set[Node]) -> bool:
    record = index.record(node) if isinstance(node, Ref) else None
    if record is None or record.kind is not Kind.POD:
        return False
    owners = [one for one in (*record.inputs, *record.outputs) if one.type == WORKLOAD]
    return any(
        ref in reached for claim in owners for ref in index.representatives(index.identity(claim))
    )


def _in_order(before: Reached, after: Reached) -> tuple[Node, ...]:
    """Return all nodes in the order of the flow, by the edges, then by what they are."""
    nodes = [*before.nodes, *after.nodes]
    depth = dict.fromkeys(nodes, 0)
    depth.update({node: -distance for node, distance in before.nodes.items()})
    for node, distance in after.nodes.items():
        depth.setdefault(node, distance)
        depth[node] = max(depth[node], distance) if depth[node] >= 0 else depth[node]
    return tuple(sorted(dict.fromkeys(nodes), key=lambda node: (depth[node], _stage(node), node)))


def _stage(node: Node) -> int:
    word = node.kind if isinstance(node, Ref) else node.type
    return _STAGES.get(word, 5)


def _edge_place(nodes: tuple[Node, ...], edge: Edge) -> tuple[int, int]:
    places = {node: number for number, node in enumerate(nodes)}
    return places[edge.downstream], places[edge.upstream]


def _reached_for_sure(start: Iterable[Node], edges: Iterable[Edge]) -> frozenset[Node]:
    """Return the nodes that are joined to *start* by solid edges, each way by itself."""
    sure = [edge for edge in edges if not edge.is_candidate]
    found = set(start)
    for forward in (True, False):
        front = set(start)
        while front:
            if forward:
                front = {edge.downstream for edge in sure if edge.upstream in front} - found
            else:
                front = {edge.upstream for edge in sure if edge.downstream in front} - found
            found |= front
    return frozenset(found)
