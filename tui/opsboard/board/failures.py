"""The failures that this session has seen: which version of what, since when, and why.

The board shows the present; a plan needs the past, too: that revision 56 crashed while it was
deployed, or that version 4 of a model drifted. Nothing is kept of what never failed.
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
    """The subject of *record* has failed at *version* since *at*, last for this reason.

    *made_at* is when the record that failed was created, *well_at* when that version was seen to be
    well again, ``None`` while it still fails.
    """

    version: str
    at: datetime
    record: Ref
    reason: str
    message: str
    made_at: datetime | None = None
    well_at: datetime | None = None


class _FailureKey(NamedTuple):
    """The version that failed, and the only subject or record that may be well again for it."""

    version: str
    seen_by: Subject


class FailureHistory:
    """Updated by the board as records change; :meth:`of` may be called from any thread."""

    def __init__(self) -> None:
        self._kept: dict[Subject, Mapping[_FailureKey, Failure]] = {}

    def of(self, record: Record) -> Sequence[Failure]:
        """Return all failures of the subject of *record*, at any version."""
        return tuple(self._kept.get(subject_of(record), {}).values())

    def update(
        self, builder: DeltaBuilder, tables: Mapping[Kind, Mapping[Ref, Record]], at: datetime
    ) -> None:
        """Keep or end failures for the records that *builder* says have changed."""
        for kind in KINDS:
            if kind.failures is None or not kind.failures.is_remembered:
                continue
            changed, removed = builder.touched(kind.name)
            self._take_all([tables[kind.name][ref] for ref in changed], at)
            if kind.failures.ends_with_record:
                for ref in removed:
                    self._kept.pop(tuple(ref), None)

    def forget_source(self, source: str) -> None:
        """Forget all failures of *source*: another login may not be shown what the last one saw."""
        for subject in [subject for subject in self._kept if subject[0] == source]:
            self._kept.pop(subject, None)

    def _take_all(self, records: Sequence[Record], at: datetime) -> None:
        """Keep or end failures for *records*, in the order in which they were created."""
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
            keys = [k for k in _failure_keys(record) if not _is_older(record, kept.get(k))]
            begun = {key: kept[key].at if _is_on(key, kept) else at for key in keys}
            failed = {key: _failure(record, key, begun[key]) for key in keys}
            self._keep(subject, {**kept, **failed})
        elif record.status is Status.OK and kept:
            keys = [k for k in _failure_keys(record) if not _is_older(record, kept.get(k))]
            well = {k: _recovered(kept[k], record, at) for k in keys if _is_on(k, kept)}
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
    """Return the failure rule that the kind of *record* declares."""
    kind = KINDS.of(record)
    return _NO_RULE if kind is None or kind.failures is None else kind.failures


def _fails(record: Record) -> bool:
    return _rule(record).fails(record)


def _is_on(key: _FailureKey, kept: Mapping[_FailureKey, Failure]) -> bool:
    """Tell whether the failure under *key* still goes on."""
    return key in kept and kept[key].well_at is None


def _recovered(failure: Failure, record: Record, at: datetime) -> Failure:
    """Return *failure* as one after which *record* was seen to be well."""
    made_at = record.created_at or failure.made_at
    return replace(failure, well_at=_seen_at(record, at), made_at=made_at)


def _is_older(record: Record, kept: Failure | None) -> bool:
    """Tell whether *record* was created before the record that *kept* comes from."""
    made_at, last = record.created_at, kept.made_at if kept else None
    return made_at is not None and last is not None and made_at < last


def _begun(record: Record) -> datetime:
    return record.created_at or _EARLIEST


def _failure(record: Record, key: _FailureKey, at: datetime) -> Failure:
    """Return the failure of *record*, with reason, message and time of its alert."""
    shown = alert_of(record, at) or record
    since = min(at, _seen_at(record, at))
    return Failure(key.version, since, record.ref, shown.reason, shown.message, record.created_at)


def _seen_at(record: Record, at: datetime) -> datetime:
    """Return since when *record* has been as it is, as its alert says; at the latest *at*."""
    alert = alert_of(record, at)
    ended = _rule(record).ended_at(record)
    return min(at, alert.since if alert else ended or at)


def subject_of(record: Record) -> Subject:
    """Return what *record* is a version or a run of: a tuple that begins with the source."""
    return _rule(record).subject(record)


def versions_of(record: Record) -> tuple[str, ...]:
    """Return all names of the version that *record* is at: revision, commit, ..."""
    return tuple(dict.fromkeys(filter(None, _rule(record).versions(record))))


def _failure_keys(record: Record) -> list[_FailureKey]:
    """Return the keys of *record*. A later run ends a failed run, else only the same record."""
    by = subject_of(record) if _rule(record).is_run else tuple(record.ref)
    return [_FailureKey(version, by) for version in versions_of(record)]


def _is_another(record: Record, kept: Mapping[_FailureKey, Failure]) -> bool:
    """Tell whether the subject was deleted and created again, so that its numbers restarted."""
    number = _rule(record).restart_number(record)
    known = [one for one in kept.values() if one.version.isdecimal() and one.made_at is not None]
    last = max(known, key=lambda one: int(one.version), default=None)
    if number is None or last is None or last.made_at is None or record.created_at is None:
        return False
    return record.created_at > last.made_at and number < int(last.version)
