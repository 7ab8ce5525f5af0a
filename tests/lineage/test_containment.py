"""Which commit contains which: only what a host has said, and what follows from that."""

from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from opsboard.lineage.containment import Containment
from opsboard.records import CommitComparison
from tests.lineage.estate import SHOP, compared, sha


def _knows(*facts: CommitComparison) -> Containment:
    known = Containment()
    known.update(facts)
    return known


def test_a_commit_contains_itself_and_nobody_knows_of_others() -> None:
    known = _knows()
    assert known.contains(SHOP, sha(1), sha(1)) is True
    assert known.contains(SHOP, sha(1), sha(2)) is None


def test_what_is_ahead_contains_the_base_and_is_not_contained_in_it() -> None:
    known = _knows(compared(sha(1), sha(2), 4))
    assert known.contains(SHOP, sha(1), sha(2)) is True
    assert known.contains(SHOP, sha(2), sha(1)) is False
    assert known.waiting(SHOP, sha(1), sha(2)) == 4
    assert known.waiting(SHOP, sha(2), sha(1)) == 0
    assert known.waiting(SHOP, sha(1), sha(3)) == -1


def test_it_is_known_over_several_steps() -> None:
    known = _knows(compared(sha(1), sha(2), 1), compared(sha(3), sha(2), 0, 5))
    assert known.contains(SHOP, sha(1), sha(3)) is True
    assert known.contains(SHOP, sha(3), sha(1)) is False


def test_of_diverged_commits_neither_contains_the_other() -> None:
    known = _knows(compared(sha(1), sha(2), 3, 2))
    assert known.contains(SHOP, sha(1), sha(2)) is False
    assert known.contains(SHOP, sha(2), sha(1)) is False


def test_another_repository_says_nothing() -> None:
    known = _knows(compared(sha(1), sha(2), 4, repository="github.com/mallory/checkout"))
    assert known.contains(SHOP, sha(1), sha(2)) is None


def test_what_the_host_knows_no_more_is_not_known() -> None:
    lost = CommitComparison(
        source="github", id="x", name="x", repository=SHOP, base=sha(1), head=sha(2)
    )
    known = _knows(lost)
    assert known.contains(SHOP, sha(1), sha(2)) is None
    assert known.waiting(SHOP, sha(1), sha(2)) == -1


def test_a_comparison_without_an_answer_hides_no_other() -> None:
    lost = CommitComparison(
        source="other", id="x", name="x", repository=SHOP, base=sha(1), head=sha(2)
    )
    for known in (_knows(lost, compared(sha(1), sha(2), 4, 3)),
                  _knows(compared(sha(1), sha(2), 4, 3), lost)):  # fmt: skip
        assert known.waiting(SHOP, sha(1), sha(2)) == 4
        assert known.waiting(SHOP, sha(2), sha(1)) == 3


def test_a_comparison_that_is_gone_is_forgotten() -> None:
    fact = compared(sha(1), sha(2), 4)
    known = _knows(fact)
    known.update([], [fact.ref])
    assert known.contains(SHOP, sha(1), sha(2)) is None


PARENTS = st.integers(2, 8).flatmap(
    lambda size: st.tuples(*[
        st.sets(st.integers(0, number - 1), max_size=2) if number else st.just(set())
        for number in range(size)
    ])
)  # fmt: skip


def _ancestors(parents: Mapping[int, set[int]], of: int) -> set[int]:
    return {of}.union(*(_ancestors(parents, one) for one in parents[of]))


@settings(max_examples=200, deadline=None)
@given(PARENTS, st.data())
def test_whatever_is_compared_the_answer_is_that_of_git_or_none(
    history: tuple[set[int], ...], data: st.DataObject
) -> None:
    parents = dict(enumerate(history))
    has = {number: _ancestors(parents, number) for number in parents}
    commits = st.sampled_from(sorted(parents))
    pairs = data.draw(st.lists(st.tuples(commits, commits), max_size=6, unique=True))
    known = _knows(
        *(compared(sha(a), sha(b), len(has[b] - has[a]), len(has[a] - has[b])) for a, b in pairs)
    )
    for inner in parents:
        for outer in parents:
            answer = known.contains(SHOP, sha(inner), sha(outer))
            assert answer in {None, inner in has[outer]}
            if (inner, outer) in pairs or (outer, inner) in pairs:
                assert answer is (inner in has[outer])
