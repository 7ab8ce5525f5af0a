"""What this session has seen fail: which version of what, since when, and why.

The board shows what is now; a plan has to know what was before: that revision 56 crashed while it
was there, or that version 4 of a model drifted. Whatever is well keeps nothing here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from opsboard.board.alerts import alert_of
from opsboard.board.delta import DeltaBuilder
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.kinds.registry import KINDS
from opsboard.kinds.rules import FailureRule, Subject
from opsboard.records import Kind, Record, Ref, Status

_EARLIEST: Final = datetime.min.replace(tzinfo=UTC)
MAX_SUBJECTS: Final = 2_000
MAX_VERSIONS: Final = 50
"""Subjects, and failures of each, that are kept: those that failed last."""


@frozen_unchecked
class Failure(Frozen):
    """That the subject of *record* fails at *version*, or has, since *at*, and why in the end.

    *made_at* is when the record that tells so was created,
    *well_at* when it was seen to be well again at that version.
    """

    version: str
    at: datetime
    record: Ref
    reason: str
    message: str
    made_at: datetime | None = None
    well_at: datetime | None = None


class _FailureKey(NamedTuple):
    """Where a failure is kept: by version, and by what only a look at the same takes back."""

    version: str
    seen_by: Subject


class FailureHistory:
    """Written to by the board as records change; :meth:`of` may be asked from any thread."""

    def __init__(self) -> None:
        self._kept: dict[Subject, Mapping[_FailureKey, Failure]] = {}

    def of(self, record: Record) -> Sequence[Failure]:
        """Return what failed of that which *record* is about, whichever version it was at."""
        return tuple(self._kept.get(subject_of(record), {}).values())

    def update(
        self, builder: DeltaBuilder, tables: Mapping[Kind, Mapping[Ref, Record]], at: datetime
    ) -> None:
        """Take in what *builder* says has changed."""
        for kind in KINDS:
            if kind.failures is None or not kind.failures.is_remembered:
                continue
            changed, removed = builder.touched(kind.name)
            self._take_all([tables[kind.name][ref] for ref in changed], at)
            if kind.failures.ends_with_record:
                for ref in removed:
                    self._kept.pop(tuple(ref), None)

    def forget_source(self, source: str) -> None:
        """Forget all of *source*: whoever asks it now may not be shown what another saw."""
        for subject in [subject for subject in self._kept if subject[0] == source]:
            self._kept.pop(subject, None)

    def _take_all(self, records: Sequence[Record], at: datetime) -> None:
        """Take in *records*, in the order in which they began."""
        failed = [record for record in records if _fails(record)]
        if not (failed or self._kept):
            return
        known = {*self._kept, *map(subject_of, failed)}
        well = [one for one in records if one.status is Status.OK and subject_of(one) in known]
        for record in sorted((*failed, *well), key=_begun):
            self._take(record, at)

    def _take(self, record: Record, at: datetime) -> None:
        subject = subject_of(record)
        kept = self._kept.get(subject, {})
        if kept and _is_another(record, kept):
            kept = {}
            self._kept.pop(subject, None)
        if _fails(record):
            places = [k for k in _failure_keys(record) if not _is_older(record, kept.get(k))]
            begun = {place: kept[place].at if _is_on(place, kept) else at for place in places}
            failed = {place: _failure(record, place, begun[place]) for place in places}
            self._keep(subject, {**kept, **failed})
        elif record.status is Status.OK and kept:
            places = [k for k in _failure_keys(record) if not _is_older(record, kept.get(k))]
            well = {k: _recovered(kept[k], record, at) for k in places if _is_on(k, kept)}
            if well:
                self._kept[subject] = {**kept, **well}

    def _keep(self, subject: Subject, failures: Mapping[_FailureKey, Failure]) -> None:
        """Keep *failures*, the last ones, and *subject* as the last one that failed."""
        if len(failures) > MAX_VERSIONS:
            by_time = sorted(failures.items(), key=lambda item: item[1].at)
            failures = dict(by_time[-MAX_VERSIONS:])
        self._kept.pop(subject, None)
        self._kept[subject] = failures
        while len(self._kept) > MAX_SUBJECTS:
            del self._kept[next(iter(self._kept))]


_NO_RULE: Final = FailureRule[Record]()


def _rule(record: Record) -> FailureRule[Any]:
    """Return what is declared of the versions of records like *record*."""
    kind = KINDS.of(record)
    return _NO_RULE if kind is None or kind.failures is None else kind.failures


def _fails(record: Record) -> bool:
    return _rule(record).fails(record)


def _is_on(place: _FailureKey, kept: Mapping[_FailureKey, Failure]) -> bool:
    """Tell whether what is kept at *place* is a failure that goes on."""
    return place in kept and kept[place].well_at is None


def _recovered(failure: Failure, record: Record, at: datetime) -> Failure:
    """Return *failure* as one after which *record* was seen to be well."""
    made_at = record.created_at or failure.made_at
    return replace(failure, well_at=_seen_at(record, at), made_at=made_at)


def _is_older(record: Record, kept: Failure | None) -> bool:
    """Tell whether *record* is of a run that began before what tells of the same by now."""
    made_at, last = record.created_at, kept.made_at if kept else None
    return made_at is not None and last is not None and made_at < last


def _begun(record: Record) -> datetime:
    return record.created_at or _EARLIEST


def _failure(record: Record, place: _FailureKey, at: datetime) -> Failure:
    """Return what is kept of *record*, in the words and with the time of its alert."""
    told = alert_of(record, at) or record
    since = min(at, _seen_at(record, at))
    return Failure(place.version, since, record.ref, told.reason, told.message, record.created_at)


def _seen_at(record: Record, at: datetime) -> datetime:
    """Return since when *record* has been as it is, as alerts have it; at the latest *at*."""
    alert = alert_of(record, at)
    ended = _rule(record).ended_at(record)
    return min(at, alert.since if alert else ended or at)


def subject_of(record: Record) -> Subject:
    """Return what *record* is a version, or a state, of. It begins with the source."""
    return _rule(record).subject(record)


def versions_of(record: Record) -> tuple[str, ...]:
    """Return what the version that *record* is at is known by."""
    return tuple(dict.fromkeys(filter(None, _rule(record).versions(record))))


def _failure_keys(record: Record) -> list[_FailureKey]:
    """A later run of the same takes a failure back; of what is no run, only the same record."""
    by = subject_of(record) if _rule(record).is_run else tuple(record.ref)
    return [_FailureKey(version, by) for version in versions_of(record)]


def _is_another(record: Record, kept: Mapping[_FailureKey, Failure]) -> bool:
    """Tell whether the thing was deleted and made again: its numbers have begun again."""
    number = _rule(record).restart_number(record)
    known = [one for one in kept.values() if one.version.isdecimal() and one.made_at is not None]
    last = max(known, key=lambda one: int(one.version), default=None)
    if number is None or last is None or last.made_at is None or record.created_at is None:
        return False
    return record.created_at > last.made_at and number < int(last.version)
