"""The tables that there are now: of all kinds of record, and saved views."""

from collections.abc import Sequence
from typing import Final

from opsboard.kinds.pane_spec import PaneSpec
from opsboard.kinds.registry import KINDS

__all__ = [
    "FIRST_VIEW_KEY", "SAVED_VIEWS", "PaneSpec", "SavedViews", "numbered_panes", "pane_named",
    "panes", "panes_in_status",
]  # fmt: skip

FIRST_VIEW_KEY: Final = 6
"""The first of the keys that saved views may have; those below open the board's own panes."""

numbered_panes = KINDS.numbered
panes_in_status = KINDS.in_status


class SavedViews:
    """The saved views of the config that is in use; see :mod:`opsboard.views.saved_views`."""

    def __init__(self) -> None:
        self._panes: tuple[PaneSpec, ...] = ()

    @property
    def panes(self) -> Sequence[PaneSpec]:
        """The views, in the order of the config."""
        return self._panes

    def use(self, panes: Sequence[PaneSpec]) -> None:
        """Let *panes* be the saved views from now on."""
        self._panes = tuple(panes)

    def find(self, word: str) -> PaneSpec | None:
        """Return the view that *word*, a name, an alias or a title, stands for."""
        return next((one for one in self._panes if word in {one.id, *one.aliases, one.title}), None)

    def numbered(self, number: int) -> PaneSpec | None:
        """Return the view that the key *number* opens."""
        return next((one for one in self._panes if number and one.key == number), None)


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
