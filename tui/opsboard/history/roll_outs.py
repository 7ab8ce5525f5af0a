"""The roll-outs of a workload as the ledger has them: how each went, and how long it took.

A roll-out begins where the revision changes, and ends where all is well at that revision; or it
fails, or another one takes its place. How long one took is known only where both ends were seen to
the minute, and somebody watched in between.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.history.model import Gap, Transition
from opsboard.records import Deployment, Record, Status
from opsboard.records.claims import BESIDE, IMAGE

EXACT: Final = timedelta(seconds=60)
"""How wide the interval of an end may be in which it lies."""

MAX_ROLL_OUT: Final = timedelta(hours=6)
"""What takes longer stood still meanwhile: it says nothing of the next one."""


@frozen_unchecked
class RollOut(Frozen):
    """One roll-out, to *revision*, which began at *at*.

    *took* is how long it went on until all was well, ``None`` where that is not known. *failed_at*
    is when it was first seen failing, with *why*; *left_for* the revision that took its place while
    it failed. *images* are the references of what it ran, and *digests* what they led to, as far as
    they were seen; what ran beside it, an init container, is not among them.
    """

    revision: str
    at: datetime
    took: timedelta | None = None
    failed_at: datetime | None = None
    why: str = ""
    left_for: str = ""
    left_at: datetime | None = None
    digests: tuple[str, ...] = ()
    images: tuple[str, ...] = ()

    @property
    def was_left_failing(self) -> bool:
        """Whether it failed, and was replaced before all was well."""
        return self.failed_at is not None and bool(self.left_for)


def roll_outs(transitions: Iterable[Transition], gaps: Sequence[Gap] = ()) -> list[RollOut]:
    """Return the roll-outs that *transitions* of one workload tell, the first one first."""
    ordered = sorted(transitions, key=lambda one: (one.at, one.seq))
    groups: list[list[Transition]] = []
    for one in ordered:
        if not isinstance(one.after, Deployment):
            continue
        if not groups or _revision(groups[-1][-1]) != one.after.revision:
            groups.append([])
        groups[-1].append(one)
    following = [_revision(group[0]) for group in groups[1:]] + [""]
    left = [group[0].shown_at for group in groups[1:]] + [None]
    return [
        _roll_out(group, after, at, gaps)
        for group, after, at in zip(groups, following, left, strict=True)
    ]


def _revision(one: Transition) -> str:
    return one.after.revision if isinstance(one.after, Deployment) else ""


def _roll_out(
    group: Sequence[Transition], following: str, left_at: datetime | None, gaps: Sequence[Gap]
) -> RollOut:
    began = group[0]
    well = next((one for one in group if _status(one) is Status.OK), None)
    failing = [one for one in group if _status(one) is Status.FAILED]
    last_failed = bool(failing) and _status(group[-1]) is Status.FAILED
    first = failing[0] if failing else None
    record = group[-1].after
    return RollOut(
        revision=_revision(began),
        at=began.shown_at,
        took=_took(began, well, gaps) if well is not None and not began.baseline else None,
        failed_at=first.shown_at if first is not None else None,
        why=first.after.reason if first is not None and first.after is not None else "",
        left_for=following if last_failed else "",
        left_at=left_at if last_failed else None,
        digests=_digests(record) if record is not None else (),
        images=record.images if isinstance(record, Deployment) else (),
    )


def _digests(record: Record) -> tuple[str, ...]:
    own = (one for one in record.inputs if one.type == IMAGE and one.rule not in BESIDE)
    return tuple(dict.fromkeys(one.value for one in own))


def _status(one: Transition) -> Status | None:
    return one.after.status if one.after is not None else None


def _took(began: Transition, well: Transition, gaps: Sequence[Gap]) -> timedelta | None:
    """Return how long it took, where both ends are known and somebody watched in between."""
    if began is well or not (_is_exact(began) and _is_exact(well)):
        return None
    start, end = began.shown_at, well.shown_at
    unseen = any(
        (gap.since is None or gap.since < end) and (gap.until is None or gap.until > start)
        for gap in gaps
    )
    took = end - start
    return took if not unseen and timedelta(0) < took <= MAX_ROLL_OUT else None


def _is_exact(one: Transition) -> bool:
    return one.earliest is None or one.at - one.earliest <= EXACT
