"""What the screen is told of the config, after its first frame and whenever it changes."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from opsboard.config.ui_prefs import UiPrefs
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.views.panes import SavedView

if TYPE_CHECKING:
    from opsboard.ui.actions.keymap import KeymapError


@frozen_unchecked
class ConfigNews(Frozen):
    """What is new of the config. What is ``None`` has not changed.

    *notes* are sentences on what has changed, and when it counts; *problems* say what is wrong,
    where, and how to fix it.
    """

    views: Sequence[SavedView] | None = None
    ui_prefs: UiPrefs | None = None
    notes: Sequence[str] = ()
    problems: Sequence[str] = ()


class ConfigPort(Protocol):
    """Follows the config."""

    def poll(self) -> ConfigNews | None:
        """Return what is new since the last call, without waiting for anything."""

    def look(self) -> None:
        """Read it now, where it is another one; in the thread of the caller, which waits."""

    def key_problem(self, error: "KeymapError") -> str:
        """Return *error* of the keys with its file and line."""

    def reload(self) -> str:
        """Have it read again now; return why that is not possible, or ``""``."""
