"""The small words of plans."""

from collections.abc import Iterable
from typing import Final

from opsboard.adapter import Fact, Finding, Severity
from opsboard_adapters.github.models import GitHubEnvironment, GitHubProtectionRule

SHORT: Final = 7
"""Digits of a commit that are shown."""


def note(text: str) -> Finding:
    """Return *text* as something to know."""
    return Finding(severity=Severity.NOTE, text=text)


def warning(text: str) -> Finding:
    """Return *text* as something to think about."""
    return Finding(severity=Severity.WARNING, text=text)


def blocker(text: str) -> Finding:
    """Return *text* as why it cannot be done."""
    return Finding(severity=Severity.BLOCKER, text=text)


def facts(*pairs: tuple[str, str | None]) -> tuple[Fact, ...]:
    """Return those *pairs* of label and value that say something."""
    return tuple(Fact(label=label, value=value) for label, value in pairs if value)


def short(sha: str | None) -> str:
    """Return the first digits of a commit."""
    return (sha or "")[:SHORT]


def names_of(sha: str | None) -> tuple[str, ...]:
    """Return what a commit is known by: in short, as people call it, and in full."""
    return (short(sha), sha) if sha else ()


def titled(sha: str | None, title: str) -> str:
    """Return a commit in short, with what it is about."""
    return f"{short(sha)} {title}".strip()


def listed(words: Iterable[str], most: int = 5) -> str:
    """Return *words* as a list, cut where there are too many."""
    told = list(words)
    rest = f" and {len(told) - most} more" if len(told) > most else ""
    return ", ".join(told[:most]) + rest


def reviewers(environment: GitHubEnvironment) -> tuple[str, ...]:
    """Return who has to approve a deployment to *environment*."""
    rules: tuple[GitHubProtectionRule, ...] = environment.protection_rules or ()
    return tuple(one.name for rule in rules for one in rule.reviewers or ())
