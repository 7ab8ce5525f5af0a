"""Which environment a name belongs to.

Clusters, namespaces, branches and model aliases carry their environment in their names. The
usual words are known; a user's own patterns (``[environments]`` in the config) come first.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

from opsboard.environments.names import UNKNOWN, Specificity, matches, normal_form, specificity_of
from opsboard.frozen import Frozen, frozen_unchecked

USUAL_WORDS: Final[Mapping[str, frozenset[str]]] = {
    "production": frozenset({"production", "prod", "prd", "live", "champion"}),
    "staging": frozenset(
        {"staging", "stage", "stag", "stg", "preprod", "preproduction", "uat", "challenger"}
    ),
    "development": frozenset({"development", "develop", "dev", "sandbox", "preview", "nonprod"}),
    "test": frozenset({"testing", "test", "tst", "qa", "ci"}),
}
"""Environment -> the words that mean it, as whole words of a name."""

SPELLINGS: Final[Mapping[str, frozenset[str]]] = {
    "production": frozenset({"prod", "prd"}),
    "staging": frozenset({"stage", "stag", "stg"}),
    "development": frozenset({"develop", "dev"}),
    "test": frozenset({"testing", "tst"}),
}
"""Environment -> what it is called in short. A word that only means it, as *uat*, may name another
one of the same sort."""
_IN_FULL: Final = {short: name for name, spellings in SPELLINGS.items() for short in spellings}

_WORD_BREAK: Final = re.compile(r"[\W\d_]+")
_MEANING: Final = {word: known for known, words in USUAL_WORDS.items() for word in words}


@frozen_unchecked
class EnvironmentRules(Frozen):
    """A user's own rules. *patterns* maps an environment to shell-style patterns of names."""

    patterns: Mapping[str, Sequence[str]]

    def environment_of(self, *names: str) -> str:
        """Return the environment of the first of *names* that belongs to one, or ``""``.

        This is the one that is shown; actions are judged by :meth:`environments_of`.
        """
        for name in names:
            if found := self._told_by(name):
                return found[0]
        return ""

    def environments_of(self, *names: str) -> tuple[str, ...]:
        """Return every environment that any of *names* belongs to, or ``unknown``.

        No name overrides another one: a namespace called ``staging`` in a cluster
        called ``prod-eu`` is of both.
        """
        found = tuple(dict.fromkeys(one for name in names for one in self._told_by(name)))
        return found or (UNKNOWN,)

    def _told_by(self, name: str) -> tuple[str, ...]:
        """Return the environments of *name*: by the user's patterns, else by the usual words."""
        return self._by_pattern(name) or environments_by_usual_words(name)

    def _by_pattern(self, name: str) -> tuple[str, ...]:
        if not name:
            return ()
        return tuple(
            normal_form(environment)
            for environment, patterns in self.patterns.items()
            if any(matches(pattern, name) for pattern in patterns)
        )


def in_full(environment: str) -> str:
    """Return the name of *environment* as it is spelled in full: ``prod`` is ``production``.

    A config may call it in short where a server does not: it is one environment all the same.
    """
    if not environment:
        return ""
    name = normal_form(environment)
    return _IN_FULL.get(name) or (name if name in SPELLINGS else environment)


def suggests_environment(pattern: str, environment: str) -> bool:
    """Return whether *pattern* has a usual word for *environment*, as ``prod-*`` for production.

    Clusters with such names are shown as that environment, so the pattern alone would never match.
    It makes the rules there stricter, and never softer.
    """
    return specificity_of(
        pattern
    ) is Specificity.PATTERN and environment in environments_by_usual_words(pattern)


def environment_by_usual_words(name: str) -> str:
    """Return the environment with a usual word in *name*, or ``""``.

    ``pre-prod`` is staging, although ``prod`` stands in it: two words read as one come first.
    """
    found = environments_by_usual_words(name)
    return found[0] if found else ""


@lru_cache(maxsize=4_096)
def environments_by_usual_words(name: str) -> tuple[str, ...]:
    """Return every environment with a usual word in *name*, the most critical first."""
    words = [word for word in _WORD_BREAK.split(normal_form(name)) if word]
    found = set(_meanings(words))
    return tuple(environment for environment in USUAL_WORDS if environment in found)


def _meanings(words: Sequence[str]) -> Iterator[str]:
    at = 0
    while at < len(words):
        both = _MEANING.get("".join(words[at : at + 2])) if at + 1 < len(words) else None
        if both or words[at] in _MEANING:
            yield both or _MEANING[words[at]]
        at += 2 if both else 1
