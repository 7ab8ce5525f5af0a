"""All rows of a pane in their order, with the text that words are looked for in.

Each letter of a filter narrows fifty thousand rows: none is sorted again for it, and none is read
again, as long as nothing else changes. The texts are made before the first letter, some at a time.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from opsboard.records import Record, Ref, Status
from opsboard.views.filter import FieldTest, Filter, KeyTest, Test, row_text
from opsboard.views.filter_terms import TooSlowError
from opsboard.views.order import Order
from opsboard.views.panes import PaneSpec

_AT_ONCE: Final = 4_000
"""Texts that are made in one turn: a few milliseconds."""


class UnfilteredRows:
    """The rows of *order*, which no filter has narrowed, for as long as they stay what they are."""

    def __init__(self, order: Order, pane: PaneSpec) -> None:
        self._refs: Sequence[Ref] = tuple(order.refs)
        self._by_ref: Mapping[Ref, Record] = dict(order.records)
        self._records: Sequence[Record] = [self._by_ref[ref] for ref in self._refs]
        self._text: Callable[[Any], str] = row_text(pane)
        self._texts: list[str] = []
        self._values: dict[tuple[type, str], Sequence[Any]] = {}
        """What each row has of what was asked for, by the kind of the test and its name."""
        self._statuses: Sequence[Status] = ()
        self._shown: Sequence[int] = range(len(self._refs))
        """Which of all rows were shown last."""

    def prepare(self) -> bool:
        """Make some more of the texts; return whether others are left."""
        begun = len(self._texts)
        self._texts += map(self._text, self._records[begun : begun + _AT_ONCE])
        return len(self._texts) < len(self._records)

    def narrow(
        self, order: Order, chosen: Filter, passes: Callable[[Record], bool] | None, now: datetime
    ) -> None:
        """Let *order* hold what passes *chosen*, and *passes* too, where that is given."""
        passing: Iterable[int] = range(len(self._refs))
        if chosen.words:
            while self.prepare():
                pass
        texts, records = self._texts, self._records
        for word, wanted in chosen.words:
            passing = [at for at in passing if (word in texts[at]) is wanted]
        if chosen.tests:
            passing = self._passing(passing, chosen, now)
        if passes is not None:
            passing = [at for at in passing if passes(records[at])]
        self._shown = shown = [*passing]
        if len(shown) == len(self._refs):
            order.show(list(self._refs), dict(self._by_ref))
            return
        refs = [self._refs[at] for at in shown]
        order.show(refs, dict(zip(refs, [records[at] for at in shown], strict=True)))

    def _passing(self, rows: Iterable[int], chosen: Filter, now: datetime) -> list[int]:
        """Return those of *rows* that pass all of *chosen* but its words."""
        passing = list(rows)
        try:
            for test in chosen.tests:
                passing = self._passing_one(passing, test, now)
        except TooSlowError as error:
            chosen.problem = str(error)
            return list(range(len(self._records)))
        return passing

    def _passing_one(self, rows: list[int], test: Test, now: datetime) -> list[int]:
        if isinstance(test, FieldTest):
            texts = self._read(test)
            wanted = {one for one in set(texts) if test.match(one) is not test.negated}
            return [at for at in rows if texts[at] in wanted]
        if isinstance(test, KeyTest):
            values, holds, negated = self._read(test), test.holds, test.negated
            return [at for at in rows if holds(values[at], now) is not negated]
        return [at for at in rows if test(self._records[at], now)]

    def _read(self, test: FieldTest | KeyTest) -> Sequence[Any]:
        key = (type(test), test.name)
        if key not in self._values:
            self._values[key] = list(map(test.read, self._records))
        return self._values[key]

    def counts(self) -> tuple[Counter[Status], Counter[str]]:
        """Return how many of what is shown have each status, and are of each source."""
        if not self._statuses:
            self._statuses = [record.display_status for record in self._records]
        statuses, refs = self._statuses, self._refs
        return (
            count_statuses([statuses[at] for at in self._shown]),
            Counter([refs[at].source for at in self._shown]),
        )


def counts_of(shown: Mapping[Ref, Record]) -> tuple[Counter[Status], Counter[str]]:
    """Return how many of *shown* have each status, and are of each source."""
    statuses = count_statuses([record.display_status for record in shown.values()])
    return statuses, Counter([ref.source for ref in shown])


def count_statuses(found: Sequence[Status]) -> Counter[Status]:
    """Return how many there are of each status; by identity, since enums hash slowly."""
    known = {id(status): status for status in Status}
    counts = Counter(map(id, found))
    if counts.keys() <= known.keys():
        return Counter({known[one]: count for one, count in counts.items()})
    return Counter(found)
