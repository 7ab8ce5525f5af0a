"""From when to when a model drifted, by the measures of it that crossed their thresholds."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from opsboard.delivery.lane import Step, StepKind
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.history.model import Transition
from opsboard.records import Drift, ModelVersion, Ref


@frozen_unchecked
class DriftSpan(Frozen):
    """*metric* of *version* of a model was beyond its threshold from *since* to *until*.

    *version* is empty where the measure does not say of which it is.
    """

    metric: str
    version: str
    since: datetime
    until: datetime | None = None


@frozen_unchecked
class DriftAnswer(Frozen):
    """A retrained version went live at *live_at* after drift since *drifted_at*.

    *live_at* is ``None`` where none has.
    """

    drifted_at: datetime
    live_at: datetime | None
    metric: str
    number: int = -1


def drift_spans(transitions: Iterable[Transition]) -> Mapping[str, Sequence[DriftSpan]]:
    """Return when each model drifted, by its name, out of *transitions* in the order of time."""
    open_: dict[Ref, tuple[str, DriftSpan]] = {}
    found: dict[str, list[DriftSpan]] = {}
    for one in transitions:
        if not isinstance(one.after or one.before, Drift):
            continue
        record = one.after
        crossed = isinstance(record, Drift) and record.crossed
        if isinstance(record, Drift) and crossed and one.ref not in open_:
            since = record.crossed_at or one.shown_at
            span = DriftSpan(record.metric, record.version, min(since, one.shown_at))
            open_[one.ref] = (record.model, span)
        elif not crossed and one.ref in open_:
            model, span = open_.pop(one.ref)
            ended = DriftSpan(span.metric, span.version, span.since, one.shown_at)
            found.setdefault(model, []).append(ended)
    for model, span in open_.values():
        found.setdefault(model, []).append(span)
    return {name: sorted(spans, key=lambda span: span.since) for name, spans in found.items()}


def registrations(transitions: Iterable[Transition]) -> Mapping[tuple[str, str], datetime]:
    """Return when each version of each model was registered, where that is known."""
    records = (one.after for one in transitions)
    return {
        (record.model, record.version): record.created_at
        for record in records
        if isinstance(record, ModelVersion) and record.created_at is not None
    }


def retrainings(
    steps: Sequence[Step],
    spans: Sequence[DriftSpan],
    registered: Mapping[tuple[str, str], datetime],
    model: str,
) -> tuple[DriftAnswer, ...]:
    """Return how drift of what was live in *steps* was answered by a version trained after it.

    Of several measures that cross, the first begins it. Drift that went back within its threshold
    by itself has needed nobody; a version that was registered before is not retrained.
    """
    found: list[DriftAnswer] = []
    for at, step in enumerate(steps):
        later = steps[at + 1] if at + 1 < len(steps) else None
        end = later.at if later is not None else None
        drifted = _drift_of(step, end, spans)
        if drifted is None:
            continue
        if later is None:
            found.append(DriftAnswer(drifted.since, None, drifted.metric))
        elif later.kind is StepKind.DEPLOYMENT:
            made = registered.get((model, later.version.name))
            if made is None or made >= drifted.since:
                retrained = DriftAnswer(drifted.since, later.at, drifted.metric, later.number)
                found.append(retrained)
    return tuple(found)


def _drift_of(step: Step, end: datetime | None, spans: Sequence[DriftSpan]) -> DriftSpan | None:
    """Return the first drift of the version of *step* that had not gone back before *end*."""
    for span in spans:
        if span.version and span.version != step.version.name:
            continue
        began_here = span.since >= step.at or span.version
        before_end = end is None or span.since < end
        lasted = span.until is None or (end is not None and span.until >= end)
        if began_here and before_end and lasted:
            return span
    return None
