"""What the board remembers of versions that failed: a rule that each kind may refine.

The board shows what is now; a plan has to know what was before: that revision 56 crashed while it
was there. A kind whose records name a version (a commit, a revision) declares this rule.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Generic, TypeAlias

from opsboard.kinds.alert_rule import RecordT
from opsboard.records import Status

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
