"""Many statuses in one: counts for a heading, and the exit code of ``opsboard status``."""

from collections import Counter
from collections.abc import Collection, Container, Iterable, Mapping
from enum import IntEnum
from typing import cast

from opsboard.board.state import Board
from opsboard.records import Alert, Kind, Record, Ref, Status


class StatusExitCode(IntEnum):
    """The exit codes of ``opsboard status``."""

    OK = 0
    FAILED = 1
    UNREACHABLE = 2


def worst(statuses: Iterable[Status]) -> Status:
    """Return the most severe of *statuses*; ``unknown`` where there is none at all."""
    return max(statuses, key=lambda status: status.severity, default=Status.UNKNOWN)


def counts(records: Iterable[Record]) -> Mapping[Status, int]:
    """Return how many of *records* have each status, the most severe first, none with zero."""
    tally = Counter(record.status for record in records)
    return dict(sorted(tally.items(), key=lambda item: -item[0].severity))


def exit_code(
    board: Board, kinds: Collection[Kind] | None = None, among: Container[Ref] | None = None
) -> StatusExitCode:
    """Return the verdict on *board*, or on the records of *kinds* only, and of these on *among*.

    A source that cannot tell outranks a failure, since then nobody knows what else failed; so
    does one of its parts, and one that has confirmed nothing yet.
    A failed build counts while it is the latest of its workflow and branch, as for alerts;
    that somebody acknowledged a failure does not fix it. A service is what its parts make it: no
    alert is about it.
    """
    if not all(source.is_complete for source in board.sources()):
        return StatusExitCode.UNREACHABLE
    alerts = (cast("Alert", record) for record in board.records(Kind.ALERT).values())
    failed = [alert for alert in alerts if alert.status is Status.FAILED]
    if any(_concerns(alert, kinds) and _is_among(alert, among) for alert in failed):
        return StatusExitCode.FAILED
    if kinds is not None and Kind.SERVICE in kinds and _has_failed_service(board, among):
        return StatusExitCode.FAILED
    return StatusExitCode.OK


def _has_failed_service(board: Board, among: Container[Ref] | None) -> bool:
    services = board.records(Kind.SERVICE).items()
    return any(
        record.status is Status.FAILED and (among is None or ref in among)
        for ref, record in services
    )


def _is_among(alert: Alert, among: Container[Ref] | None) -> bool:
    return among is None or alert.ref in among or alert.about in among


def _concerns(alert: Alert, kinds: Collection[Kind] | None) -> bool:
    if kinds is None or Kind.ALERT in kinds:
        return True
    return alert.about is not None and alert.about.kind in kinds
