"""Runners: the machines that run the jobs of a Nightly server, a kind of record of its own."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from opsboard.kinds import (
    ENVIRONMENT,
    NAME,
    REASON,
    SOURCE,
    STATUS,
    AlertRule,
    FailureRule,
    RecordKind,
    age_column,
    number_column,
    text_column,
)
from opsboard.records import Kind, Record, Status, Text, UtcDatetime, frozen


class RunnerState(StrEnum):
    """What a runner says of itself."""

    ONLINE = "online"
    DRAINING = "draining"
    OFFLINE = "offline"


@frozen
class Runner(Record):
    """A machine that runs jobs. *slots* is how many at once, *busy* how many of them are taken."""

    kind: Kind = Kind("runner")
    state: RunnerState
    version: Text = ""
    slots: int = 0
    busy: int = 0
    labels: tuple[Text, ...] = ()
    seen_at: UtcDatetime | None = None


class RunnerAlertRule(AlertRule[Runner]):
    """A runner that is offline is an alert, until it is seen again."""

    def reason(self, record: Runner) -> str:
        return record.state.value

    def message(self, record: Runner) -> str:
        return f"{record.slots} slots are missing"


class RunnerFailureRule(FailureRule[Runner]):
    """A version of the runner that went offline is remembered."""

    def versions(self, record: Runner) -> tuple[str, ...]:
        return (record.version,)


RUNNER: Final = RecordKind(
    Kind("runner"),
    Runner,
    title="Runners",
    columns=(
        STATUS,
        NAME,
        text_column("state", "state", 8, priority=0),
        number_column("busy", "busy", 4),
        number_column("slots", "slots", 5),
        text_column("version", "version", 7, 12, priority=3),
        REASON,
        ENVIRONMENT,
        age_column("seen_at", "seen", name="seen"),
        SOURCE,
    ),
    order="seen",
    aliases=("runner", "rn"),
    alert=RunnerAlertRule(),
    failures=RunnerFailureRule(),
)

_STATUS: Final = {"online": Status.OK, "draining": Status.WARNING, "offline": Status.FAILED}


def read_runner(told: Mapping[str, Any], source: str, environment: str) -> Runner:
    """Return the runner that the server tells of. Raises where that is none."""
    return Runner(
        source=source,
        id=str(told["name"]),
        name=told["name"],
        status=_STATUS[told["state"]],
        state=told["state"],
        version=told.get("version", ""),
        slots=told["slots"],
        busy=told["busy"],
        labels=told.get("labels", ()),
        environment=environment,
        seen_at=told["seen"],
    )
