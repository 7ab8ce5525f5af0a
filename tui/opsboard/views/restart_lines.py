"""Restarts as a line beside their number: how many in each third of an hour of the last two hours.

By what the ledger has seen; where it has seen nothing, the line is empty.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final, NamedTuple

from opsboard.kinds.cluster import RESTARTS
from opsboard.kinds.columns import Cell, CellRole
from opsboard.kinds.sparkline import sparkline
from opsboard.records import Pod, Record, Ref, Status

SPAN: Final = timedelta(hours=2)
_BINS: Final = 6
_BIN: Final = SPAN / _BINS


class CountReading(NamedTuple):
    """What a number was at a time, as it was written then."""

    at: datetime
    value: int


class RestartLines:
    """The counts that were read, by pod, and for which count of now."""

    def __init__(self) -> None:
        self._read: dict[Ref, tuple[int, Sequence[CountReading]]] = {}

    def wanted(self, records: Sequence[Record]) -> dict[Ref, int]:
        """Return the pods among *records* of which the history is not known, with their counts."""
        return {
            pod.ref: pod.restarts
            for pod in records
            if isinstance(pod, Pod) and pod.restarts and self._count(pod.ref) != pod.restarts
        }

    def _count(self, ref: Ref) -> int:
        known = self._read.get(ref)
        return -1 if known is None else known[0]

    def take(self, asked: Mapping[Ref, int], found: Mapping[Ref, Sequence[CountReading]]) -> None:
        """Take in what was *found* of what was *asked* for."""
        for ref, count in asked.items():
            self._read[ref] = (count, found.get(ref, ()))

    def cell(self, record: Record, now: datetime) -> Cell:
        """Return the number of restarts, after the line of them."""
        cell = RESTARTS.show(record, now)
        known = self._read.get(record.ref)
        if known is None or not isinstance(record, Pod):
            return cell
        line = restart_line(known[1], record.restarts, now)
        if not line:
            return cell
        recent = line[-1] not in " ▁"
        drawn = Cell(line, Status.WARNING) if recent else Cell(line, role=CellRole.MUTED)
        return Cell(cell.text, parts=(drawn, Cell(f" {cell.text:>3}", cell.status, cell.role)))


def restart_line(readings: Sequence[CountReading], count: int, now: datetime) -> str:
    """Return what *readings* and the *count* of now say of the last two hours, or ``""``.

    A stretch that begins before the first reading is blank: nobody counted.
    """
    if not readings:
        return ""
    known = [*readings, CountReading(now, count)]
    grown = [0] * _BINS
    for before, after in pairwise(known):
        at = int((after.at - (now - SPAN)) / _BIN)
        grown[max(0, min(at, _BINS - 1))] += max(0, after.value - before.value)
    first = int((readings[0].at - (now - SPAN)) / _BIN)
    blank = max(0, min(first, _BINS - 1))
    return " " * blank + sparkline([0.0, *map(float, grown[blank:])], _BINS + 1)[1:]
