"""The graph concludes what the joins of the board do."""

import random
from itertools import product

import pytest

from opsboard.delivery.commit_graph import CommitGraph
from opsboard.lineage.containment import Containment
from opsboard.records import CommitComparison, ComparisonState
from opsboard.records.identity import repository
from tests.delivery.recorded_world import REPOSITORY


@pytest.mark.parametrize("seed", range(40))
def test_it_agrees_with_the_joins_of_the_board(seed: int) -> None:
    rng = random.Random(seed)
    names = [f"{number:040x}" for number in range(8)]
    made = [_comparison(rng, str(number), *rng.sample(names, 2)) for number in range(9)]
    graph, containment = CommitGraph(made), Containment()
    containment.update(made)
    scope = repository(REPOSITORY)
    answers = set()
    for inner, outer in product(names, names):
        answer = containment.contains(scope, inner, outer)
        assert graph.contains(inner, outer) is answer
        answers.add(answer)
    assert {True, False} <= answers


def _comparison(rng: random.Random, number: str, base: str, head: str) -> CommitComparison:
    state = rng.choice(list(ComparisonState))
    ahead, behind = {
        ComparisonState.IDENTICAL: (0, 0),
        ComparisonState.AHEAD: (2, 0),
        ComparisonState.BEHIND: (0, 2),
        ComparisonState.DIVERGED: (1, 3),
        ComparisonState.UNKNOWN: (-1, -1),
    }[state]
    return CommitComparison(
        source="git", id=number, name="", repository=REPOSITORY, base=base, head=head,
        state=state, ahead=ahead, behind=behind,
    )  # fmt: skip
