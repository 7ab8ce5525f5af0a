"""What the actions are called, and when they make no sense.

Imports nothing heavy: menus are made from this before a source is connected.
"""

from collections.abc import Callable, Mapping
from typing import Final

from opsboard.adapter import ActionSpec
from opsboard.records import Build, BuildJob, Deployment, Kind, Record

_BUILDS: Final = frozenset({Kind.BUILD})
_WAITING: Final = frozenset({Kind.BUILD, Kind.DEPLOYMENT})
_NOT_BEGUN: Final = frozenset({"pending", "queued", "waiting for approval"})
"""Reasons of deployments that may wait for a review."""
_SUCCESSFUL: Final = frozenset({"success", "neutral", "skipped"})

RERUN: Final = ActionSpec(
    "rerun",
    "Re-run",
    "Run it again, at the same commit: all jobs of a run, or one and what depends on it.",
    _BUILDS | {Kind.BUILD_JOB},
    disruptive=False,
)
RERUN_FAILED: Final = ActionSpec(
    "rerun-failed",
    "Re-run failed jobs",
    "Run the failed jobs again, and those that depend on them.",
    _BUILDS,
    disruptive=False,
)
CANCEL: Final = ActionSpec("cancel", "Cancel", "Stop the run.", _BUILDS, disruptive=False)
DISPATCH: Final = ActionSpec(
    "dispatch",
    "Dispatch",
    "Start this workflow by hand, on a branch and with inputs of your choice.",
    _BUILDS,
    needs_input=True,
)
APPROVE: Final = ActionSpec(
    "approve", "Approve", "Approve the deployments that are waiting.", _WAITING
)
REJECT: Final = ActionSpec(
    "reject", "Reject", "Reject the deployments that are waiting, which ends the run.", _WAITING
)
ROLLBACK: Final = ActionSpec(
    "rollback",
    "Roll back",
    "Run an earlier deployment again: by default the last one that succeeded.",
    frozenset({Kind.DEPLOYMENT}),
)

OFFERS: Final = (RERUN, RERUN_FAILED, CANCEL, APPROVE, REJECT, DISPATCH, ROLLBACK)


def disabled_reason(offer: ActionSpec, record: Record) -> str:
    """Return why the action makes no sense for *record* now, or ``""``."""
    if isinstance(record, Deployment):
        return _waits_for_no_review(record) if offer in {APPROVE, REJECT} else ""
    if isinstance(record, BuildJob):
        return _not_ended(record)
    reason = _DISABLED_REASONS.get(offer.id)
    return reason(record) if reason is not None and isinstance(record, Build) else ""


def _not_ended(run: Build | BuildJob) -> str:
    return "it has not ended yet" if run.finished_at is None else ""


def _nothing_failed(run: Build) -> str:
    return _not_ended(run) or ("none of its jobs failed" if run.state in _SUCCESSFUL else "")


def _ended(run: Build) -> str:
    return "it has ended" if run.finished_at is not None else ""


def _waits_for_no_review(deployment: Deployment) -> str:
    return "" if deployment.reason in _NOT_BEGUN else "it does not wait for approval"


def _run_waits_for_no_review(run: Build) -> str:
    return "" if run.state == "waiting" else "nothing in it waits for approval"


_DISABLED_REASONS: Final[Mapping[str, Callable[[Build], str]]] = {
    RERUN.id: _not_ended,
    RERUN_FAILED.id: _nothing_failed,
    CANCEL.id: _ended,
    APPROVE.id: _run_waits_for_no_review,
    REJECT.id: _run_waits_for_no_review,
}
