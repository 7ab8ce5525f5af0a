"""The tables that there are now: of all kinds of record, and saved views."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.kinds.pane_spec import PaneSpec, opened_by
from opsboard.kinds.registry import KINDS

__all__ = [
    "FIRST_VIEW_KEY", "SAVED_VIEWS", "ListingView", "ListingViewColumn", "PaneSpec", "SavedView",
    "SavedViews", "numbered_panes", "pane_named", "panes", "panes_in_status",
]  # fmt: skip

FIRST_VIEW_KEY: Final = 6
"""The first of the keys that saved views may have; those below open the board's own panes."""

numbered_panes = KINDS.numbered
panes_in_status = KINDS.in_status


class ListingViewColumn(NamedTuple):
    """A column of a listing, by the word or title that it has there; *title* stands above it.

    Its *width* is 0 where it takes what it needs.
    """

    name: str
    title: str = ""
    width: int = 0


@frozen_unchecked
class ListingView(Frozen):
    """A saved view of what servers list by the word *listing*; *id*, *aliases* and *key* open it.

    What columns there are is known once it is read, so names are checked only then
    (:mod:`opsboard.views.listing_view`). *search* is a filter that the server applies itself;
    *filter* is the board's, and *order* the column that it is sorted by at first.
    """

    id: str
    title: str
    listing: str
    search: str = ""
    filter: str = ""
    columns: tuple[ListingViewColumn, ...] = ()
    order: str = ""
    descending: bool = False
    aliases: tuple[str, ...] = ()
    key: int = 0

    @property
    def words(self) -> tuple[str, ...]:
        """All words that open it."""
        return (self.id, *self.aliases)


SavedView = PaneSpec | ListingView


class SavedViews:
    """The saved views of the config that is in use; see :mod:`opsboard.views.saved_views`."""

    def __init__(self) -> None:
        self.all: tuple[SavedView, ...] = ()
        """In the order of the config."""

    @property
    def panes(self) -> Sequence[PaneSpec]:
        """The views of panes."""
        return [one for one in self.all if isinstance(one, PaneSpec)]

    @property
    def listings(self) -> Sequence[ListingView]:
        """The views of listings."""
        return [one for one in self.all if isinstance(one, ListingView)]

    def use(self, views: Sequence[SavedView]) -> None:
        """Let *views* be the saved views from now on."""
        self.all = tuple(views)

    def find(self, word: str) -> SavedView | None:
        """Return the view that *word*, a name, an alias or a title, stands for."""
        titled = (one for one in self.all if one.title == word)
        return opened_by(word, self.all) or next(titled, None)

    def numbered(self, number: int) -> SavedView | None:
        """Return the view that the key *number* opens."""
        return next((one for one in self.all if number and one.key == number), None)


SAVED_VIEWS: Final = SavedViews()
"""The saved views of the program."""


def panes() -> tuple[PaneSpec, ...]:
    """Return all tables, those of kinds first."""
    return (*KINDS.panes(), *SAVED_VIEWS.panes)


def pane_named(word: str) -> PaneSpec:
    """Return the table called *word*. Raises :exc:`KeyError` where there is none."""
    pane = next((one for one in panes() if one.id == word), None)
    if pane is None:
        raise KeyError(word)
    return pane
