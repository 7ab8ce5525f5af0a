"""Which environment a name belongs to.

Clusters, namespaces, branches and model aliases carry their environment in their names. The
usual words are known; a user's own patterns (``[environments]`` in the config) come first.
"""

import itertools
import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Final

from opsboard.tidy import Tidy, plain

USUAL_WORDS: Final[Mapping[str, frozenset[str]]] = {
    "production": frozenset({"production", "prod", "prd", "live", "champion"}),
    "staging": frozenset(
        {"staging", "stage", "stag", "stg", "preprod", "preproduction", "uat", "challenger"}
    ),
    "development": frozenset({"development", "develop", "dev", "sandbox", "preview", "nonprod"}),
    "test": frozenset({"testing", "test", "tst", "qa", "ci"}),
}
"""Environment -> the words that mean it, as whole words of a name."""

_WORD_BREAK = re.compile(r"[^a-z]+")


@plain
class EnvironmentRules(Tidy):
    """The patterns of one user. *patterns* maps an environment to shell-style patterns."""

    patterns: Mapping[str, Sequence[str]]

    def environment_of(self, *names: str) -> str:
        """Return the environment of the first telling one of *names*, or ``""``."""
        for name in names:
            if environment := self._by_pattern(name.lower()) or by_usual_words(name.lower()):
                return environment
        return ""

    def _by_pattern(self, name: str) -> str:
        for environment, patterns in self.patterns.items():
            if any(fnmatchcase(name, pattern.lower()) for pattern in patterns):
                return environment
        return ""


@lru_cache(maxsize=4_096)
def by_usual_words(name: str) -> str:
    """Return the environment whose usual word stands in lower-case *name*, or ``""``.

    ``pre-prod`` is staging, although ``prod`` stands in it: two words read as one come first.
    """
    words = [word for word in _WORD_BREAK.split(name) if word]
    compounds = {first + second for first, second in itertools.pairwise(words)}
    for candidates in (compounds, set(words)):
        for environment, usual in USUAL_WORDS.items():
            if not usual.isdisjoint(candidates):
                return environment
    return ""
