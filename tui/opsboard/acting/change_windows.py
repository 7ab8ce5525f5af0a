"""Change windows: whether changes to an environment are allowed at a time, by its local clock."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from opsboard.config.action_rules import DAYS, ChangeWindow
from opsboard.environments.names import matches, pattern_covers
from opsboard.environments.rules import suggests_environment


def closed_reason(
    windows: Sequence[ChangeWindow], action: str, environment: str, now: datetime
) -> str:
    """Return why *environment* is closed for *action*, or ``""``. One open window is enough."""
    concerned = [
        window for window in windows if any(matches(pattern, action) for pattern in window.actions)
    ]
    own = _of(concerned, environment, pattern_covers) or _of(
        concerned, environment, suggests_environment
    )
    if not own or any(is_open(window, now) for window in own):
        return ""
    listed = ", or ".join(_text_of(window) for window in own)
    return f"outside of the change window of {environment or 'everything'}: {listed}"


def _of(
    windows: Sequence[ChangeWindow], environment: str, meant: Callable[[str, str], bool]
) -> Sequence[ChangeWindow]:
    return [one for one in windows if any(meant(name, environment) for name in one.environments)]


def is_open(window: ChangeWindow, now: datetime) -> bool:
    """Return whether *window* is open at *now*: from its start, up to but without its end.

    A window whose end is not after its start ends on the next day; it belongs to the day on which
    it opens. Local time counts: in the hour that is skipped in spring, a window opens at the hour
    after; in the hour that comes twice in autumn, it is open both times.
    """
    local = now.astimezone(_zone(window.time_zone))
    clock, today = local.time(), DAYS[local.weekday()]
    yesterday = DAYS[(local.date() - timedelta(days=1)).weekday()]
    if window.start < window.end:
        return today in window.days and window.start <= clock < window.end
    begun_today = today in window.days and clock >= window.start
    return begun_today or (yesterday in window.days and clock < window.end)


def _zone(name: str) -> tzinfo:
    """Return the time zone *name*. UTC needs no time zone database."""
    return UTC if name == "UTC" else ZoneInfo(name)


def _text_of(window: ChangeWindow) -> str:
    days = " ".join(window.days)
    return f"{days} {window.start:%H:%M}-{window.end:%H:%M} {window.time_zone}"
