"""The findings of these checks, each with the object that tells it."""

from opsboard.adapter import NotFound, Severity, StartFinding


def fine(text: str, subject: str = "") -> StartFinding:
    """Return that something is as it should be, or worth knowing."""
    return StartFinding(severity=Severity.NOTE, text=text, subject=subject)


def doubtful(text: str, subject: str = "") -> StartFinding:
    """Return what may keep it from starting."""
    return StartFinding(severity=Severity.WARNING, text=text, subject=subject)


def blocking(text: str, subject: str = "") -> StartFinding:
    """Return what keeps it from starting."""
    return StartFinding(severity=Severity.BLOCKER, text=text, subject=subject)


def is_missing(error: NotFound, name: str) -> bool:
    """Return whether the server says that *name* is not there, and not that it serves no such kind.

    Source: ``NewNotFound`` of ``k8s.io/apimachinery/pkg/api/errors``: ``secrets "db" not found``.
    """
    return f'"{name}" not found' in error.message
