"""A commit that is live and reverted is told so; a revert of the revert brings it back."""

from typing import Any

from opsboard.lineage.containment import Containment
from opsboard.lineage.where import CommitPlace, Presence, whereabouts
from opsboard.records import Commit, Record, Status
from opsboard.records.claims import stated
from opsboard.records.commits import short_sha
from opsboard.records.identity import commit
from tests.lineage.estate import SHOP, commit_node, compared, index_of, merged, sha
from tests.lineage.test_where import _running


def message(number: int, repository: str = SHOP, **says: int) -> Commit:
    shas: Any = {field: (sha(other),) for field, other in says.items()}
    return Commit(
        source="github",
        id=f"{repository}@{sha(number)}",
        name=f"commit {number}",
        status=Status.OK,
        repository=repository,
        sha=sha(number),
        outputs=stated(commit(repository, sha(number), "GitHub commit")),
        **shas,
    )


def place(number: int, *records: Record) -> CommitPlace:
    """Return where the commit *number* is, in the one place that there is.

    The host knows the commits that it is not said what their messages say.
    """
    told = {one.sha for one in records if isinstance(one, Commit) and one.repository == SHOP}
    known = (*records, *(message(one) for one in (1, 2, 3, 9) if sha(one) not in told))
    containment = Containment()
    containment.update(known)
    (found,) = whereabouts(index_of(*known), containment, commit_node(sha(number))).places
    return found


def test_what_is_live_with_its_revert_is_said_to_be_reverted() -> None:
    found = place(1, *_running(2), message(2, reverts=1), compared(sha(1), sha(2), 1))
    assert (found.presence, found.reverted) == (Presence.LIVE, True)
    assert found.beside == (f"reverted by {short_sha(sha(2))}, which is deployed too",)


def test_a_revert_that_is_contained_in_what_is_deployed_counts_and_a_later_one_does_not() -> None:
    line = compared(sha(1), sha(2), 1), compared(sha(2), sha(3), 1), compared(sha(1), sha(3), 2)
    assert place(1, *_running(3), message(2, reverts=1), *line).reverted is True
    later = place(1, *_running(2), message(3, reverts=1), *line)
    assert (later.presence, later.reverted, later.beside) == (Presence.LIVE, False, ())


def test_the_revert_of_a_revert_brings_back_what_that_took() -> None:
    line = compared(sha(1), sha(2), 1), compared(sha(2), sha(3), 1), compared(sha(1), sha(3), 2)
    says = message(2, reverts=1), message(3, reverts=2)
    found = place(1, *_running(3), *says, *line)
    assert (found.presence, found.reverted) == (Presence.LIVE, False)
    assert "takes back" in found.beside[0]
    undone = place(2, *_running(3), *says, *line)
    assert (undone.presence, undone.reverted) == (Presence.LIVE, True)
    half = place(1, *_running(2), *says, *line)
    assert half.reverted is True


def test_a_revert_of_which_nobody_knows_whether_it_is_deployed_is_told_as_that() -> None:
    found = place(1, *_running(3), message(2, reverts=1), compared(sha(1), sha(3), 2))
    assert (found.presence, found.reverted) == (Presence.LIVE, None)
    assert "not known" in found.beside[0]


def test_a_revert_of_the_merge_takes_back_what_was_merged() -> None:
    found = place(
        9, merged(12, sha(9), sha(1)), *_running(2), message(2, reverts=1),
        compared(sha(1), sha(2), 1),
    )  # fmt: skip
    assert (found.presence, found.reverted) == (Presence.LIVE, True)


def test_what_is_not_there_is_not_reverted_there() -> None:
    found = place(2, *_running(1), message(3, reverts=2), compared(sha(1), sha(2), 1))
    assert (found.presence, found.reverted, found.beside) == (Presence.NOT_YET, False, ())


def test_a_fork_reverts_nothing_of_this_repository() -> None:
    fork = message(2, "github.com/fork/checkout", reverts=1)
    found = place(1, *_running(2), fork, compared(sha(1), sha(2), 1))
    assert (found.reverted, found.beside) == (False, ())


def test_a_cherry_pick_that_is_deployed_is_told_and_is_not_the_commit() -> None:
    found = place(1, *_running(2), message(2, picked_from=1), compared(sha(1), sha(2), 1, 1))
    assert (found.presence, found.reverted) == (Presence.NOT_YET, False)
    assert found.beside == (f"cherry-picked as {short_sha(sha(2))}, which is deployed",)


def test_commits_that_name_each_other_end() -> None:
    line = compared(sha(1), sha(2), 1), compared(sha(2), sha(3), 1), compared(sha(1), sha(3), 2)
    says = message(2, reverts=3), message(3, reverts=2), message(1, reverts=1)
    assert place(2, *_running(3), *says, *line).reverted is True


def test_what_a_message_said_is_forgotten_with_the_commit() -> None:
    known, revert = Containment(), message(2, reverts=1)
    known.update([revert])
    assert known.saying(SHOP, sha(1)) == [revert]
    known.update([message(2)])
    assert known.saying(SHOP, sha(1)) == []
    known.update([revert])
    known.update((), [revert.ref])
    assert known.saying(SHOP, sha(1)) == []
