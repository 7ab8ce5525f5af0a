"""How old what a pane shows is, and what it does not show: of its own scopes, not of others."""

from collections.abc import Collection, Iterator, Sequence, Set
from datetime import datetime
from typing import Final

from opsboard.adapter import Condition
from opsboard.board.alerts import alerting_kinds
from opsboard.board.source_state import ScopeState, SourceState
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.kinds.ages import age_text
from opsboard.kinds.registry import KINDS
from opsboard.records import Kind, Status

_WELL: Final = frozenset({Condition.LIVE, Condition.STARTING})


@frozen_unchecked
class PaneFreshness(Frozen):
    """A few words about age or problems, and their severity."""

    words: str
    status: Status = Status.OK


def freshness_of(kind: Kind, sources: Sequence[SourceState], now: datetime) -> PaneFreshness:
    """Return how fresh the records of *kind* are that *sources* have, the worst first.

    What the board makes itself is as fresh as what it is made of: alerts, and services.

    What fails or is not read comes before any age: rows that look complete and are not fool.
    """
    kinds = frozenset({kind, *_parts_of(kind)})
    if failing := [words for source in sources if (words := _failing(source, kinds, now))]:
        return PaneFreshness("; ".join(failing), Status.FAILED)
    if doubtful := [words for source in sources for words in _doubtful(source, kinds, now)]:
        return PaneFreshness("; ".join(doubtful), Status.WARNING)
    if kind is Kind.SERVICE and (unheard := [one.name for one in sources if one.is_unheard]):
        return PaneFreshness(f"joins not all known: {', '.join(unheard)} to answer", Status.RUNNING)
    if coming := [words for source in sources for words in _coming(source, kinds)]:
        return PaneFreshness("; ".join(coming), Status.RUNNING)
    return PaneFreshness(_age(sources, kinds, now))


def confirmed_at(kind: Kind, sources: Sequence[SourceState], now: datetime) -> datetime | None:
    """Return when all that is shown of *kind* was last known to be so; ``None`` for nothing."""
    kinds = frozenset({kind, *_parts_of(kind)})
    shown = [scope for source in sources for scope in _shown(source, kinds)]
    times = [now if _is_watched(scope) else scope.fresh_at for scope in shown]
    return min((time for time in times if time is not None), default=None)


def _is_watched(scope: ScopeState) -> bool:
    return scope.streaming and scope.health.condition is Condition.LIVE and not scope.from_cache


def _parts_of(kind: Kind) -> Collection[Kind]:
    """Return the kinds of record that the board makes those of *kind* of."""
    if kind is Kind.ALERT:
        return alerting_kinds()
    declared = KINDS.get(kind)
    return declared.made_of if declared is not None else ()


def _shown(source: SourceState, kinds: Set[Kind]) -> list[ScopeState]:
    return [scope for scope in source.scopes.values() if not kinds.isdisjoint(scope.kinds)]


def _concerned(source: SourceState, kinds: Set[Kind]) -> list[ScopeState]:
    """Return the scopes that hold the kind, or may: what an empty scope is for is not known."""
    return [
        scope
        for scope in source.scopes.values()
        if not kinds.isdisjoint(scope.kinds) or not (scope.kinds or scope.is_empty)
    ]


def _failing(source: SourceState, kinds: Set[Kind], now: datetime) -> str:
    if source.own_health.condition.status is Status.FAILED:
        return f"{source.name} {source.own_health.condition}{_old(_shown(source, kinds), now)}"
    concerned = _concerned(source, kinds)
    bad = [scope for scope in concerned if scope.health.condition.status is Status.FAILED]
    if not bad:
        return ""
    count = f" {len(bad):,} of {len(concerned):,}" if len(bad) < len(concerned) else ""
    return f"{source.name}{count} {bad[0].health.condition}{_old(bad, now)}"


def _doubtful(source: SourceState, kinds: Set[Kind], now: datetime) -> Iterator[str]:
    shown = _shown(source, kinds)
    late = [scope for scope in shown if scope.health.condition is Condition.STALE]
    if source.own_health.condition.status is Status.WARNING:
        yield f"{source.name} {source.own_health.condition}{_old(shown, now)}"
    elif late:
        count = f" {len(late):,} of {len(shown):,}" if len(late) < len(shown) else ""
        yield f"{source.name}{count} overdue{_old(late, now)}"
    some = [
        scope
        for scope in shown
        if scope.health.condition is Condition.PARTIAL and scope.skipped is None
    ]
    if some:
        yield f"{source.name} partial{_old(some, now)}"
    skipped = [scope.skipped for scope in _concerned(source, kinds) if scope.skipped is not None]
    if skipped:
        unread, total = sum(it.count for it in skipped), sum(it.total for it in skipped)
        yield f"{unread:,} of {total:,} of {source.name} not read"


def _coming(source: SourceState, kinds: Set[Kind]) -> Iterator[str]:
    """Yield what is still to come of what is shown.

    That goes by itself: what is to be repaired, where all is well otherwise, stands in
    ``:sources``.
    """
    for scope in _shown(source, kinds):
        health = scope.health
        if health.condition in _WELL and health.message and not health.hint:
            yield f"{source.name}: {health.message}"


def _old(scopes: Sequence[ScopeState], now: datetime) -> str:
    """Return how old *scopes* are: ``now`` would read as if all were well."""
    oldest = min((scope.fresh_at for scope in scopes if scope.fresh_at), default=now)
    age = age_text(oldest, now)
    return "" if age == "now" else f", {age} old"


def _age(sources: Sequence[SourceState], kinds: Set[Kind], now: datetime) -> str:
    shown = [scope for source in sources for scope in _shown(source, kinds)]
    if not shown:
        return ""
    cached = [scope for scope in shown if scope.from_cache]
    polled = [scope for scope in cached or shown if not scope.streaming]
    confirmed = [scope.fresh_at for scope in polled if scope.fresh_at is not None]
    if not confirmed:
        return "starting" if polled else "live"
    words = age_text(min(confirmed), now)
    if cached:
        return f"{words} old, from disk"
    if len(polled) < len(shown):
        return "live" if words == "now" else f"live, oldest {words}"
    return words if words == "now" else f"{words} ago"
