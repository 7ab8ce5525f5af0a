"""Findings and facts that the plans of all adapters tell in the same way."""

from collections.abc import Iterable

from opsboard.adapter.details import Fact
from opsboard.adapter.errors import Forbidden, SourceError
from opsboard.adapter.plans import Finding
from opsboard.adapter.start_findings import Severity


class DestinationFinding(Finding):
    """A finding on whether the *destination* is well; the board may know more of that.

    The runner notes it in :attr:`~opsboard.adapter.Plan.about_destination`.
    """


def note(text: str) -> Finding:
    """Return something to know."""
    return Finding(severity=Severity.NOTE, text=text)


def warning(text: str) -> Finding:
    """Return something to think about first."""
    return Finding(severity=Severity.WARNING, text=text)


def blocker(text: str) -> Finding:
    """Return why it cannot be done as it is."""
    return Finding(severity=Severity.BLOCKER, text=text)


def facts(*pairs: tuple[str, str | None]) -> tuple[Fact, ...]:
    """Return those *pairs* of label and value that have a value."""
    return tuple(Fact(label=label, value=value) for label, value in pairs if value)


def unchanged(what: str) -> Finding:
    """Return that nothing would change: *what* is as it would be."""
    return blocker(f"{what}: nothing would change")


def already_running(which: Iterable[str] | str, consequence: str = "") -> Finding:
    """Return that others of its kind are under way, and what that leads to."""
    text = f"already running: {which if isinstance(which, str) else listed(which)}"
    return warning(f"{text}; {consequence}" if consequence else text)


def not_ended(state: str) -> Finding:
    """Return that what is to be repeated has not ended."""
    return blocker(f"it has not ended yet: {state}")


def destination_failing(text: str) -> Finding:
    """Return that the version to go to is, or was, failing."""
    return DestinationFinding(severity=Severity.WARNING, text=text)


def destination_not_known(text: str) -> Finding:
    """Return that it is not known whether the version to go to is well."""
    return DestinationFinding(severity=Severity.NOTE, text=text)


def protected(where: str, by: Iterable[str] = ()) -> Finding:
    """Return that *where* is protected, and who has to approve."""
    who = listed(by)
    return note(f"{where} is protected" + (f": {who} have to approve" if who else ""))


def not_known(what: str, error: SourceError) -> Finding:
    """Return that *what* could not be read: ``whether X is concerned``."""
    why = "may not list them" if isinstance(error, Forbidden) else error.message
    return note(f"{what} is not known: {why}")


def reverted_by(manager: str) -> Finding:
    """Return that *manager* keeps the target as it is declared elsewhere."""
    return warning(f"managed by {manager}, which is likely to revert this")


def listed(words: Iterable[str], most: int = 5) -> str:
    """Return *words* as a list, of which *most* are named: ``a, b and 3 more``."""
    named = list(words)
    rest = f" and {len(named) - most} more" if len(named) > most else ""
    return ", ".join(named[:most]) + rest
