"""Changes: what a source yields.

A *scope* is a part of a source that is listed as a whole: the runs of one repository, the pods
of one namespace, all registered models. It is an opaque string of the adapter's making.
"""

from collections.abc import Sequence
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
    """*scope* has been listed to its end: it holds exactly *refs*, all else in it is gone."""

    scope: str
    refs: frozenset[Ref]


@frozen_unchecked
class ScopeRemoved(Frozen):
    """*scope* does not exist any more: its records are gone, and so is its health."""

    scope: str


@frozen_unchecked
class Fresh(Frozen):
    """*scope* was confirmed to be as shown: not modified, or a watch reported.

    With *streaming*, the server reports any change by itself from now on.
    """

    scope: str
    streaming: bool = False


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
    Upsert | Remove | Complete | ScopeRemoved | Fresh | Due | Report | Skipped | BudgetUpdate
)


def listing(scope: str, records: Sequence[Record]) -> tuple[Upsert, Complete]:
    """Return the two changes that say: *scope* holds exactly *records*."""
    return Upsert(scope, records), Complete(scope, frozenset(record.ref for record in records))
