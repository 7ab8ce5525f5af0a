"""Which commits take another one back, or bring it once more, and whether they are deployed too.

A commit that is live may be without effect: a later one reverts it, and is live as well. Nobody but
the message of the later one says so, as git writes it; it is told beside the answer and never is
the answer. Who reverts a revert brings back what that took.
"""

from collections.abc import Iterator, Sequence, Set
from typing import Final, NamedTuple

from opsboard.lineage.containment import Containment
from opsboard.records import Identity
from opsboard.records.claims import COMMIT
from opsboard.records.commits import short_sha

MOST: Final = 8
"""Reverts of reverts that are followed."""


class Reversal(NamedTuple):
    """*commit* says that it reverts another, and *undone_by* that they revert it in turn.

    *deployed* is whether what runs contains it; ``None`` where nobody knows.
    """

    commit: Identity
    deployed: bool | None
    undone_by: tuple["Reversal", ...] = ()

    @property
    def stands(self) -> bool | None:
        """Whether what it reverts is without effect there; ``None`` where nobody knows."""
        if self.deployed is False:
            return False
        after = {one.stands for one in self.undone_by}
        if True in after:
            return False
        return None if None in after else self.deployed


def reversals(
    containment: Containment, content: Sequence[Identity], deployed: Identity
) -> tuple[Reversal, ...]:
    """Return what reverts one of *content*, and is in *deployed* or may be."""
    return tuple(_reversals(containment, content, deployed, frozenset(content)))


def _reversals(
    containment: Containment, content: Sequence[Identity], deployed: Identity, seen: Set[Identity]
) -> Iterator[Reversal]:
    for one in reverting(containment, content):
        if one in seen or len(seen) > MOST:
            continue
        has = containment.contains(one.scope, one.value, deployed.value)
        if has is not False:
            undone = _reversals(containment, (one,), deployed, {*seen, one})
            yield Reversal(one, has, tuple(undone))


def reverting(containment: Containment, content: Sequence[Identity]) -> list[Identity]:
    """Return the commits that say that they revert one of *content*."""
    return _by_message(containment, content, "reverts")


def picked(containment: Containment, content: Sequence[Identity]) -> list[Identity]:
    """Return the commits that say that they are a cherry-pick of one of *content*."""
    return _by_message(containment, content, "picked_from")


def _by_message(
    containment: Containment, content: Sequence[Identity], field: str
) -> list[Identity]:
    found = (
        Identity(COMMIT, one.scope, commit.sha)
        for one in content
        for commit in containment.saying(one.scope, one.value)
        if one.value in getattr(commit, field)
    )
    return list(dict.fromkeys(found))


def reversal_texts(found: Sequence[Reversal]) -> Iterator[str]:
    """Yield a clause for each: by which commit, and whether that is deployed."""
    for one in found:
        short = short_sha(one.commit.value)
        again = " and ".join(
            short_sha(after.commit.value) for after in one.undone_by if after.deployed
        )
        if one.deployed is None:
            yield f"{short} reverts it: whether that is deployed is not known"
        elif one.stands is False:
            yield f"reverted by {short}, which {again} takes back: both are deployed"
        elif one.stands is None:
            yield f"reverted by {short}, which is deployed; whether that is taken back is not known"
        else:
            yield f"reverted by {short}, which is deployed too"


def pick_texts(
    containment: Containment, content: Sequence[Identity], deployed: Identity
) -> Iterator[str]:
    """Yield a clause for each cherry-pick of *content* that *deployed* contains, or may contain."""
    for one in picked(containment, content):
        short, has = (
            short_sha(one.value),
            containment.contains(one.scope, one.value, deployed.value),
        )
        if has:
            yield f"cherry-picked as {short}, which is deployed"
        elif has is None:
            yield f"cherry-picked as {short}: whether that is deployed is not known"
