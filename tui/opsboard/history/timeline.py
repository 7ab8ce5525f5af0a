"""The time line: what changed, what was done and by whom, what alerted, and when nobody looked.

Rows as plain data, newest first, for a screen and for ``opsboard timeline``.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any, Final, TypeAlias, cast

from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.history.change_kind import ChangeKind, ChangeSummary
from opsboard.history.change_summary import summarize
from opsboard.history.model import OWN_SCOPE, Gap, GapReason, Transition
from opsboard.kinds.columns import Cell, CellRole, Column, age_column
from opsboard.kinds.pane_spec import PaneSpec
from opsboard.kinds.registry import qualified_name
from opsboard.records import Activity, Alert, Kind, Record, Ref, Status
from opsboard.views.filter import EVERYTHING, Filter, FilterError
from opsboard.views.filter import parse as parse_filter


@frozen_unchecked
class TimelineEvent(Frozen):
    """One thing that happened at *at*; between *earliest* and *at*, where that is no exact time.

    *what* is the name of the record *ref*, *change* what became of it, *who* did it as far as
    anybody says, *cause* the reason that was given. *environment* and *source* are the record's.
    *act* is the plan's id of what was done from here. *backfilled*: nobody watched; the source has
    told it later. *minor* ones are left out unless everything is asked for. *witnesses* are the
    records that tell of it, where they are more than one.
    """

    at: datetime
    kind: ChangeKind
    status: Status
    what: str
    change: str = ""
    who: str = ""
    cause: str = ""
    environment: str = ""
    source: str = ""
    ref: Ref | None = None
    act: str = ""
    earliest: datetime | None = None
    backfilled: bool = False
    minor: bool = False
    alters: bool = False
    witnesses: tuple[Ref, ...] = ()

    @property
    def display_status(self) -> Status:
        """As on the board."""
        return self.status.drawn_for(self.ref)


@frozen_unchecked
class TimelineGap(Frozen):
    """Nobody looked at *scopes* (``source: scope``) from *since* to *until*, which may be open.

    *everything* says that no scope of any source was looked at.
    """

    since: datetime | None
    until: datetime | None
    reason: GapReason
    note: str
    scopes: tuple[str, ...]
    everything: bool = False


TimelineRow: TypeAlias = TimelineEvent | TimelineGap

# --- events --------------------------------------------------------------------------------------


def event_of(transition: Transition, summary: ChangeSummary | None = None) -> TimelineEvent:
    """Return *transition* as a row."""
    summary = summary or summarize(transition.before, transition.after)
    record = transition.after or transition.before
    return TimelineEvent(
        transition.shown_at,
        summary.kind,
        record.status if transition.after is not None and record else Status.UNKNOWN,
        qualified_name(record) if record else transition.ref.id,
        summary.text,
        transition.actor or _actor_in(record),
        "",
        record.environment if record else "",
        transition.ref.source,
        transition.ref,
        transition.act,
        None if transition.is_exact else transition.earliest,
        transition.backfilled,
        summary.minor,
        summary.alters,
    )


def _actor_in(record: Record | None) -> str:
    """Return who a record itself names as its author: of a build, of a version of a model."""
    if record is None:
        return ""
    fields = record.__dict__
    return str(fields.get("actor") or fields.get("author") or "")


def event_of_activity(activity: Activity) -> TimelineEvent | None:
    """Return an act as a row, at the time when it was begun; ``None`` where nobody knows that."""
    if activity.created_at is None:
        return None
    change = " → ".join(filter(None, (activity.before, activity.after)))
    return TimelineEvent(
        activity.created_at,
        ChangeKind.ACT,
        activity.status,
        activity.target,
        f"{activity.action} {change}".strip() + f", {activity.state}",
        activity.actor,
        activity.cause,
        activity.environment,
        activity.about.source,
        activity.about,
        activity.id,
        alters=True,
    )


def event_of_alert(alert: Alert, at: datetime, *, resolved: bool = False) -> TimelineEvent:
    """Return that *alert* was raised, or *resolved*, as a row."""
    change = f"{alert.reason} resolved" if resolved else alert.reason
    return TimelineEvent(
        at,
        ChangeKind.ALERT,
        Status.OK if resolved else alert.status,
        alert.name,
        change.strip(),
        environment=alert.environment,
        source=alert.source,
        ref=alert.about or alert.ref,
    )


# --- gaps ----------------------------------------------------------------------------------------

_REASONS: Final[Mapping[GapReason, str]] = {
    GapReason.NO_BOARD: "no board ran",
    GapReason.CLOCK_JUMP: "the clock was set",
    GapReason.SUSPENDED: "the machine slept",
    GapReason.WRITER_LOST: "the board that recorded ended",
}


def reason_text(reason: GapReason, note: str = "") -> str:
    """Return why nobody looked, in words."""
    said = _REASONS.get(reason, reason.value)
    return f"{said}: {note}" if note else said


def merged_gaps(gaps: Iterable[Gap], scopes: int = 0) -> list[TimelineGap]:
    """Return *gaps* as rows: of scopes that were not watched for the same stretch, one.

    Stretches that differ by less than a few seconds are the same. *scopes* is how many there are.
    """
    groups: dict[tuple[object, ...], list[Gap]] = {}
    for gap in gaps:
        if gap.since is None and gap.until is None:
            continue
        groups.setdefault((_slot(gap.since), _slot(gap.until), gap.reason, gap.note), []).append(
            gap
        )
    return [_merged(group, scopes) for group in groups.values()]


_SLOT: Final = 5
"""Seconds within which two stretches begin, and end, that are shown as one."""


def _slot(at: datetime | None) -> int | None:
    return None if at is None else round(at.timestamp() / _SLOT)


def _merged(group: Sequence[Gap], scopes: int) -> TimelineGap:
    first = group[0]
    names = sorted({gap_place(gap) for gap in group})
    since = [gap.since for gap in group if gap.since is not None]
    until = [gap.until for gap in group if gap.until is not None]
    return TimelineGap(
        min(since, default=None),
        max(until, default=None),
        first.reason,
        first.note,
        tuple(names),
        bool(scopes) and len(names) >= scopes,
    )


def gap_place(gap: Gap) -> str:
    """Return what was not watched: a source, or a scope of it."""
    whole = not gap.scope or gap.scope == OWN_SCOPE
    return gap.source if whole else f"{gap.source}: {gap.scope}"


def gap_text(gap: TimelineGap, zone: tzinfo, most_scopes: int = 2) -> str:
    """Return ``not watched 13:10-14:02 (no board ran)``, for a row and for a report.

    The dash is the screen's; days are told where the stretch is not of one day.
    """
    since, until = (_clock(at, gap, zone) for at in (gap.since, gap.until))
    if gap.since is None:
        stretch = f"before {until}"
    elif gap.until is None:
        stretch = f"since {since}"
    else:
        stretch = f"{since}–{until}"  # noqa: RUF001 - a range of time is set with this dash
    shown = list(gap.scopes[:most_scopes])
    if len(gap.scopes) > most_scopes:
        shown.append(f"{len(gap.scopes) - most_scopes:,} more")
    where = "" if gap.everything or not shown else f" {', '.join(shown)}"
    return f"not watched {stretch}{where} ({reason_text(gap.reason, gap.note)})"


def _clock(at: datetime | None, gap: TimelineGap, zone: tzinfo) -> str:
    if at is None:
        return ""
    days = {one.astimezone(zone).date() for one in (gap.since, gap.until) if one is not None}
    local = at.astimezone(zone)
    return f"{local:%H:%M}" if len(days) == 1 else f"{local:%m-%d %H:%M}"


# --- the whole -----------------------------------------------------------------------------------


def timeline(
    events: Iterable[TimelineEvent],
    gaps: Iterable[TimelineGap] = (),
    *,
    chosen: Filter = EVERYTHING,
    everything: bool = False,
    now: datetime,
    limit: int = 500,
) -> list[TimelineRow]:
    """Return the rows, newest first: events that pass *chosen*, at most *limit*, and all gaps.

    Of gaps, those that lie beyond the oldest event that is shown are left out. A gap stands where
    it ended. Raises :exc:`FilterError` where the filter takes too long.
    """
    passing = [
        event
        for event in events
        if (everything or not event.minor) and (not chosen or chosen(cast("Any", event), now))
    ]
    if chosen.problem:
        raise FilterError(chosen.problem)
    passing.sort(key=_event_order, reverse=True)
    cut = passing[limit - 1].at if len(passing) > limit else None
    rows: list[TimelineRow] = [*passing[:limit]]
    rows += [gap for gap in gaps if cut is None or gap.until is None or gap.until > cut]
    return sorted(rows, key=_row_order, reverse=True)


def _event_order(event: TimelineEvent) -> tuple[datetime, str, str]:
    return event.at, event.what, event.change


_AFTER_ALL: Final = datetime.max.replace(tzinfo=UTC)


def _row_order(row: TimelineRow) -> tuple[datetime, bool, str, str]:
    if isinstance(row, TimelineGap):
        return row.until or _AFTER_ALL, True, "", ""
    return row.at, False, row.what, row.change


# --- the filter ----------------------------------------------------------------------------------


def _text(field: str, title: str, width: int, values: tuple[str, ...] = ()) -> Column:
    return Column(
        field,
        title,
        lambda event, _: Cell(str(getattr(event, field))),
        lambda event: str(getattr(event, field)).casefold(),
        width,
        values=values,
    )


PANE: Final = PaneSpec(
    "timeline",
    "Time line",
    Kind("timeline"),
    (
        Column(
            "status",
            "",
            lambda event, _: Cell(event.status.value, event.status, CellRole.GLYPH),
            lambda event: event.status.severity,
            1,
            values=tuple(one.value for one in Status),
        ),
        age_column("at", priority=0),
        _text("kind", "kind", 6, tuple(one.value for one in ChangeKind)),
        _text("what", "what", 14),
        _text("change", "change", 14),
        _text("who", "who", 6),
        _text("cause", "reason", 8),
        _text("environment", "env", 10),
        _text("source", "source", 8),
    ),
    "age",
    True,
    ("kind", "what", "change", "who", "cause", "environment", "source"),
    aliases=("tl",),
    in_status=False,
)
"""What the filter of the time line speaks of: ``kind:deploy``, ``who:dana``, ``age:<1h``."""


def timeline_filter(text: str) -> Filter:
    """Return the filter *text* of the time line. Raises :exc:`FilterError`."""
    return parse_filter(text, PANE)
