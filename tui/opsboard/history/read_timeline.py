"""The time line out of the ledger, the audit trail and the rules of alerts: one question."""

from collections.abc import Collection, Iterable, Iterator, Sequence, Set
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, cast

from opsboard.board.alerts import AlertRules
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.history.alert_events import AlertEvents, alert_events
from opsboard.history.alert_states import ack_events
from opsboard.history.change_summary import summarize
from opsboard.history.historical_board import HistoryReader
from opsboard.history.model import Gap, GapReason, Transition
from opsboard.history.releases import releases
from opsboard.history.timeline import (
    TimelineEvent,
    TimelineGap,
    TimelineRow,
    event_of,
    event_of_activity,
    merged_gaps,
    timeline,
)
from opsboard.kinds.registry import qualified_name
from opsboard.lineage.index import LineageIndex
from opsboard.records import Activity, Kind, Record, Ref
from opsboard.views.filter import EVERYTHING, Filter


@frozen_unchecked
class TimelineQuery(Frozen):
    """What is asked for: the time from *since* to *until*, of the records *refs* or of all.

    *everything*: progress on the way too. *limit* is how many events at most, the newest.
    """

    since: datetime
    until: datetime
    refs: Collection[Ref] | None = None
    chosen: Filter = EVERYTHING
    everything: bool = False
    limit: int = 500


FIRST_PAGE: Final = 250
LARGEST_PAGE: Final = 8_000
"""Transitions that are read at once: few for a screen, ever more while they are progress only."""
MOST_READ: Final = 200_000


def timeline_rows(
    reader: HistoryReader, query: TimelineQuery, activities: Iterable[Activity] = ()
) -> list[TimelineRow]:
    """Return the rows of *query*, newest first. Raises :exc:`FilterError` for a slow filter.

    The ledger is read from the newest on, until there are enough.
    """
    acted = list(_acted(activities, query))
    said = _chosen(ack_events(reader.acks(query.until, query.since)), query)
    told: list[tuple[int, TimelineEvent]] = []
    read: list[Transition] = []
    until, seen, shown = query.until, set[int](), 0
    size = min(max(FIRST_PAGE, query.limit), LARGEST_PAGE)
    while len(seen) < MOST_READ:
        page = reader.transitions(
            query.since, until, refs=query.refs, newest_first=True, limit=size
        )
        fresh = [one for one in page if one.seq not in seen]
        seen.update(one.seq for one in fresh)
        read += fresh
        rows = list(_told(fresh, acted, everything=query.everything))
        told += rows
        shown += _count([*(event for _, event in rows), *_alerts(fresh).events], query)
        if len(page) < size or shown >= query.limit:
            break
        # a page may be of one moment: then the next one has to be larger to come to another
        until, size = page[-1].at, min(2 * size, LARGEST_PAGE) if fresh else 2 * size
    found = releases(read, lambda: _index(reader, query.until))
    alerts = _alerts(read)
    changes = (found.apply(seq, event) for seq, event in told if seq not in alerts.covered)
    sources = None if query.refs is None else {ref.source for ref in query.refs}
    return timeline(
        [*filter(None, changes), *alerts.events, *acted, *said],
        gaps_within(reader, query.since, query.until, sources),
        chosen=query.chosen,
        everything=query.everything,
        now=query.until,
        limit=query.limit,
    )


def _count(events: Iterable[TimelineEvent], query: TimelineQuery) -> int:
    """Return how many of *events* are shown."""
    shown = (
        event
        for event in events
        if (query.everything or not event.minor)
        and (not query.chosen or query.chosen(cast("Any", event), query.until))
    )
    return sum(1 for _ in shown)


def _alerts(read: Sequence[Transition]) -> AlertEvents:
    """Return which alerts *read*, newest first, raised and resolved."""
    return alert_events(read[::-1], AlertRules())


def _told(
    page: Sequence[Transition], acted: Sequence[TimelineEvent], *, everything: bool
) -> Iterator[tuple[int, TimelineEvent]]:
    """Yield the rows of *page*, which is newest first, each with the number of its transition."""
    acts = {event.act: event for event in acted}
    for transition in page:
        summary = summarize(transition.before, transition.after, progress=everything)
        if summary.minor and not everything:
            continue
        event = event_of(transition, summary)
        known = acts.get(transition.act)
        if known is not None:
            event = replace(event, who=event.who or known.who)
        yield transition.seq, event


def _index(reader: HistoryReader, until: datetime) -> LineageIndex:
    """Return the joins of what deployments are made of, as they were *until* then."""
    index = LineageIndex()
    state = reader.at(until, kinds=(Kind.IMAGE, Kind.BUILD, Kind.DEPLOYMENT))
    index.update(filter(None, (entity.record for entity in state.entities)))
    return index


def _acted(activities: Iterable[Activity], query: TimelineQuery) -> Iterator[TimelineEvent]:
    for activity in activities:
        event = event_of_activity(activity)
        if event is None or not query.since < event.at <= query.until:
            continue
        if query.refs is None or event.ref in query.refs:
            yield event


def _chosen(events: Iterable[TimelineEvent], query: TimelineQuery) -> list[TimelineEvent]:
    return [event for event in events if query.refs is None or event.ref in query.refs]


LIVE: Final = timedelta(seconds=90)
"""How long ago the last look may be, for what is watched now."""


def gaps_within(
    reader: HistoryReader, since: datetime, until: datetime, sources: Set[str] | None = None
) -> list[TimelineGap]:
    """Return when nobody looked between *since* and *until*, the present: of *sources*, or all.

    What is watched now has no gap up to the present, though its last look was a moment ago.
    """
    gaps = [
        gap
        for gap in reader.gaps(since, until)
        if (sources is None or gap.source in sources) and not is_live(gap, until)
    ]
    return merged_gaps(gaps, len({(gap.source, gap.scope) for gap in reader.gaps()}))


def is_live(gap: Gap, now: datetime) -> bool:
    """Tell whether *gap* only is the time since the last look at what is watched *now*."""
    if gap.until is not None or gap.since is None:
        return False
    return gap.reason is GapReason.NOT_AGAIN or now - gap.since < LIVE


# --- by name -------------------------------------------------------------------------------------


def refs_named(
    reader: HistoryReader, name: str, since: datetime, until: datetime
) -> frozenset[Ref]:
    """Return the records that are called *name*: by name, qualified name, or ``source:id``.

    Those are meant that were there at the end, or that changed within.
    """
    records: Iterator[tuple[Ref, Record | None]] = (
        (one.ref, one.record) for one in reader.at(until).entities
    )
    found = {ref for ref, record in records if _is_called(ref, record, name)}
    changed = reader.transitions(since, until, newest_first=True)
    found.update(one.ref for one in changed if _is_called(one.ref, one.after or one.before, name))
    return frozenset(found)


def _is_called(ref: Ref, record: Record | None, name: str) -> bool:
    wanted = name.casefold()
    if wanted == f"{ref.source}:{ref.id}".casefold():
        return True
    if record is None:
        return False
    return wanted in {record.name.casefold(), qualified_name(record).casefold()} | {
        str(record.__dict__.get(field) or "").casefold() for field in ("repository", "model")
    }
