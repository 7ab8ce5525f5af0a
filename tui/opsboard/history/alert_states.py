"""Whether alerts were acknowledged or snoozed at a time, as far as the ledger has that.

Only what was done since a program records it is known. Of an alert from before the first row, it
is not: somebody may have acknowledged it then.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final, Protocol, cast

from opsboard.board.alert_acks import AckChange, AlertAcks
from opsboard.board.alerts import is_recovered
from opsboard.history.change_kind import ChangeKind
from opsboard.history.model import Transition
from opsboard.history.timeline import TimelineEvent
from opsboard.records import Alert, AlertState, Kind, Ref, Status
from opsboard.system.local_zone import LOCAL_ZONE

if TYPE_CHECKING:
    from opsboard.board.state import Board

MOST_READ: Final = 10_000
"""Transitions of what alerts are about that are read at most."""


class TransitionReader(Protocol):
    """What is asked of :class:`opsboard.history.reader.LedgerReader` here."""

    def transitions(
        self,
        since: datetime,
        until: datetime,
        *,
        refs: Collection[Ref] | None = None,
        newest_first: bool = False,
        limit: int = MOST_READ,
    ) -> list[Transition]: ...


class RecordedAcks(AlertAcks):
    """The last of *changes* of each alert; what no row tells is not known."""

    def __init__(self, changes: Sequence[AckChange]) -> None:
        super().__init__()
        self.since = changes[0].at if changes else None
        """Since when it is recorded what is acknowledged."""
        self.last: Mapping[Ref, AckChange] = {change.ref: change for change in changes}

    def state_of(self, ref: Ref, now: datetime) -> tuple[AlertState, datetime | None]:
        """Return the state that the alert *ref* was in, and when a snooze was to end."""
        change = self.last.get(ref)
        if change is None:
            return AlertState.UNKNOWN, None
        if change.until is not None and change.until <= now:
            return AlertState.OPEN, None
        return change.state, change.until


def open_raised_alerts(
    board: "Board", acks: RecordedAcks, reader: TransitionReader, time: datetime
) -> None:
    """Open the alerts on *board*, of *time*, that were raised after what was said about them."""
    alerts = [cast("Alert", alert) for alert in board.records(Kind.ALERT).values()]
    asked = [one for one in alerts if one.about is not None and one.state is not AlertState.OPEN]
    if acks.since is None or not asked:
        return
    refs = {alert.about for alert in asked if alert.about is not None}
    changes = reader.transitions(acks.since, time, refs=refs, newest_first=True, limit=MOST_READ)
    for alert in asked:
        said = acks.last.get(alert.ref)
        since = said.at if said is not None else acks.since
        own = (one for one in changes if one.ref == alert.about and one.at > since)
        if any(_is_anew(change, known=said is not None) for change in own):
            board.reopen(alert.ref, time)


def _is_anew(change: Transition, *, known: bool) -> bool:
    """Tell whether a failure after *change* is news.

    What was gone for a while, and comes back as it was, is none where it is *known* what was said.
    """
    return not known if change.before is None else is_recovered(change.before)


def ack_events(changes: Sequence[AckChange]) -> Iterator[TimelineEvent]:
    """Yield what people did about alerts as rows; that an alert has ended is a row already."""
    for change in changes:
        if change.actor:
            yield event_of_ack(change)


def event_of_ack(change: AckChange) -> TimelineEvent:
    """Return that an alert was acknowledged, snoozed or opened again as a row."""
    alert = change.alert
    name = alert.name if alert is not None else change.ref.id
    return TimelineEvent(
        change.at,
        ChangeKind.ALERT,
        alert.status if alert is not None else Status.UNKNOWN,
        name,
        ack_text(change),
        change.actor,
        change.reason,
        alert.environment if alert is not None else "",
        change.ref.source,
        alert.about or alert.ref if alert is not None else change.ref,
    )


def ack_text(change: AckChange) -> str:
    """Return what was done: ``acknowledged``, ``snoozed until 14:30``, ``opened again``."""
    if change.state is AlertState.SNOOZED and change.until is not None:
        until = change.until.astimezone(LOCAL_ZONE)
        same_day = until.date() == change.at.astimezone(LOCAL_ZONE).date()
        return f"snoozed until {until:%H:%M}" if same_day else f"snoozed until {until:%m-%d %H:%M}"
    return "acknowledged" if change.state is AlertState.ACKNOWLEDGED else "opened again"
