"""The kind of what a server lists beyond the board: its table is made while it is open."""

from typing import Final

from opsboard.kinds.declaration import BoardKind
from opsboard.records import Kind, ListedObject

LISTED: Final = BoardKind(
    Kind.LISTED,
    ListedObject,
    title="Listed",
    pane=None,
    cached=False,
    recorded=False,
    from_sources=False,
)
