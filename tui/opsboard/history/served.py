"""Which version of a model served from when to when: the stretches of each of its aliases.

Out of the changes of the model's record. Where nobody looked, an alias may have pointed elsewhere
and back: such a stretch is *watched* in part only, and what was before the first look is not known.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final, Protocol

from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.history.gaps import touches
from opsboard.history.model import Gap, Transition
from opsboard.history.read_timeline import is_live
from opsboard.records import Model, Ref

MOST_READ: Final = 500
"""Changes of one model that are read, the newest: its metrics and tags change it too."""
SERVING: Final = ""
"""What stands for the alias that says which version serves, whatever that is called."""
NOWHERE: Final = "nowhere"
"""What stands for the version of an alias that is gone at the next look."""
_EVER: Final = datetime.max.replace(tzinfo=UTC)
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


@frozen_unchecked
class ServedStretch(Frozen):
    """*alias* pointed to *version* from *since* to *until*; ``None`` where it still does.

    With *earliest*, it began between that and *since*. *at_least*: it was so when somebody first
    looked, and may have been so before. *watched*: nobody can have moved it meanwhile unseen.
    *version* is empty where it pointed nowhere. *who* moved it there, as far as anybody says.
    *next_version* is what the next look found, where the alias may have been moved before the time
    that is asked about; then *moved_by* is when that look was.
    """

    alias: str
    version: str
    since: datetime
    until: datetime | None = None
    earliest: datetime | None = None
    at_least: bool = False
    watched: bool = True
    who: str = ""
    act: str = ""
    next_version: str = ""
    moved_by: datetime | None = None


class ServedReader(Protocol):
    """What is asked of :class:`opsboard.history.reader.LedgerReader` here."""

    def transitions(
        self,
        since: datetime,
        until: datetime,
        *,
        refs: Collection[Ref] | None = None,
        baselines: bool = False,
        newest_first: bool = False,
        limit: int = MOST_READ,
    ) -> list[Transition]: ...

    def gaps(self, since: datetime | None = None, until: datetime | None = None) -> list[Gap]: ...


def read_served(reader: ServedReader, model: Ref, now: datetime) -> tuple[ServedStretch, ...]:
    """Return the stretches of the aliases of *model* as of *now*, the newest first."""
    changes = reader.transitions(
        _NEVER, now, refs={model}, baselines=True, newest_first=True, limit=MOST_READ
    )
    scopes = {(model.source, change.scope) for change in changes}
    gaps = [
        gap
        for gap in reader.gaps(None, now)
        if (gap.source, gap.scope) in scopes and not is_live(gap, now)
    ]
    whole = len(changes) < MOST_READ
    found = served(changes[::-1], gaps, now, whole=whole)
    after = reader.transitions(now, _EVER, refs={model}, baselines=True, limit=1)
    return tuple(_or_moved(one, after[0], now) for one in found) if after else found


def _or_moved(stretch: ServedStretch, after: Transition, now: datetime) -> ServedStretch:
    """Return *stretch*, and what the look *after* found where that may have been so *now*."""
    may_be = after.earliest is not None and not after.is_exact and after.earliest < now
    version = _pointers(after).get(stretch.alias, "")
    if stretch.until is not None or not may_be or version == stretch.version:
        return stretch
    return replace(stretch, watched=False, next_version=version or NOWHERE, moved_by=after.at)


def served(
    changes: Sequence[Transition], gaps: Sequence[Gap], now: datetime, *, whole: bool = True
) -> tuple[ServedStretch, ...]:
    """Return the stretches that *changes* of one model, oldest first, tell of; newest first.

    *gaps* are when nobody looked at it. *whole* is whether no earlier changes were left out.
    """
    names = dict.fromkeys(name for one in changes for name in _pointers(one))
    found = [
        _with_gaps(stretch, gaps, now)
        for name in names
        for stretch in _stretches(name, changes, whole=whole)
    ]
    return tuple(sorted(found, key=lambda one: (one.since, one.alias), reverse=True))


def _pointers(change: Transition) -> Mapping[str, str]:
    """Return the version that each alias points to after *change*."""
    if not isinstance(change.after, Model):
        return {}
    serving = {SERVING: change.after.serving} if change.after.serving else {}
    return {**serving, **{one.name: one.version for one in change.after.aliases}}


def _stretches(name: str, changes: Iterable[Transition], *, whole: bool) -> Iterator[ServedStretch]:
    current: ServedStretch | None = None
    for number, change in enumerate(changes):
        version = _pointers(change).get(name, "")
        if current is not None and version == current.version:
            continue
        if current is not None and current.version:
            watched = current.watched and not change.baseline
            yield replace(current, until=change.shown_at, watched=watched)
        current = ServedStretch(
            name,
            version,
            change.shown_at,
            earliest=None if change.is_exact else change.earliest,
            at_least=change.baseline or (number == 0 and not whole),
            who=change.actor,
            act=change.act,
        )
    if current is not None and current.version:
        yield current


def _with_gaps(stretch: ServedStretch, gaps: Sequence[Gap], now: datetime) -> ServedStretch:
    """Return *stretch*, and whether it was watched all the time."""
    until = stretch.until or now
    unseen = any(touches(gap, stretch.since, until) for gap in gaps)
    return replace(stretch, watched=False) if unseen else stretch
