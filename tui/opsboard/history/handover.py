"""What the next shift has to know: alerts, acts with their reasons, changes, and what nobody saw.

:func:`handover` gathers it, :mod:`opsboard.history.handover_text` makes a page of it to paste.
What is known is what this login knows: an alert that a colleague has acknowledged on another
machine reads as open, and the page says so.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from opsboard.board.alerts import AlertRules
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.history.alert_events import alert_events
from opsboard.history.change_kind import ChangeKind
from opsboard.history.model import Transition
from opsboard.history.timeline import TimelineEvent, TimelineGap, event_of
from opsboard.masking import mask_text
from opsboard.records import Activity, ActivityState, Alert, AlertState


@frozen_unchecked
class Handover(Frozen):
    """The page for the time from *since* to *until*, as data; every part in a fixed order.

    *open*, *acknowledged* and *snoozed* are the alerts of now, *resolved* those that have ended
    within. *said* is which were acknowledged, snoozed and opened again within: by whom, and why.
    *acts* were done from here within; the outcome of *unresolved* ones, of any time, is not known.
    *changes* are by environment, ``""`` for what is of none. *history* is why nothing is known of
    what changed, or empty.
    """

    since: datetime
    until: datetime
    open: tuple[Alert, ...]
    acknowledged: tuple[Alert, ...]
    snoozed: tuple[Alert, ...]
    resolved: tuple[TimelineEvent, ...]
    said: tuple[TimelineEvent, ...]
    acts: tuple[Activity, ...]
    unresolved: tuple[Activity, ...]
    changes: Mapping[str, tuple[TimelineEvent, ...]]
    gaps: tuple[TimelineGap, ...]
    sources: tuple[str, ...] = ()
    history: str = ""


_ENVIRONMENTS: Final = ("production", "staging")
"""Those that come first; the others follow by their names, what is of none comes last."""

_UNRESOLVED: Final = frozenset(
    {ActivityState.UNKNOWN, ActivityState.RUNNING, ActivityState.FOLLOWING}
)


def handover(
    since: datetime,
    until: datetime,
    *,
    alerts: Iterable[Alert],
    activities: Iterable[Activity],
    events: Iterable[TimelineEvent],
    said: Iterable[TimelineEvent] = (),
    gaps: Iterable[TimelineGap] = (),
    sources: Iterable[str] = (),
    history: str = "",
) -> Handover:
    """Return the page. *events* are changes, and alerts that were resolved, from *since* on.

    *sources* are sentences about sources that cannot tell now.
    """
    by_state: dict[AlertState, list[Alert]] = defaultdict(list)
    for alert in sorted(alerts, key=_alert_order):
        by_state[alert.state].append(alert)
    told = sorted(events, key=_event_order)
    done = sorted(map(_masked, activities), key=_act_order)
    return Handover(
        since,
        until,
        tuple(by_state[AlertState.OPEN]),
        tuple(by_state[AlertState.ACKNOWLEDGED]),
        tuple(by_state[AlertState.SNOOZED]),
        tuple(event for event in told if _is_resolved(event)),
        tuple(sorted(map(_without_secrets, said), key=_event_order)),
        tuple(act for act in done if act.created_at is not None and act.created_at >= since),
        tuple(act for act in done if act.state in _UNRESOLVED),
        _by_environment([event for event in told if event.alters]),
        tuple(sorted(gaps, key=lambda gap: (gap.since or since, gap.scopes))),
        tuple(sorted(sources)),
        history,
    )


def handover_events(transitions: Sequence[Transition]) -> Iterator[TimelineEvent]:
    """Yield *transitions*, in the order of time, and the alerts that they raised and resolved."""
    alerts = alert_events(transitions, AlertRules())
    yield from (event_of(one) for one in transitions if one.seq not in alerts.covered)
    yield from alerts.events


def _is_resolved(event: TimelineEvent) -> bool:
    return event.kind is ChangeKind.ALERT and event.change.endswith("resolved")


def _by_environment(
    events: Sequence[TimelineEvent],
) -> Mapping[str, tuple[TimelineEvent, ...]]:
    groups: dict[str, list[TimelineEvent]] = {}
    for event in events:
        groups.setdefault(event.environment, []).append(event)
    return {name: tuple(groups[name]) for name in sorted(groups, key=_environment_order)}


def _environment_order(name: str) -> tuple[int, str]:
    if name in _ENVIRONMENTS:
        return _ENVIRONMENTS.index(name), ""
    return (len(_ENVIRONMENTS) + (not name), name)


def _alert_order(alert: Alert) -> tuple[object, ...]:
    return (
        -alert.display_status.severity,
        _environment_order(alert.environment),
        alert.since,
        alert.name,
        alert.id,
    )


def _event_order(event: TimelineEvent) -> tuple[object, ...]:
    return event.at, event.what, event.change, event.source


def _act_order(act: Activity) -> tuple[object, ...]:
    return act.created_at.timestamp() if act.created_at else 0.0, act.id


def _without_secrets(event: TimelineEvent) -> TimelineEvent:
    return replace(event, cause=mask_text(event.cause))


def _masked(act: Activity) -> Activity:
    """Return *act* without what looks like a secret in the sentences that people have typed."""
    return replace(act, cause=mask_text(act.cause), message=mask_text(act.message))
