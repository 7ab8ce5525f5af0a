"""Rules that a kind may refine: when a record is an alert, what a change of it means, what failed.

An alert's id names the failure, not only the thing: the run and attempt of a build, the revision
of a roll-out. So a new failure of the same thing is a new alert, and what was acknowledged stays so
over restarts.
"""

from collections.abc import Iterable
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Generic, TypeAlias, TypeVar

from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.records import Alert, Kind, Record, Ref, Status

RecordT = TypeVar("RecordT", bound=Record)
AlertSeries: TypeAlias = tuple[str, ...]
"""Records of which only the latest with a verdict counts: the runs of a workflow on a branch."""


@frozen_unchecked
class AlertRules(Frozen):
    """What a user may tune. *branches* are patterns of the branches whose builds matter.

    A red build of a pull request or of somebody's own branch is that person's business, and
    there are many of them. Builds that no person waits for (scheduled, released, deployed),
    builds of release tags, and of branches that belong to production or staging always matter.
    """

    branches: tuple[str, ...] = ("main", "master", "trunk", "release", "release[/-]*", "hotfix/*")

    def is_watched(self, branch: str) -> bool:
        """Tell whether *branch* matches one of the patterns."""
        return any(fnmatchcase(branch, pattern) for pattern in self.branches)


class AlertRule(Generic[RecordT]):
    """A record that failed is an alert until it is ok again. Override what is different."""

    def series(self, record: RecordT, rules: AlertRules) -> AlertSeries | None:
        """Return the series that *record* is part of; ``None`` where it never is an alert.

        By default each record is a series of its own. Runs of the same thing are one series.
        """
        return record.ref

    def has_verdict(self, record: RecordT) -> bool:
        """Tell whether *record* has come to an end, good or bad: what runs says nothing yet."""
        return record.status in {Status.OK, Status.FAILED}

    def position(self, record: RecordT) -> tuple[float, int, str]:
        """Return a key by which the latest of a series is the greatest."""
        begun = record.created_at or record.updated_at
        return (begun.timestamp() if begun else 0.0, 0, record.id)

    def is_failing(self, record: RecordT) -> bool:
        """Tell whether *record* is an alert."""
        return record.status is Status.FAILED

    def has_recovered(self, record: RecordT) -> bool:
        """Tell whether *record* is well again, so that its next failure is news."""
        return record.status is Status.OK

    def is_retried(self, record: RecordT) -> bool:
        """Tell whether *record* is a run that is tried again: what it said stands meanwhile."""
        return False

    def failure_id(self, record: RecordT) -> str:
        """Return what names the failure of *record* for good: another failure has another one."""
        return f"{record.kind}:{record.id}"

    def name(self, record: RecordT) -> str:
        """Return what the alert is called."""
        return record.name

    def reason(self, record: RecordT) -> str:
        """Return a word or two for the table."""
        return record.reason or "failed"

    def message(self, record: RecordT) -> str:
        """Return the sentence behind it."""
        return record.message

    def since(self, record: RecordT) -> datetime | None:
        """Return when it went wrong, where the record says so."""
        return record.updated_at

    # --- not to be overridden --------------------------------------------------------------------

    def alert_ref(self, record: RecordT) -> Ref:
        """Return under which reference a failure of *record*, as it stands, is acknowledged."""
        return Ref(record.source, Kind.ALERT, self.failure_id(record))

    def alert(self, record: RecordT, at: datetime) -> Alert | None:
        """Return the alert that *record* is, seen at *at*; ``None`` where all is well."""
        if not self.is_failing(record):
            return None
        return Alert(
            source=record.source,
            id=self.failure_id(record),
            name=self.name(record),
            status=max(record.status, Status.WARNING, key=lambda status: status.severity),
            reason=self.reason(record),
            message=self.message(record),
            environment=record.environment,
            url=record.url,
            about=record.ref,
            since=self.since(record) or at,
        )


class ChangeRule(Generic[RecordT]):
    """How the history tells what a change of a record means, where its columns do not do."""

    word = "change"
    """The word of the time line: one of :class:`opsboard.history.change_kind.ChangeKind`."""

    def words(self, before: RecordT, after: RecordT) -> tuple[str, str] | None:
        """Return before and after in words; ``None`` where *after* only tells how it is doing."""
        return None

    def arrival(self, record: RecordT) -> str:
        """Return in words that *record* has come, of which nothing was known before."""
        return "created"

    def is_there(self, record: RecordT) -> bool:
        """Tell whether *record* is of a thing that there is; one that is only planned comes and
        goes unnoted.
        """
        return True


Subject: TypeAlias = tuple[str, ...]
"""What has versions, or runs: a roll-out, a model, a workflow. Begins with the source's name."""


class FailureRule(Generic[RecordT]):
    """A record that failed says that the version which it names fails."""

    is_run = False
    """Whether each record is one run among many: a later run takes back what an earlier said."""

    is_remembered = True
    """Whether its records tell of failures; else the rule only says what they belong to."""

    ends_with_record = False
    """Whether all is forgotten when the record is gone: what comes later is another thing."""

    def subject(self, record: RecordT) -> Subject:
        """Return what *record* is a version, or a state, of."""
        return tuple(record.ref)

    def versions(self, record: RecordT) -> Iterable[str]:
        """Return what the version that *record* is at is known by; empty texts do not count."""
        return ()

    def fails(self, record: RecordT) -> bool:
        """Tell whether *record* is of a version that does not work."""
        return record.status is Status.FAILED

    def ended_at(self, record: RecordT) -> datetime | None:
        """Return when *record* came to be as it is, where it says so."""
        return None

    def restart_number(self, record: RecordT) -> int | None:
        """Return the number of the version where numbers only grow while the thing lives.

        A lower number on a newer record means that it was deleted and made again.
        """
        return None
