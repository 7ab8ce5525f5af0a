"""What the sources can list beyond the board, by the words that people type for it."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from opsboard.adapter import ListingCatalog, ListingType
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.views.panes import ListingView

_NAMED: Final = 3
"""Namesakes that are named."""


class OfferedListing(NamedTuple):
    """A listing of one source."""

    source: str
    type: ListingType


@frozen_unchecked
class ListingChoice(Frozen):
    """What is listed for a word: by one source, or by several in one table."""

    offered: tuple[OfferedListing, ...]
    namesakes: tuple[str, ...] = ()
    """The full names of what else is listed by the same word."""

    @property
    def name(self) -> str:
        """The name that it is known by."""
        return self.offered[0].type.name

    @property
    def is_scoped(self) -> bool:
        """Whether its objects are in namespaces."""
        return any(one.type.scoped for one in self.offered)

    @property
    def filter_language(self) -> str:
        """The language of the filter that the servers apply; empty unless all of them do."""
        languages = {one.type.filter_language for one in self.offered}
        return languages.pop() if len(languages) == 1 else ""

    def search_problem(self, view: ListingView) -> str:
        """Return why the *search* of *view* cannot be done, or ``""``."""
        if not view.search or self.filter_language:
            return ""
        said = f"no server filters {view.listing} itself"
        return f"{said}; write `filter` in place of `search`"

    def told_apart(self, word: str) -> str:
        """Return what else is listed by *word*, and how to open it; ``""`` if nothing is."""
        if not self.namesakes:
            return ""
        more = len(self.namesakes) - _NAMED
        others = ", ".join(self.namesakes[:_NAMED]) + (f" and {more} more" if more > 0 else "")
        return f"{word} is taken as {self.name}; by the full name there is also {others}"

    @property
    def order(self) -> str:
        """The column that it is sorted by at first, as :class:`ListingType` has it."""
        return next((one.type.order for one in self.offered if one.type.order), "")

    @property
    def is_compared(self) -> bool:
        """Whether its rows can be compared side by side."""
        return all(one.type.compared for one in self.offered)


class ListingDirectory:
    """The *catalogs* of all sources.

    A full name goes before an alias; of two types of one source with the same alias, the first
    counts, as it does for kubectl: the full name (``events.events.k8s.io``) tells them apart, and
    a choice says which others there are.
    """

    def __init__(self, catalogs: Mapping[str, ListingCatalog]) -> None:
        self.catalogs = catalogs
        self._names: dict[str, dict[str, ListingType]] = {}
        self._aliases: dict[str, dict[str, ListingType]] = {}
        self._by_alias: dict[str, dict[str, None]] = {}
        """The names of all types with an alias, in their order."""
        for source, catalog in catalogs.items():
            for one in catalog.types:
                self._names.setdefault(one.name, {}).setdefault(source, one)
                for word in one.aliases:
                    self._by_alias.setdefault(word, {})[one.name] = None
                    self._aliases.setdefault(word, {}).setdefault(source, one)
        self.words: Sequence[str] = sorted({*self._names, *self._aliases})

    def find(self, word: str) -> ListingChoice | None:
        """Return what is listed for *word*."""
        found = {**self._aliases.get(word, {}), **self._names.get(word, {})}
        if not found:
            return None
        taken = {one.name for one in found.values()}
        others = tuple(name for name in self._by_alias.get(word, ()) if name not in taken)
        is_full = word in self._names
        offered = tuple(OfferedListing(source, found[source]) for source in found)
        return ListingChoice(offered, () if is_full else others)

    def matching(self, text: str) -> Sequence[ListingChoice]:
        """Return what is listed, by name; each word of *text* is in a name, alias or source."""
        wanted = text.casefold().split()
        found = (self.find(name) for name in sorted(self._names))
        return [
            one
            for one in found
            if one is not None and all(word in _told_of(one).casefold() for word in wanted)
        ]

    @property
    def notes(self) -> Sequence[str]:
        """What kept the sources from saying more, each with its name."""
        return [
            f"{source}: {note}"
            for source, catalog in self.catalogs.items()
            for note in catalog.notes
        ]


def _told_of(choice: ListingChoice) -> str:
    parts = (
        (one.source, one.type.name, one.type.title, *one.type.aliases) for one in choice.offered
    )
    return " ".join(word for words in parts for word in words)
