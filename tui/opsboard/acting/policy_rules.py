"""What the config says of one environment: its policy, its protection, errors in both.

Environments and actions are given by names or patterns. Of several tables that match an
environment, the one with its exact name goes before patterns, and patterns before ``*``; likewise
of several entries of a table that match an action. Among equals the strictest counts, and only an
exact name overrides a ``deny`` for ``*``.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from opsboard.acting.decision import STRICTNESS
from opsboard.config.action_rules import PolicyDecision
from opsboard.config.settings import Settings
from opsboard.environments.names import (
    NO_ENVIRONMENT,
    UNKNOWN,
    Specificity,
    has_hidden_characters,
    is_pattern,
    matches,
    normal_form,
    pattern_covers,
    specificity_of,
)
from opsboard.environments.rules import (
    USUAL_WORDS,
    EnvironmentRules,
    environments_by_usual_words,
    suggests_environment,
)

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_GRAVEST: Final = "production"
"""No name of a user's own overrides it: ``prod-eu`` in ``[environments]`` is production, too."""


class EnvironmentAlias(NamedTuple):
    """A *name* that an environment may have, and the name as it was *reported*."""

    name: str
    reported: str

    def __str__(self) -> str:
        """The environment as the end of a sentence: `` in production``."""
        if self.name == NO_ENVIRONMENT:
            return ""
        if self.name == UNKNOWN:
            named = "" if normal_form(self.reported) == UNKNOWN else f" ({self.reported})"
            return f" where the environment is unknown{named}"
        return f" in {_named(self)}"


@dataclass(frozen=True, slots=True)
class PolicyMatch:
    """A decision, and how specific the entry is that made it."""

    decision: PolicyDecision
    specificity: Specificity


