"""The last runs of a workflow on a branch, beside each of its runs: ``✓✗✓✓``, its own the last."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Final, TypeAlias

from opsboard.kinds.columns import Cell, CellRole
from opsboard.kinds.services import status_marks
from opsboard.records import Build, Record, Ref, Status

SHOWN: Final = 5
"""Runs that are shown, the newest to the right."""

_SMALL, _AT_ONCE = 2_000, 50
"""Runs up to which all are looked at once, and how many of more for each cell that is drawn."""

_Series: TypeAlias = tuple[str, str, str, str]
_Run: TypeAlias = tuple[int, Status]


class RunHistory:
    """The runs among *records*, a live view, by what they are runs of.

    Nothing is looked at before the first cell is asked for; from then on, :meth:`update` has to be
    told of what changes.
    """

    def __init__(self, records: Mapping[Ref, Record]) -> None:
        self._records = records
        self._runs: dict[_Series, dict[Ref, _Run]] = {}
        self._series_of: dict[Ref, _Series] = {}
        self._rest: Iterator[Ref] | None = None
        """Those that have not been looked at yet."""
        self._is_complete = False
        self._sorted: dict[_Series, list[tuple[int, Ref, Status]]] = {}

    def update(self, changed: Iterable[Ref], removed: Iterable[Ref]) -> None:
        """Take in that *changed* runs are new or other, and *removed* ones gone."""
        for ref in (*removed, *changed):
            series = self._series_of.pop(ref, None)
            if series is not None:
                del self._runs[series][ref]
                self._sorted.pop(series, None)
        for ref in changed:
            self._take(self._records.get(ref))

    def cell(self, record: Record, _: datetime) -> Cell:
        """Return the last runs up to *record* of what it is a run of."""
        if not self._is_complete and not self._go_on():
            return Cell("")
        series = self._series_of.get(record.ref)
        if series is None or not isinstance(record, Build):
            return Cell("")
        runs = self._in_order(series)
        at = bisect_left(runs, (record.number, record.ref))
        found = [status for _, _, status in runs[max(0, at + 1 - SHOWN) : at + 1]]
        signs = tuple(Cell(one.value, one, CellRole.GLYPH) for one in found)
        return Cell(status_marks(found), parts=signs)

    def _go_on(self) -> bool:
        """Look at some of those that have not been looked at; return whether all have been.

        All of a small board at once; of a large one so few that no frame waits for it.
        """
        if self._rest is None:
            self._rest = iter(tuple(self._records))
        is_small = len(self._records) <= _SMALL
        some = tuple(islice(self._rest, None if is_small else _AT_ONCE))
        for ref in some:
            self._take(self._records.get(ref))
        self._is_complete = is_small or len(some) < _AT_ONCE
        return self._is_complete

    def _take(self, record: Record | None) -> None:
        if not isinstance(record, Build) or (ref := record.ref) in self._series_of:
            return
        series = (record.source, record.repository, record.workflow, record.branch)
        self._series_of[ref] = series
        self._runs.setdefault(series, {})[ref] = (record.number, record.status)
        self._sorted.pop(series, None)

    def _in_order(self, series: _Series) -> list[tuple[int, Ref, Status]]:
        known = self._sorted.get(series)
        if known is None:
            runs = self._runs[series]
            known = sorted((number, ref, status) for ref, (number, status) in runs.items())
            self._sorted[series] = known
        return known
