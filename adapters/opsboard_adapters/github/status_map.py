"""GitHub's words for how things stand, and what they mean on the board.

They are free strings: a word that is not known here is shown as it is, with status unknown.
"""

from typing import Final

from opsboard.records import Status

_RUNNING: Final = ("queued", "requested", "pending", "in_progress")
_FAILED: Final = ("failure", "timed_out", "startup_failure", "error")
_FINE: Final = ("success", "neutral", "skipped")
_BY_HAND: Final = ("waiting", "action_required")
"""Nothing goes on until somebody approves."""

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
    """Return the one word for how a run, job or step stands."""
    if status == "completed" or (conclusion and not status):
        return conclusion or "completed"
    return status or "unknown"


def status_of(state: str) -> Status:
    """Return what *state* means."""
    return _STATUS.get(state, Status.UNKNOWN)


def reason_of(state: str) -> str:
    """Return what to say of *state* beside its glyph."""
    return _REASONS.get(state, state.replace("_", " "))
