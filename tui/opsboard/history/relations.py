"""How near records are to one by the joins, for the order of what changed before it went red.

From the failed record outward: towards what it is made of, each edge is one step; towards what else
is made of the same, it is two, since that fails with it rather than makes it fail. What is reached
through a guess only is a candidate, whatever its distance. So is what it calls, with what that is
made of: whether it does call it is not known, and what that calls in turn is too far away.
"""

import heapq
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace
from enum import Enum
from itertools import count, islice
from typing import Final

from opsboard.history.before_red import Relation
from opsboard.history.model import Transition
from opsboard.lineage.calls import callees
from opsboard.lineage.candidates import guesses_into, guesses_out_of
from opsboard.lineage.edges import edges_into, edges_out_of
from opsboard.lineage.graph import Edge, LineageRules, Node
from opsboard.lineage.index import LineageIndex
from opsboard.records import Claim, Identity, Record, Ref, Strength
from opsboard.records.claims import PLACES

MAX_STEPS: Final = 8
MOST_NODES: Final = 500
MOST_AT_ONE: Final = 50
"""Edges of one node that are followed: a base image has everything below it."""

_UP: Final = 1
_DOWN: Final = 2
_MOST_RULES: Final = 3


class _Trail(Enum):
    """By which edges a node was reached: only towards what things are made of, any, or a call.

    What the failed thing runs as makes calls; those of what else is made of the same do not matter.
    """

    UP = 1
    AROUND = 2
    CALLED = 3


def relations_of(index: LineageIndex, subject: Ref) -> dict[Ref, Relation]:
    """Return how the records of *index* are joined to *subject*, at most eight steps away."""
    found: dict[Node, Relation] = {}
    order = count()  # nodes of two sorts are not compared
    front: list[tuple[bool, int, int, Node, tuple[str, ...], _Trail]] = [
        (False, 0, next(order), subject, (), _Trail.UP)
    ]
    while front and len(found) < MOST_NODES:
        candidate, steps, _, node, rules, trail = heapq.heappop(front)
        if node in found:
            continue
        found[node] = Relation(steps, _way(rules), candidate)
        beyond = _into(index, node) if trail is _Trail.CALLED else _steps(index, node)
        for edge, there, cost in beyond:
            if there in found or steps + cost > MAX_STEPS:
                continue
            entry = (candidate or edge.is_candidate, steps + cost, next(order), there)
            onward = _Trail.AROUND if trail is _Trail.UP and cost == _DOWN else trail
            heapq.heappush(front, (*entry, (*rules, edge.rule), onward))
        for edge in _calls(index, node) if trail is _Trail.UP and not candidate else ():
            entry = (True, steps + 1, next(order), edge.upstream)
            heapq.heappush(front, (*entry, (*rules, edge.rule), _Trail.CALLED))
    return {node: how for node, how in found.items() if isinstance(node, Ref)}


def _calls(index: LineageIndex, node: Node) -> Iterable[Edge]:
    record = index.record(node) if isinstance(node, Ref) else None
    return islice(callees(index, record), MOST_AT_ONE) if record is not None else ()


def _into(index: LineageIndex, node: Node) -> Iterator[tuple[Edge, Node, int]]:
    for edge in edges_into(index, node)[:MOST_AT_ONE]:
        yield edge, edge.upstream, _UP


def _steps(index: LineageIndex, node: Node) -> Iterator[tuple[Edge, Node, int]]:
    into = (*edges_into(index, node), *guesses_into(index, node))
    for edge in into[:MOST_AT_ONE]:
        yield edge, edge.upstream, _UP
    if isinstance(node, Identity) and node.type in PLACES:
        return  # what else is there does not fail with it
    out = (*edges_out_of(index, node), *guesses_out_of(index, node))
    for edge in out[:MOST_AT_ONE]:
        yield edge, edge.downstream, _DOWN


def _way(rules: tuple[str, ...]) -> str:
    """Return the rules of the edges on the way, the nearest first, each once."""
    told = list(dict.fromkeys(rules))
    more = [f"{len(told) - _MOST_RULES} more"] if len(told) > _MOST_RULES else []
    return ", ".join(told[:_MOST_RULES] + more)


def index_before(
    records: Iterable[Record],
    transitions: Iterable[Transition],
    rules: LineageRules | None = None,
) -> LineageIndex:
    """Return the joins at the time of a failure: of *records*, which were there then.

    What was gone by then is in it too, as it was: its removal may be what is looked for. So is what
    a thing was before it changed, where that is a hash or a number and no name that can be moved:
    what was made of a table's old content is made of that table.
    """
    index = LineageIndex(rules) if rules is not None else LineageIndex()
    known = {record.ref: record for record in records}
    for transition in transitions:
        if (before := transition.before) is not None:
            now = known.setdefault(transition.ref, before)
            stated = {claim.identity for claim in now.outputs}
            if was := [one for one in before.outputs if _lasts(one, stated)]:
                known[transition.ref] = replace(now, outputs=(*now.outputs, *was))
    index.update(known.values())
    return index


def _lasts(claim: Claim, stated: AbstractSet[Identity]) -> bool:
    return claim.strength.rank >= Strength.SHA.rank and claim.identity not in stated
