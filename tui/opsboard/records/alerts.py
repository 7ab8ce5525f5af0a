"""What is wrong."""

from enum import StrEnum
from typing import Literal

from opsboard.frozen import UtcDatetime, frozen
from opsboard.records.record import Record
from opsboard.records.words import Kind, Ref


class AlertState(StrEnum):
    """Whether somebody has taken notice of an alert."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"


@frozen
class Alert(Record):
    """Something that is wrong. *about* is the record it concerns, or none for a source.

    *since* is when it was first seen. *state* lasts over restarts; a snooze ends at *until*.
    """

    kind: Literal[Kind.ALERT] = Kind.ALERT
    about: Ref | None = None
    since: UtcDatetime
    state: AlertState = AlertState.OPEN
    until: UtcDatetime | None = None
