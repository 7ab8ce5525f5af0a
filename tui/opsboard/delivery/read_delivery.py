"""All lanes out of the ledger and the audit trail: one question, and then figures of any window.

The whole of the ledger is read up to a time, whatever window is asked for: what was live before the
window says what is new in it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

from opsboard.board.service_groups import service_name
from opsboard.delivery.alert_spans import AlertSpan, failing_spans, recorded_spans
from opsboard.delivery.changes import DeliveredChange, DeliveredCommits, first_arrivals
from opsboard.delivery.drift_spans import drift_spans, registrations, retrainings
from opsboard.delivery.figures import DeliveryWindow, LaneFigures, LaneHistory, figures_of
from opsboard.delivery.lane import LaneKey, LaneKind, Step, StepKind, steps_of
from opsboard.delivery.sightings import (
    Sighting,
    alias_sightings,
    deployment_sightings,
    is_workload,
)
from opsboard.delivery.verdicts import FIX_WITHIN, judged
from opsboard.environments.rules import in_full
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.history.model import Gap, Transition
from opsboard.history.read_timeline import is_live
from opsboard.records import Activity, ActivityState, Deployment, Kind, Model, Record, Ref

PAGE: Final = 20_000
"""Transitions that are read at once."""
_BEGINNING: Final = timedelta(days=36_500)
_DELIVERED: Final = (Kind.DEPLOYMENT, Kind.MODEL, Kind.MODEL_VERSION, Kind.DRIFT, Kind.ALERT)
_FACTS: Final = (
    Kind.COMMIT, Kind.COMMIT_COMPARISON, Kind.PULL_REQUEST, Kind.BUILD, Kind.IMAGE, Kind.ARTIFACT,
    Kind.REPOSITORY,
)  # fmt: skip
_LEEWAY: Final = timedelta(seconds=30)
_ACT_LASTS: Final = timedelta(minutes=15)
"""How long an act from here may take of which nobody knows when it was over."""
_NOT_DONE: Final = frozenset({ActivityState.REFUSED, ActivityState.FAILED})


class DeliveryReader(Protocol):
    """What is asked of :class:`opsboard.history.reader.LedgerReader` here."""

    def transitions(
        self,
        since: datetime,
        until: datetime,
        *,
        kinds: Collection[Kind] | None = None,
        baselines: bool = False,
        limit: int = PAGE,
    ) -> list[Transition]: ...

    def gaps(self, since: datetime | None = None, until: datetime | None = None) -> list[Gap]: ...


@frozen_unchecked
class DeliveryHistory(Frozen):
    """The *lanes* as of *until*, by name and environment. *recorded_since*: the first look of all.

    *fix_within* is how long after a deployment an alert is held against it.
    """

    until: datetime
    lanes: tuple[LaneHistory, ...] = ()
    recorded_since: datetime | None = None
    fix_within: timedelta = FIX_WITHIN

    def figures(self, window: DeliveryWindow) -> tuple[LaneFigures, ...]:
        """Return the measures of all lanes within *window*."""
        return tuple(figures_of(lane, window) for lane in self.lanes)


def read_delivery(
    reader: DeliveryReader,
    until: datetime,
    *,
    services: Mapping[Ref, str] | None = None,
    activities: Iterable[Activity] = (),
    fix_within: timedelta = FIX_WITHIN,
) -> DeliveryHistory:
    """Return what was deployed *until* then. *services* says of which service a record is."""
    told = _Told(reader, until, services or {}, activities, fix_within)
    gaps = [gap for gap in reader.gaps(None, until) if not is_live(gap, until)]
    first = [gap.until for gap in gaps if gap.since is None and gap.until is not None]
    return DeliveryHistory(until, told.lanes(gaps), min(first, default=None), fix_within)


def all_transitions(
    reader: DeliveryReader, kinds: Collection[Kind], until: datetime
) -> list[Transition]:
    """Return all that is recorded of *kinds*, in the order of time, read page by page."""
    found: list[Transition] = []
    seen: set[int] = set()
    since, size = until - _BEGINNING, PAGE
    while True:
        page = reader.transitions(since, until, kinds=kinds, baselines=True, limit=size)
        fresh = [one for one in page if one.seq not in seen]
        seen.update(one.seq for one in fresh)
        found += fresh
        if len(page) < size:
            return found
        if not fresh:  # more of one moment than a page holds
            size *= 2
        since = page[-1].at - timedelta(microseconds=1)


class _Told:
    def __init__(
        self,
        reader: DeliveryReader,
        until: datetime,
        services: Mapping[Ref, str],
        activities: Iterable[Activity],
        fix_within: timedelta,
    ) -> None:
        self._reader, self._until, self._services = reader, until, services
        self._fix_within = fix_within
        self._acts = [one for one in activities if _is_rollback_act(one)]
        self._read = all_transitions(reader, _DELIVERED, until)
        self._alerts = recorded_spans(self._read)
        self._by_ref: dict[Ref, list[Transition]] = {}
        for one in self._read:
            self._by_ref.setdefault(one.ref, []).append(one)
        self._known_facts: DeliveredCommits | None = None

    def lanes(self, gaps: Sequence[Gap]) -> tuple[LaneHistory, ...]:
        found = [*self._service_lanes(gaps), *self._model_lanes(gaps)]
        return tuple(
            sorted(found, key=lambda lane: (lane.key.kind.value != "service", lane.key[1:]))
        )

    # --- services --------------------------------------------------------------------------------

    def _service_lanes(self, gaps: Sequence[Gap]) -> Iterator[LaneHistory]:
        groups: dict[tuple[str, str], list[tuple[Ref, Deployment]]] = {}
        for ref, own in self._by_ref.items():
            record = _last(own)
            if isinstance(record, Deployment):
                service = self._services.get(ref) or service_name(record)
                groups.setdefault((service, in_full(record.environment)), []).append((ref, record))
        for (service, environment), members in groups.items():
            for name, refs in _split(service, members):
                yield self._service(LaneKey(LaneKind.SERVICE, name, environment), refs, gaps)

    def _service(self, key: LaneKey, refs: Sequence[Ref], gaps: Sequence[Gap]) -> LaneHistory:
        told = (one for ref in refs for one in deployment_sightings(self._by_ref[ref]))
        seen = _in_order(told)
        alerts = [span for ref in refs for span in self._alerts.get(ref, ())]
        alerts += failing_spans(seen)
        steps = steps_of(seen, self._is_rollback, self._is_older)
        return self._lane(key, refs, steps, alerts, gaps)

    def _is_rollback(self, one: Sighting) -> bool:
        return any(_did(act, one) for act in self._acts)

    def _is_older(self, record: Record | None, other: Record | None) -> bool:
        return self._facts.is_older(record, other)

    @property
    def _facts(self) -> DeliveredCommits:
        if self._known_facts is None:
            known: dict[Ref, Record] = {}
            for one in all_transitions(self._reader, _FACTS, self._until):
                record = one.after or one.before
                if record is not None:
                    known[one.ref] = record
            self._known_facts = DeliveredCommits(known.values())
        return self._known_facts

    def _brought(self, steps: Iterable[Step]) -> Mapping[int, Sequence[DeliveredChange]]:
        made = [one for one in steps if one.kind is StepKind.DEPLOYMENT]
        if not made:
            return {}
        facts = self._facts
        return first_arrivals(
            {one.number: facts.brought(one.record, one.previous_record) for one in made}
        )

    # --- models ----------------------------------------------------------------------------------

    def _model_lanes(self, gaps: Sequence[Gap]) -> Iterator[LaneHistory]:
        drifts, registered = drift_spans(self._read), registrations(self._read)
        for ref, own in self._by_ref.items():
            record = _last(own)
            if not isinstance(record, Model):
                continue
            for alias, seen in alias_sightings(own).items():
                key = LaneKey(LaneKind.MODEL, record.name, alias)
                steps = steps_of(_in_order(seen), self._is_rollback)
                lane = self._lane(key, [ref], steps, (), gaps)
                spans = drifts.get(record.name, ())
                answered = retrainings(steps, spans, registered, record.name)
                yield LaneHistory(key, lane.judged, {}, answered, lane.gaps, lane.first_seen)

    # --- both ------------------------------------------------------------------------------------

    def _lane(
        self,
        key: LaneKey,
        refs: Sequence[Ref],
        steps: Sequence[Step],
        alerts: Sequence[AlertSpan],
        gaps: Sequence[Gap],
    ) -> LaneHistory:
        scopes = {(ref.source, one.scope) for ref in refs for one in self._by_ref[ref]}
        own = tuple(gap for gap in gaps if (gap.source, gap.scope) in scopes)
        looked = [gap.until for gap in own if gap.since is None and gap.until is not None]
        brought = self._brought(steps) if key.kind is LaneKind.SERVICE else {}
        verdicts = judged(steps, alerts, self._fix_within)
        return LaneHistory(key, verdicts, brought, (), own, min(looked, default=None))


def _last(own: Sequence[Transition]) -> Record | None:
    return next((one.after or one.before for one in reversed(own) if one.after or one.before), None)


def _in_order(seen: Iterable[Sighting]) -> list[Sighting]:
    """Return *seen* in the order of time; what is of one moment stays in its order."""
    return sorted(seen, key=lambda one: one.at)


def _split(
    service: str, members: Sequence[tuple[Ref, Deployment]]
) -> Iterator[tuple[str, list[Ref]]]:
    """Yield the workloads of one service in one environment, each that is called otherwise apart.

    What a CI server says of a place of which a cluster tells is left out: it is one deployment with
    two witnesses, and the cluster is the nearer one.
    """
    workloads = [member for member in members if is_workload(member[1])]
    names: dict[str, list[Ref]] = {}
    for ref, record in workloads or members:
        names.setdefault(record.name, []).append(ref)
    for name, refs in names.items():
        alone = len(names) == 1 or name == service
        yield (service if alone else f"{service}: {name}"), refs


def _is_rollback_act(act: Activity) -> bool:
    return act.action == "rollback" and act.state not in _NOT_DONE and act.created_at is not None


def _did(act: Activity, one: Sighting) -> bool:
    """Tell whether *act* has done what *one* says."""
    if act.about != one.ref or act.created_at is None:
        return False
    if one.act:
        return one.act == act.id
    ended = act.finished_at or act.created_at + _ACT_LASTS
    return act.created_at - _LEEWAY <= one.at <= ended + _LEEWAY


def services_of(records: Iterable[Record]) -> dict[Ref, str]:
    """Return of which service each record is that one of *records*, the services, names."""
    found: dict[Ref, str] = {}
    for service in records:
        refs = [target.ref for target in getattr(service, "targets", ())]
        for state in getattr(service, "environments", ()):
            refs += [witness.ref for witness in state.witnesses]
        for ref in refs:
            found.setdefault(ref, service.name)
    return found
