"""Reads from the ledger what is ranked by :mod:`opsboard.history.before_red`."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Final

from opsboard.history.before_red import BeforeRed, before_red
from opsboard.history.ranking_weights import reach_of, window_of
from opsboard.history.relations import index_before, relations_of
from opsboard.history.releases import releases
from opsboard.records import Activity, Record

if TYPE_CHECKING:
    from opsboard.history.model import Transition
    from opsboard.history.reader import LedgerReader

MOST_CHANGES: Final = 2_000
"""Changes of all records that are read: the latest ones before the failure."""


def read_before_red(
    reader: "LedgerReader",
    subject: Record,
    at: datetime,
    activities: Iterable[Activity] = (),
    act: Activity | None = None,
) -> BeforeRed:
    """Return what changed before *subject* went red at *at*; before *act*, where that is asked of.

    Where more changed than is read, the changes right before the failure are, and those of joined
    records from further back.
    """
    since = at - window_of(subject.kind)
    changes = _latest(reader, since, at)
    records = [*filter(None, (one.record for one in reader.at(at).entities)), subject]
    relations = relations_of(index_before(records, changes), subject.ref)
    joined = {ref for ref, how in relations.items() if not how.candidate} | {subject.ref}
    read_since = changes[0].at if len(changes) >= MOST_CHANGES else since
    older = reader.transitions(
        at - reach_of(subject.kind), read_since, refs=joined, newest_first=True, limit=MOST_CHANGES
    )
    if older:
        known = {one.seq for one in changes}
        changes = [*(one for one in reversed(older) if one.seq not in known), *changes]
        relations = relations_of(index_before(records, changes), subject.ref)
    return before_red(
        subject,
        at,
        changes,
        one_release=releases(changes, lambda: index_before(records, changes)),
        relations=relations,
        activities=activities,
        act=act,
        gaps=reader.gaps(since, at),
        since=since,
    )


def _latest(reader: "LedgerReader", since: datetime, at: datetime) -> list["Transition"]:
    """Return the latest changes in the order of time: of many, those right before the failure."""
    return reader.transitions(since, at, newest_first=True, limit=MOST_CHANGES)[::-1]
