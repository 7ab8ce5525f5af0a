"""How runs, jobs, steps and deployments stand, and how long they took.

GitHub's states are free strings: an unknown one is shown as it is, with status unknown.

What has ended gets no older, and what never began took no time, whatever timestamps GitHub gives: a
skipped job "starts" when it was skipped, at times a second after its end; a job that was cancelled
in the queue starts when it was queued; and a step that was skipped, or cut off with its runner, has
no end.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from opsboard.records import Status
from opsboard_adapters.github.models import GitHubJob, GitHubRun, GitHubStep

_RUNNING: Final = ("queued", "requested", "pending", "in_progress")
_FAILED: Final = ("failure", "timed_out", "startup_failure", "error")
_FINE: Final = ("success", "neutral", "skipped")
_BY_HAND: Final = ("waiting", "action_required")
"""States that last until somebody approves."""

_STATUS: Final = {
    **dict.fromkeys(_RUNNING, Status.RUNNING),
    **dict.fromkeys(_FAILED, Status.FAILED),
    **dict.fromkeys(_FINE, Status.OK),
    **dict.fromkeys(_BY_HAND, Status.WARNING),
}
_REASONS: Final = {
    "waiting": "waiting for approval",
    "action_required": "needs approval",
    "in_progress": "",
    "success": "",
}
SETTLED: Final = frozenset({"success", "failure", "error", "inactive"})
"""States of a deployment that last until the next deployment."""


def state_of(status: str | None, conclusion: str | None) -> str:
    """Return the state of a run, job or step: its conclusion once it has ended, else its status."""
    if status == "completed" or (conclusion and not status):
        return conclusion or "completed"
    return status or "unknown"


def status_of(state: str) -> Status:
    """Return the board's status for *state*."""
    return _STATUS.get(state, Status.UNKNOWN)


def reason_of(state: str) -> str:
    """Return the text that is shown beside the status glyph."""
    return _REASONS.get(state, state.replace("_", " "))


NOT_BEGUN: Final = frozenset({"queued", "waiting", "pending", "requested"})
"""Statuses before the start."""
_CANCELLED: Final = frozenset({"cancelled", "action_required", "stale", "startup_failure"})
"""Conclusions of what may or may not have begun."""


@dataclass(frozen=True, slots=True)
class RunSpan:
    """When something began and ended; ``None`` if it has not, or where it is not known."""

    begun_at: datetime | None
    ended_at: datetime | None
    ongoing: bool

    def duration(self, now: datetime) -> str:
        """Return the time that it took, or has taken so far, such as ``1h02m``, ``3m12s`` or
        ``8s``.
        """
        return format_duration(self.begun_at, now if self.ongoing else self.ended_at)


def span_of_run(run: GitHubRun) -> RunSpan:
    """Return the span of the attempt in *run*, which ends with the run's last change.

    A completed run always has an end: where ``updated_at`` is missing, it took no time.
    """
    begun_at = run.run_started_at or run.created_at
    ended = _has_ended(run.status, run.conclusion)
    return _span(begun_at, run.updated_at or begun_at, ended, goes_on=run.status is not None)


def span_of_job(job: GitHubJob) -> RunSpan:
    """Return the span of *job*, without its time in the queue."""
    return _timed_span(job, unbegun=job.status in NOT_BEGUN or never_began(job))


def never_began(job: GitHubJob) -> bool:
    """Tell whether *job* has ended without having begun."""
    if job.conclusion in _CANCELLED:
        return job.steps == () and not job.runner_name
    return job.conclusion == "skipped"


def span_of_step(step: GitHubStep) -> RunSpan:
    """Return the span of *step*."""
    return _timed_span(step, unbegun=step.status in NOT_BEGUN or step.conclusion == "skipped")


def _timed_span(one: GitHubJob | GitHubStep, *, unbegun: bool) -> RunSpan:
    ended = _has_ended(one.status, one.conclusion)
    # the status may lag behind: a conclusion with an end means that it has ended
    ended = ended or (bool(one.conclusion) and one.completed_at is not None)
    begun_at = None if unbegun else one.started_at
    return _span(begun_at, one.completed_at, ended, goes_on=one.status is not None and not unbegun)


def _span(
    begun_at: datetime | None, ended_at: datetime | None, ended: bool, *, goes_on: bool
) -> RunSpan:
    if not ended:
        return RunSpan(begun_at, None, goes_on)
    if begun_at is not None and ended_at is not None:
        ended_at = max(begun_at, ended_at)
    return RunSpan(begun_at, ended_at, ongoing=False)


def _has_ended(status: str | None, conclusion: str | None) -> bool:
    return status == "completed" or (conclusion is not None and not status)


def format_duration(start: datetime | None, end: datetime | None) -> str:
    """Return the time from *start* to *end*, ``""`` where either is missing."""
    if start is None or end is None:
        return ""
    seconds = max(int((end - start).total_seconds()), 0)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes:02}m"
    return f"{minutes}m{seconds:02}s" if minutes else f"{seconds}s"