class PolicyRules:
    """Answers questions about the rules in *settings*."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._own = {normal_form(name) for name in settings.environments}
        self._names = EnvironmentRules(settings.environments)
        self._known = {UNKNOWN, *USUAL_WORDS, *self._own, *map(normal_form, _declared(settings))}

    def names_of(self, environments: Sequence[str]) -> tuple[EnvironmentAlias, ...]:
        """Return all names that *environments* may have: each is judged under all of them.

        A server's name such as ``production-eu`` is production, too. A name that the config does
        not know is also ``unknown``, and so is one that only looks like another.
        """
        found = [alias for environment in environments for alias in self._readings_of(environment)]
        return tuple(dict.fromkeys(found)) or (EnvironmentAlias(NO_ENVIRONMENT, ""),)

    def _readings_of(self, environment: str) -> Iterator[EnvironmentAlias]:
        name = normal_form(environment)
        yield EnvironmentAlias(name, environment)
        meant = {*self._names.environments_of(environment)}
        if name in self._own:  # the user's own name means itself, and production at most
            meant = {_GRAVEST} & {*environments_by_usual_words(environment)}
        if name in self._known:
            meant.discard(UNKNOWN)
        elif not name.isascii():  # letters of other alphabets look like those of a known name
            meant.add(UNKNOWN)
        if has_hidden_characters(environment):
            meant.add(UNKNOWN)
        yield from (EnvironmentAlias(one, environment) for one in sorted(meant - {name}))

    # --- what is said of a reading ---------------------------------------------------------------

    def config_error(self, aliases: Iterable[EnvironmentAlias]) -> str:
        """Return the error in the config that may concern one of *aliases*, or ``""``."""
        names = [alias.name for alias in aliases]
        for fault in self.settings.rule_errors:
            if any(_concerns(pattern, name) for pattern in fault.environments for name in names):
                why = "the config has an error: what it may concern is refused until it is fixed"
                return f"{why}: {fault.message}"
        return ""

    def match(self, action: str, name: str) -> PolicyMatch | None:
        """Return what ``[policy]`` says of *action* in the environment called *name*."""
        found = self._found(action, name, pattern_covers)
        if not found:
            return None
        rank = max(found)
        if PolicyDecision.DENY in found.get(Specificity.ANY, ()) and rank is not Specificity.EXACT:
            return PolicyMatch(PolicyDecision.DENY, Specificity.ANY)
        return PolicyMatch(strictest(found[rank]), rank)

    def names(self, action: str, name: str) -> bool:
        """Tell whether an entry that is *action* itself is in a table that names *name*.

        A pattern names an environment, but for ``*``.
        """
        return any(
            pattern_covers(pattern, name) and specificity_of(pattern) is not Specificity.ANY
            for pattern, entries in self.settings.policy.items()
            if any(normal_form(entry) == action for entry in entries)
        )

    def suggested(self, action: str, name: str) -> PolicyDecision:
        """Return the decision of tables whose pattern only suggests the environment *name*.

        It counts where it is stricter than all others, and no table has the exact name.
        """
        found = self._found(action, name, suggests_environment)
        return strictest(
            [PolicyDecision.ALLOW, *(one for rulings in found.values() for one in rulings)]
        )

    def _found(
        self, action: str, name: str, meant: Callable[[str, str], bool]
    ) -> dict[Specificity, list[PolicyDecision]]:
        found: dict[Specificity, list[PolicyDecision]] = {}
        for pattern, entries in self.settings.policy.items():
            if meant(pattern, name) and (ruling := _of_table(entries, action)) is not None:
                found.setdefault(specificity_of(pattern), []).append(ruling)
        return found

    def denied_by(self, action: str, name: str) -> str:
        """Return which entry of ``[policy]`` denies *action* in *name*, to end a sentence with.

        It is the first of several, and ``""`` where there is none.
        """
        for pattern, entries in self.settings.policy.items():
            if not (pattern_covers(pattern, name) or suggests_environment(pattern, name)):
                continue
            for entry, ruling in entries.items():
                if ruling is PolicyDecision.DENY and matches(entry, action):
                    place = self.settings.location_of(pattern, entry)
                    rule_text = f'[policy.{toml_key(pattern)}] {toml_key(entry)} = "deny"'
                    return f" ({rule_text}{f', {place}' if place else ''})"
        return ""

    def protection_reason(self, alias: EnvironmentAlias) -> str:
        """Return why changes in *alias* need typing unless the policy says otherwise, or ``""``."""
        if alias.name == UNKNOWN:
            return _who_knows(alias.reported)
        if any(_concerns(pattern, alias.name) for pattern in self.settings.protected):
            return f"{_named(alias) or 'everything'} is protected"
        return ""


def toml_key(name: str) -> str:
    """Return *name* as a key of TOML: bare where it may be."""
    return name if _BARE.fullmatch(name) else json.dumps(name)


def _concerns(pattern: str, name: str) -> bool:
    return pattern_covers(pattern, name) or suggests_environment(pattern, name)


def strictest(rulings: Iterable[PolicyDecision]) -> PolicyDecision:
    """Return the strictest of *rulings*."""
    return max(rulings, key=STRICTNESS.index)


def _of_table(entries: Mapping[str, PolicyDecision], action: str) -> PolicyDecision | None:
    """Return what the entries of one table say of *action*."""
    found: dict[Specificity, list[PolicyDecision]] = {}
    for pattern, ruling in entries.items():
        if matches(pattern, action):
            found.setdefault(specificity_of(pattern), []).append(ruling)
    if not found:
        return None
    rank = max(found)
    if PolicyDecision.DENY in found.get(Specificity.ANY, ()) and rank is not Specificity.EXACT:
        return PolicyDecision.DENY
    return strictest(found[rank])


def _declared(settings: Settings) -> Iterator[str]:
    """Yield the names of environments that stand in *settings* as they are."""
    named = (*settings.protected, *settings.policy)
    windows = (name for window in settings.change_windows for name in window.environments)
    yield from (name for name in (*named, *windows) if not is_pattern(name))


def _named(alias: EnvironmentAlias) -> str:
    if alias.name == normal_form(alias.reported):
        return alias.name
    return f"{alias.reported} ({alias.name})"


def _who_knows(environment: str) -> str:
    if normal_form(environment) == UNKNOWN:
        return "nobody knows which environment it belongs to"
    return f"nobody knows the environment {environment!r}: name it in [environments]"
