"""A year of deliveries by a seed, and a slow count of it that shares no code with the program.

A row is what was seen: when, of which lane, which version (a number, larger ones are later), and
how it did. The count goes through the rows of a lane again and again, as a person with a list and a
pencil would; it knows one workload in each lane, and no windows.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Final, NamedTuple

HOURS: Final = 365 * 24.0
FIX_WITHIN: Final = 24.0


class Row(NamedTuple):
    """At *hours*, *lane* had *version*, which was ``live``, ``bad`` or ``rolling``.

    With *since*, it became so at some time between the two.
    """

    hours: float
    lane: str
    version: int
    how: str
    since: float | None = None


@dataclass
class Told:
    """What the rows are to come to: the counts, the recoveries in hours, and the lead times."""

    deployments: int = 0
    attempts: int = 0
    rollbacks: int = 0
    certain: int = 0
    inferred: int = 0
    open: int = 0
    fixes: int = 0
    recoveries: list[float] = field(default_factory=list)
    leads: list[float] = field(default_factory=list)


# --- the year ------------------------------------------------------------------------------------


def year_of(seed: int, lanes: Sequence[str]) -> tuple[list[Row], dict[tuple[str, int], float]]:
    """Return the rows of a year in the order of time, and when each version was committed."""
    rng = random.Random(seed)
    rows: list[Row] = []
    committed: dict[tuple[str, int], float] = {}
    for lane in lanes:
        rows += _lane(rng, lane, committed)
    return sorted(rows), committed


def _lane(rng: random.Random, lane: str, committed: dict[tuple[str, int], float]) -> Iterator[Row]:
    live = newest = 1
    hours = 0.0
    yield Row(hours, lane, live, "live")
    while (hours := round(hours + rng.uniform(30, 200), 2)) < HOURS - 60:
        before = live
        for passed, step, how in _SCRIPTS[rng.choice(_STORIES)]:
            hours = round(hours + passed, 2)
            if step == "new":
                newest += 1
                committed[lane, newest] = round(hours - rng.uniform(0.2, 90), 2)
            shown = before if step == "old" else live if step == "live" else newest
            yield Row(hours, lane, shown, how)
            live = shown if how == "live" else live


_STORIES: Final = (
    "good", "good", "good", "good", "bad, back", "bad, fixed", "never, back", "never, fixed",
    "flap", "bad, lasts", "overtaken", "back and again",
)  # fmt: skip
_SCRIPTS: Final[Mapping[str, Sequence[tuple[float, str, str]]]] = {
    "good": [(0, "new", "rolling"), (0.1, "same", "live")],
    "bad, back": [
        (0, "new", "live"), (1, "same", "bad"), (0.5, "old", "rolling"), (0.1, "old", "live"),
    ],
    "bad, fixed": [
        (0, "new", "live"), (2, "same", "bad"), (1, "new", "rolling"), (0.2, "same", "live"),
    ],
    "never, back": [
        (0, "new", "rolling"), (0.1, "same", "bad"), (0.4, "old", "rolling"), (0.1, "old", "live"),
    ],
    "never, fixed": [
        (0, "new", "rolling"), (0.2, "same", "bad"), (3, "new", "rolling"), (0.1, "same", "live"),
    ],
    "flap": [(0, "live", "bad"), (0.3, "live", "live")],
    "bad, lasts": [
        (0, "new", "live"), (3, "same", "bad"), (26, "new", "rolling"), (0.1, "same", "live"),
    ],
    "overtaken": [
        (0, "new", "live"), (2, "same", "bad"), (1, "new", "rolling"), (0.2, "new", "rolling"),
        (0.3, "same", "live"),
    ],
    "back and again": [(0, "new", "live"), (5, "old", "live"), (9, "same", "live")],
}  # fmt: skip
"""What is seen, each some hours after the one before: of a new version, the same as just now, the
one before the story, or the live one."""


def with_gaps(rows: Sequence[Row], gaps: Sequence[tuple[float, float]]) -> list[Row]:
    """Return what is seen of *rows* where nobody looks in *gaps*: the last of each, at its end."""
    seen: list[Row] = []
    hidden: dict[tuple[float, float], dict[str, Row]] = {}
    for row in rows:
        gap = next((one for one in gaps if one[0] < row.hours < one[1]), None)
        if gap is None:
            seen.append(row)
        else:
            hidden.setdefault(gap, {})[row.lane] = row
    known: dict[str, Row] = {}
    for (since, until), lanes in hidden.items():
        for lane, row in lanes.items():
            known = {one.lane: one for one in sorted(seen) if one.hours <= since}
            if (known[lane].version, known[lane].how) != (row.version, row.how):
                seen.append(Row(until, lane, row.version, row.how, since))
    return sorted(seen)


# --- the slow count ------------------------------------------------------------------------------


def counted(rows: Sequence[Row], lane: str, committed: dict[tuple[str, int], float]) -> Told:
    """Return what the rows of *lane* come to."""
    told = Told()
    mine = [row for row in rows if row.lane == lane]
    changes = _changes(mine)
    sorts = [one[3] for one in changes]
    told.deployments, told.attempts = sorts.count("new"), sorts.count("never")
    told.rollbacks = sorts.count("back")
    fates = [_fate(mine, changes, place) for place in range(len(changes))]
    words = [word for word, _ in fates]
    told.certain, told.inferred = words.count("certain"), words.count("inferred")
    told.open, told.fixes = words.count("open"), len(set(_fixes(mine, changes)))
    for (hours, version, _, sort), (word, over) in zip(changes, fates, strict=True):
        if sort == "new" and (lane, version) in committed:
            told.leads.append(max(0.0, hours - committed[lane, version]))
        if word and over is not None:
            begun = hours if sort == "new" else _began(mine, version, hours)
            told.recoveries.append(round(over - begun, 2))
    told.recoveries.sort()
    told.leads.sort()
    return told


Change = tuple[float, int, int, str]
"""When, which version, instead of which (or, of a return, what was taken back), and what it was."""


def _changes(mine: Sequence[Row]) -> list[Change]:
    """Return the changes of what is live, and the tries that came to nothing."""
    found: list[Change] = []
    live = tried = 0
    for row in mine:
        if row.how == "live":
            found = _with_live(found, row, live, tried)
            live, tried = row.version, 0
        elif row.how == "bad" and live and row.version not in {live, *_there(found)}:
            if tried != row.version:
                found.append((row.hours, row.version, live, "never"))
            tried = row.version
    return found


def _there(found: Sequence[Change]) -> set[int]:
    """Return the versions that have been live."""
    return {one[1] for one in found if one[3] in {"new", "first"}}


def _with_live(found: list[Change], row: Row, live: int, tried: int) -> list[Change]:
    if not live:
        return [*found, (row.hours, row.version, 0, "first")]
    if row.version == live:
        return [*found, (row.hours, row.version, tried, "back")] if tried else found
    if row.version < live:
        return [*found, (row.hours, row.version, tried or live, "back")]
    if row.version in _there(found):
        return [*found, (row.hours, row.version, live, "again")]
    kept = [one for one in found if (one[1], one[3]) != (row.version, "never")]
    return [*kept, (row.hours, row.version, live, "new")]


def _next(changes: Sequence[Change], place: int) -> int:
    version = changes[place][1]
    for later in range(place + 1, len(changes)):
        _, other, before, kind = changes[later]
        if kind == "new" and other != version:
            return later
        if kind == "back" and before == version:
            return later
    return -1


def _fate(mine: Sequence[Row], changes: Sequence[Change], place: int) -> tuple[str, float | None]:
    """Return how the change at *place* failed, or nothing, and when that was over."""
    kind = changes[place][3]
    if kind not in {"new", "never"}:
        return "", None
    later = _next(changes, place)
    if later >= 0 and changes[later][3] == "back":
        return "certain", changes[later][0]
    if kind == "new" and not _alerts(mine, changes, place):
        return "", None
    if later < 0:
        return "open", None
    fate, over = _fate(mine, changes, later)
    return "inferred", over if fate else changes[later][0]


def _alerts(mine: Sequence[Row], changes: Sequence[Change], place: int) -> bool:
    """Tell whether the version went bad within a day, and was not well before another came."""
    hours, version = changes[place][:2]
    end = changes[place + 1][0] if place + 1 < len(changes) else 1e9
    begun = _began(mine, version, hours)
    for number, row in enumerate(mine):
        if row.version == version and row.how == "bad" and begun <= row.hours < end:
            after = list(takewhile(lambda one: one.version == version, mine[number:]))
            well = any(one.how == "live" for one in after)
            if not well and row.hours <= hours + FIX_WITHIN:
                return True
    return False


def _began(mine: Sequence[Row], version: int, hours: float) -> float:
    """Return when the roll-out of *version* that was over at *hours* was first seen."""
    begun = hours
    for row in sorted(mine, reverse=True):
        if row.hours > hours:
            continue
        if row.version != version or (row.how == "live" and row.hours < hours):
            break
        begun = row.since if row.since is not None else row.hours
    return begun


def _fixes(mine: Sequence[Row], changes: Sequence[Change]) -> Iterator[int]:
    """Yield the places of what came in place of what had failed, and of what took it back."""
    for place, change in enumerate(changes):
        if change[3] == "back":
            yield place
        elif change[3] in {"new", "never"}:
            fate, _ = _fate(mine, changes, place)
            if fate == "inferred":
                yield _next(changes, place)
