"""What the config says of one environment: its policy, its protection, what is wrong with both.

Environments and actions are told by names or patterns. Of several tables that mean an
environment, the one with its exact name goes before patterns, and patterns before ``*``; of
several entries of a table that mean an action, likewise. Among equals the strictest counts, and
a ``deny`` for ``*`` is taken back by an exact name only.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from opsboard.act.judgement import STRICTNESS
from opsboard.config.environments import USUAL_WORDS, EnvironmentRules, all_by_usual_words, hints_at
from opsboard.config.settings import Ruling, Settings
from opsboard.environment_names import (
    NOWHERE,
    UNKNOWN,
    Rank,
    hides,
    is_pattern,
    matches,
    means,
    normal_form,
    rank_of,
)

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_GRAVEST: Final = "production"
"""What no name of a user's own takes back: ``prod-eu`` in ``[environments]`` is production, too."""


class Reading(NamedTuple):
    """A *name* that an environment goes by, and the environment as it was *told*."""

    name: str
    told: str

    def __str__(self) -> str:
        """The environment in words that follow a verb."""
        if self.name == NOWHERE:
            return ""
        if self.name == UNKNOWN:
            named = "" if normal_form(self.told) == UNKNOWN else f" ({self.told})"
            return f" where the environment is unknown{named}"
        return f" in {_named(self)}"


@dataclass(frozen=True, slots=True)
class Word:
    """A *ruling*, and how much what said it tells."""

    ruling: Ruling
    rank: Rank


class Rules:
    """Reads *settings*."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._own = {normal_form(name) for name in settings.environments}
        self._names = EnvironmentRules(settings.environments)
        self._known = {UNKNOWN, *USUAL_WORDS, *self._own, *map(normal_form, _declared(settings))}

    def readings(self, environments: Sequence[str]) -> tuple[Reading, ...]:
        """Return all that *environments* may be, for each is judged by all that it may be.

        A server's name such as ``production-eu`` is production, too. One that nobody has told of
        is also unknown, and so is one that may only look like another.
        """
        found = [reading for told in environments for reading in self._readings_of(told)]
        return tuple(dict.fromkeys(found)) or (Reading(NOWHERE, ""),)

    def _readings_of(self, told: str) -> Iterator[Reading]:
        name = normal_form(told)
        yield Reading(name, told)
        meant = {*self._names.environments_of(told)}
        if name in self._own:  # a user's own, and not taken for another; but for the gravest
            meant = {_GRAVEST} & {*all_by_usual_words(told)}
        if name in self._known:
            meant.discard(UNKNOWN)
        elif not name.isascii():  # letters of other alphabets look like those of a known name
            meant.add(UNKNOWN)
        if hides(told):
            meant.add(UNKNOWN)
        yield from (Reading(one, told) for one in sorted(meant - {name}))

    # --- what is said of a reading ---------------------------------------------------------------

    def fault(self, readings: Iterable[Reading]) -> str:
        """Return the fault of the config that may concern one of *readings*, or ``""``."""
        names = [reading.name for reading in readings]
        for fault in self.settings.faults:
            if any(_concerns(pattern, name) for pattern in fault.environments for name in names):
                why = "the config has a fault, and what it may concern is refused until fixed"
                return f"{why}: {fault.told}"
        return ""

    def said(self, action: str, name: str) -> Word | None:
        """Return what ``[policy]`` says of *action* in the environment called *name*."""
        found = self._found(action, name, means)
        if not found:
            return None
        rank = max(found)
        if Ruling.DENY in found.get(Rank.ANY, ()) and rank is not Rank.EXACT:
            return Word(Ruling.DENY, Rank.ANY)
        return Word(strictest(found[rank]), rank)

    def hinted(self, action: str, name: str) -> Ruling:
        """Return what tables say that only hint at the environment called *name*.

        It counts where it is stricter than all else, and no table has the exact name.
        """
        found = self._found(action, name, hints_at)
        return strictest([Ruling.ALLOW, *(one for rulings in found.values() for one in rulings)])

    def _found(
        self, action: str, name: str, meant: Callable[[str, str], bool]
    ) -> dict[Rank, list[Ruling]]:
        found: dict[Rank, list[Ruling]] = {}
        for pattern, entries in self.settings.policy.items():
            if meant(pattern, name) and (ruling := _of_table(entries, action)) is not None:
                found.setdefault(rank_of(pattern), []).append(ruling)
        return found

    def denied_by(self, action: str, name: str) -> str:
        """Return which entry of ``[policy]`` denies *action* in *name*, for the end of a sentence.

        It is ``""`` where none does: several may hint at the environment, and the first is told.
        """
        for pattern, entries in self.settings.policy.items():
            if not (means(pattern, name) or hints_at(pattern, name)):
                continue
            for entry, ruling in entries.items():
                if ruling is Ruling.DENY and matches(entry, action):
                    place = self.settings.place_of(pattern, entry)
                    told = f'[policy.{_key(pattern)}] {_key(entry)} = "deny"'
                    return f" ({told}{f', {place}' if place else ''})"
        return ""

    def care(self, reading: Reading) -> str:
        """Return why acts in *reading* have to be typed where nothing else is said, or ``""``."""
        if reading.name == UNKNOWN:
            return _who_knows(reading.told)
        if any(_concerns(pattern, reading.name) for pattern in self.settings.protected):
            return f"{_named(reading) or 'everything'} is protected"
        return ""


def _key(name: str) -> str:
    """Return *name* as a key of TOML: bare where it may be."""
    return name if _BARE.fullmatch(name) else json.dumps(name)


def _concerns(pattern: str, name: str) -> bool:
    return means(pattern, name) or hints_at(pattern, name)


def strictest(rulings: Iterable[Ruling]) -> Ruling:
    """Return the strictest of *rulings*."""
    return max(rulings, key=STRICTNESS.index)


def _of_table(entries: Mapping[str, Ruling], action: str) -> Ruling | None:
    """Return what the entries of one table say of *action*."""
    found: dict[Rank, list[Ruling]] = {}
    for pattern, ruling in entries.items():
        if matches(pattern, action):
            found.setdefault(rank_of(pattern), []).append(ruling)
    if not found:
        return None
    rank = max(found)
    if Ruling.DENY in found.get(Rank.ANY, ()) and rank is not Rank.EXACT:
        return Ruling.DENY
    return strictest(found[rank])


def _declared(settings: Settings) -> Iterator[str]:
    """Yield the names of environments that stand in *settings* as they are."""
    named = (*settings.protected, *settings.policy)
    windows = (name for window in settings.change_windows for name in window.environments)
    yield from (name for name in (*named, *windows) if not is_pattern(name))


def _named(reading: Reading) -> str:
    if reading.name == normal_form(reading.told):
        return reading.name
    return f"{reading.told} ({reading.name})"


def _who_knows(told: str) -> str:
    if normal_form(told) == UNKNOWN:
        return "nobody knows which environment it belongs to"
    return f"nobody knows the environment {told!r}: name it in [environments]"
