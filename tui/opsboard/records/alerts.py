"""What is wrong."""

from enum import StrEnum
from typing import Literal

from opsboard.records.record import Record
from opsboard.records.words import Kind, Ref
from opsboard.tidy import Moment, tidy


class AlertState(StrEnum):
    """Whether somebody has taken notice of an alert."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"


@tidy
class Alert(Record):
    """Something that is wrong. *about* is the record it concerns, or none for a source.

    *since* is when it was first seen. *state* lasts over restarts; a snooze ends at *until*.
    """

    kind: Literal[Kind.ALERT] = Kind.ALERT
    about: Ref | None = None
    since: Moment
    state: AlertState = AlertState.OPEN
    until: Moment | None = None
