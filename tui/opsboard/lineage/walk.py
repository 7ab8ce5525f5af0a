"""Walks: everything that a node is made of, or everything that is made of it, by solid edges only.

What is live where, figures, rules, plans and counts are made with these and with nothing else.
"""

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple, TypeAlias

from opsboard.lineage.edges import edges_into, edges_out_of, own_nodes
from opsboard.lineage.graph import Edge, Node
from opsboard.lineage.index import LineageIndex
from opsboard.records import Identity, Ref

MAX_DEPTH: Final = 8
MAX_NODES: Final = 500
"""Nodes after which a walk ends: a base image has everything below it."""

Step: TypeAlias = Callable[[Node], Iterable[tuple[Edge, Node]]]


class Reached(NamedTuple):
    """Where a walk came to: *nodes* in the order of their distance, with the *edges* it went by.

    *cut* says that there was more.
    """

    nodes: dict[Node, int]
    edges: tuple[Edge, ...]
    cut: bool = False

    def refs(self) -> list[Ref]:
        """Return the records among the nodes, the nearest first."""
        return [node for node in self.nodes if isinstance(node, Ref)]

    def identities(self) -> list[Identity]:
        """Return the things among the nodes of which there is no record."""
        return [node for node in self.nodes if isinstance(node, Identity)]


def solid_upstream(index: LineageIndex, node: Node, depth: int = MAX_DEPTH) -> Reached:
    """Return everything that *node* is made of, as far as it is known for sure."""
    return walk(own_nodes(index, node), lambda at: _solid(upstream(index, at)), depth)


def solid_downstream(index: LineageIndex, node: Node, depth: int = MAX_DEPTH) -> Reached:
    """Return everything that is made of *node*, as far as it is known for sure."""
    return walk(own_nodes(index, node), lambda at: _solid(downstream(index, at)), depth)


def upstream(index: LineageIndex, node: Node) -> Iterable[tuple[Edge, Node]]:
    """Return the edges into *node*, each with the node at its other end."""
    return [(edge, edge.upstream) for edge in edges_into(index, node)]


def downstream(index: LineageIndex, node: Node) -> Iterable[tuple[Edge, Node]]:
    """Return the edges out of *node*, each with the node at its other end."""
    return [(edge, edge.downstream) for edge in edges_out_of(index, node)]


def _solid(steps: Iterable[tuple[Edge, Node]]) -> Iterable[tuple[Edge, Node]]:
    return (step for step in steps if not step[0].is_candidate)


def walk(
    start: Iterable[Node],
    step: Step,
    depth: int,
    most: int = MAX_NODES,
    most_at_one: int = MAX_NODES,
) -> Reached:
    """Return all that is reached from *start* in at most *depth* steps, the nearest first.

    It ends at *most* nodes, and goes on from each by *most_at_one* edges.
    """
    seen = dict.fromkeys(start, 0)
    edges: dict[Edge, None] = {}
    front: dict[tuple[Node, Edge | None], None] = {(node, None): None for node in seen}
    gone_on = {(node, False) for node in seen}
    cut = False
    for distance in range(1, depth + 1):
        following: dict[tuple[Node, Edge | None], None] = {}
        for at, came_by in front:
            steps = [one for one in step(at) if came_by is None or _follows(came_by, one[0])]
            cut = cut or len(steps) > most_at_one
            for edge, node in steps[:most_at_one]:
                if node not in seen and len(seen) >= most:
                    cut = True
                    continue
                edges[edge] = None
                seen.setdefault(node, distance)
                if (node, edge.owns) not in gone_on:
                    gone_on.add((node, edge.owns))
                    following[node, edge] = None
        front = following
    return Reached(seen, tuple(edges), cut)


def _follows(one: Edge, other: Edge) -> bool:
    """Tell whether what is joined by the edges *one* and *other*, in a row, hangs together.

    What a workload is made of now says nothing of a pod that it made before.
    """
    upper, lower = (one, other) if one.downstream == other.upstream else (other, one)
    return upper.owns or not lower.owns
