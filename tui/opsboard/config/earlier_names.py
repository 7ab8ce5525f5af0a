"""Keys of the config under the names that earlier versions had for them.

They are still read, and a hint says the present name and the line. :data:`EARLIER` is the one place
that knows them, also for ids of actions in ``[ui.keys]``: those are keys of the config as well.
Fields of a filter have their earlier names among the short ones (:mod:`opsboard.views.filter`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

EARLIER: Final[Mapping[str, str]] = {"retrain[].patience": "timeout"}
"""Path of a key as it was -> its name now. ``[]`` stands for each table of a list."""


@dataclass(frozen=True, slots=True)
class EarlierKey:
    """A key that was written under its earlier name: where, and what it is called now.

    *path* names tables of a list by their number, from 0. *clashes* is whether the key is there
    under its present name as well, so that nobody can tell which is meant.
    """

    path: tuple[str, ...]
    name: str
    clashes: bool = False

    @property
    def message(self) -> str:
        """What to tell the user."""
        if self.clashes:
            return f"is the earlier name of {self.name}, which is there as well"
        return f"is called {self.name} now"

    @property
    def hint(self) -> str:
        """What the user can do."""
        return f"take {self.path[-1]} out" if self.clashes else f"write {self.name} instead"


@dataclass(slots=True)
class _Renaming:
    earlier: Mapping[str, str]
    found: list[EarlierKey] = field(default_factory=list)

    def renamed(self, value: Any, path: tuple[str, ...], pattern: str) -> Any:
        if isinstance(value, list):
            return [
                self.renamed(item, (*path, str(number)), f"{pattern}[]")
                for number, item in enumerate(value)
            ]
        if not isinstance(value, Mapping):
            return value
        return {
            self._name(key, value, (*path, key), f"{pattern}.{key}" if pattern else key):
            self.renamed(item, (*path, key), f"{pattern}.{key}" if pattern else key)
            for key, item in value.items()
        }  # fmt: skip

    def _name(self, key: str, table: Mapping[str, Any], path: tuple[str, ...], pattern: str) -> str:
        name = self.earlier.get(pattern)
        if name is None:
            return key
        clashes = name in table
        self.found.append(EarlierKey(path, name, clashes))
        return key if clashes else name


def with_present_names(
    document: Mapping[str, Any], earlier: Mapping[str, str] = EARLIER
) -> tuple[dict[str, Any], list[EarlierKey]]:
    """Return *document* with its keys under their present names, and those that were not."""
    renaming = _Renaming(earlier)
    renamed: dict[str, Any] = renaming.renamed(document, (), "")
    return renamed, renaming.found
