"""The tables of all kinds of record that are known now: see :mod:`opsboard.kinds`."""

from opsboard.kinds.declaration import PaneSpec
from opsboard.kinds.registry import KINDS

__all__ = ["PaneSpec", "numbered_panes", "pane_named", "panes", "panes_in_status"]

panes = KINDS.panes
numbered_panes = KINDS.numbered
panes_in_status = KINDS.in_status


def pane_named(word: str) -> PaneSpec:
    """Return the table called *word*. Raises :exc:`KeyError` where there is none."""
    pane = KINDS.pane(word)
    if pane is None:
        raise KeyError(word)
    return pane
