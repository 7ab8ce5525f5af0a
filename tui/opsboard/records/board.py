"""What the board itself makes: alerts, and what was done to the world from here."""

from enum import StrEnum

from opsboard.frozen import UtcDatetime, frozen
from opsboard.records.base import Kind, Record, Ref, Status
from opsboard.text.sanitize import Text


class AlertState(StrEnum):
    """Whether somebody has taken notice of an alert. On a board of the past, it may be unknown."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    UNKNOWN = "unknown"

    @property
    def is_quiet(self) -> bool:
        """Whether somebody is known to have taken notice: what is not known is told."""
        return self in {AlertState.ACKNOWLEDGED, AlertState.SNOOZED}


@frozen
class Alert(Record):
    """Something that is wrong. *about* is the record it concerns, or none for a source.

    *since* is when it began, or where nothing says so, when it was first seen. *state* lasts over
    restarts; a snooze ends at *until*.
    """

    kind: Kind = Kind.ALERT
    about: Ref | None = None
    since: UtcDatetime
    state: AlertState = AlertState.OPEN
    until: UtcDatetime | None = None

    @property
    def display_status(self) -> Status:
        """As what it is about."""
        return self.status.drawn_for(self.about)


class ActivityState(StrEnum):
    """How far an act has come.

    ``unknown`` is an act that was begun and whose outcome nobody has seen.
    """

    RUNNING = "running"
    FOLLOWING = "following"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REFUSED = "refused"
    TIMED_OUT = "timed out"
    UNKNOWN = "unknown"


@frozen
class Activity(Record):
    """An act on the world that went through the guard; *id* is that of its plan.

    *action* is the offer's word, *about* what it was done to, *actor* who did it, *cause* the
    reason that was given. *before* and *after* are the versions. *done* of *total* says how far
    it is, where that can be counted. *produced* is a record to look at: the run that it started.
    *undo* are the inputs with which the same action takes it back, where that is known.
    """

    kind: Kind = Kind.ACTIVITY
    action: Text
    about: Ref
    target: Text
    state: ActivityState
    before: Text = ""
    after: Text = ""
    actor: Text = ""
    cause: Text = ""
    done: int = 0
    total: int = 0
    produced: Ref | None = None
    finished_at: UtcDatetime | None = None
    undo: tuple[tuple[Text, Text], ...] = ()
