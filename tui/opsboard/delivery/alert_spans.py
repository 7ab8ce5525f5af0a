"""From when to when what is deployed was failing, or had an alert, as far as was seen.

That another version is being rolled out ends no failure: it is over when something is live again.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from opsboard.delivery.sightings import Sighting, SightingState
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.history.model import Transition
from opsboard.records import Alert, Ref


@frozen_unchecked
class AlertSpan(Frozen):
    """An alert about *ref*, raised at *since*; *until* is ``None`` where it was not resolved."""

    ref: Ref
    text: str
    since: datetime
    until: datetime | None = None


def failing_spans(sightings: Iterable[Sighting]) -> list[AlertSpan]:
    """Return when each workload of *sightings*, in the order of time, was failing."""
    found: list[AlertSpan] = []
    open_: dict[Ref, AlertSpan] = {}
    for one in sightings:
        if one.state is SightingState.FAILING and one.ref not in open_:
            record = one.record
            reason = (record.reason or record.status.value) if record is not None else ""
            open_[one.ref] = AlertSpan(one.ref, reason, one.at)
        elif one.state is SightingState.LIVE and (begun := open_.pop(one.ref, None)) is not None:
            found.append(AlertSpan(begun.ref, begun.text, begun.since, one.at))
    return [*found, *open_.values()]


def recorded_spans(transitions: Iterable[Transition]) -> Mapping[Ref, Sequence[AlertSpan]]:
    """Return the alerts that were recorded as such, by what they are about.

    So are those that a source raises itself.
    """
    open_: dict[Ref, AlertSpan] = {}
    found: dict[Ref, list[AlertSpan]] = {}
    for one in transitions:
        alert = one.after or one.before
        if not isinstance(alert, Alert) or alert.about is None:
            continue
        if one.after is None:
            begun = open_.pop(one.ref, None)
            if begun is not None:
                ended = AlertSpan(begun.ref, begun.text, begun.since, one.shown_at)
                found.setdefault(begun.ref, []).append(ended)
        elif one.ref not in open_:
            text = alert.reason or alert.name
            open_[one.ref] = AlertSpan(alert.about, text, min(alert.since, one.shown_at))
    for span in open_.values():
        found.setdefault(span.ref, []).append(span)
    return found
