"""Changes: what a source yields.

A *scope* is a part of a source that is listed as a whole: the runs of one repository, the pods
of one namespace, all registered models. It is an opaque string of the adapter's making.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias

from opsboard.adapter.health import Budget, Health
from opsboard.frozen import Frozen, frozen, frozen_unchecked
from opsboard.records import Record, Ref
from opsboard.text.sanitize import Text


@frozen_unchecked
class Upsert(Frozen):
    """These records of *scope* are new or have changed."""

    scope: str
    records: Sequence[Record]


@frozen_unchecked
class Remove(Frozen):
    """These records are gone."""

    scope: str
    refs: Sequence[Ref]


@frozen_unchecked
class Complete(Frozen):
    """*scope* has been listed to its end: it holds exactly *refs*, all else in it is gone.

    *read_from* is as in :class:`Fresh`.
    """

    scope: str
    refs: frozenset[Ref]
    read_from: datetime | None = None


@frozen_unchecked
class ScopeRemoved(Frozen):
    """*scope* does not exist any more: its records are gone, and so is its health.

    The board shows it no longer. What became of it is another thing: a repository may be deleted,
    or hidden from who asks. Only where it is certain, *deleted* says so; otherwise the history
    tells of a stretch in which nobody looked, and of no removal.
    """

    scope: str
    deleted: bool = False


@frozen_unchecked
class PastRecord(Frozen):
    """What a source remembers itself of an earlier time: *record* became so *at* that time.

    *record* is as it was then, as far as the source knows; ``None`` where *ref* was gone from then
    on. *rule* says what is known, in a few words, where it is less than that (``ReplicaSet created;
    not its last roll-out``). *actor* is who did it, where the source knows.
    """

    ref: Ref
    at: datetime
    record: Record | None
    rule: str = ""
    actor: str = ""


@frozen_unchecked
class Past(Frozen):
    """What the source remembers of earlier times of *scope*: for the history alone.

    The board and everything that shows the present ignore it. May be yielded at any time, and again
    and again: what is known already is not kept twice, and what somebody has seen with their own
    eyes is never replaced.
    """

    scope: str
    records: Sequence[PastRecord]


@frozen_unchecked
class Fresh(Frozen):
    """*scope* was confirmed to be as shown: not modified, or a watch reported.

    With *streaming*, the server reports any change by itself from now on. Where it was read in
    several answers, *read_from* is when the first of them was asked for: what has changed since may
    have been read before it did. ``None`` is the time at which this is yielded.
    """

    scope: str
    streaming: bool = False
    read_from: datetime | None = None


@frozen_unchecked
class Due(Frozen):
    """The next confirmation of *scope* comes within *seconds*, and so does each one after that.

    Once that is well past, the board calls what is shown overdue. Where a source yields none, the
    collector assumes one for each scope that was confirmed before a :meth:`Context.pause` of that
    length. A source that polls its scopes in turns, or that streams with heartbeats, yields its
    own. It holds until the next one for that scope.
    """

    scope: str
    seconds: float


@frozen_unchecked
class Report(Frozen):
    """*scope*, or the whole source where it is ``None``, is in this health from now on.

    A scope that is reported as ``starting`` is announced: ``opsboard status`` waits for it.
    """

    health: Health
    scope: str | None = None


@frozen
class Skipped(Frozen):
    """*count* of *total* records of *scope* could not be read, and are left out.

    The others are shown: one odd record never hides its source. Each of *examples* names a record
    and says what is wrong with it. It holds until the next one of that scope; a *count* of 0 takes
    it back.
    """

    scope: str
    count: int
    total: int
    examples: tuple[Text, ...] = ()

    @property
    def sentence(self) -> str:
        """A sentence for the screen, ``""`` for none: ``3 of 120 records could not be read``."""
        if not self.count:
            return ""
        records = "record" if self.total == 1 else "records"
        summary = f"{self.count:,} of {self.total:,} {records} could not be read"
        return f"{summary}: {'; '.join(self.examples)}" if self.examples else summary


@frozen_unchecked
class BudgetUpdate(Frozen):
    """The request allowance after the latest request."""

    budget: Budget


Change: TypeAlias = (
    Upsert | Remove | Complete | ScopeRemoved | Past | Fresh | Due | Report | Skipped | BudgetUpdate
)


def listing(scope: str, records: Sequence[Record]) -> tuple[Upsert, Complete]:
    """Return the two changes that say: *scope* holds exactly *records*."""
    return Upsert(scope, records), Complete(scope, frozenset(record.ref for record in records))


def read_since(change: Change, began: datetime) -> Change:
    """Return *change* as of a look that *began* then, where it says that all was looked at."""
    if isinstance(change, Complete):
        return Complete(change.scope, change.refs, change.read_from or began)
    if isinstance(change, Fresh) and not change.streaming:
        return Fresh(change.scope, read_from=change.read_from or began)
    return change
