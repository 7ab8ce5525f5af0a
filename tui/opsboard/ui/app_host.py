"""What screens and widgets may ask of the app that they run in."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from textual.dom import DOMNode

from opsboard.adapter import ActionSpec, Clock
from opsboard.records import Ref
from opsboard.ui.actions.ui_action import UiAction
from opsboard.ui.terminal.clipboard import clipboard_text, copy_sequences
from opsboard.ui.terminal.input_queue import InputQueueApp
from opsboard.ui.theme.styles import Styles

if TYPE_CHECKING:
    from opsboard.acting.service import ActionService
    from opsboard.board.state import Board, BoardDelta
    from opsboard.collect.feed import Feed
    from opsboard.ui.actions.record_target import RecordTarget

_SEEN = 60
"""Characters of what was copied that are shown again."""


class Host(InputQueueApp, inherit_bindings=False):
    """An app that holds a board, what feeds it, the time, the looks and the user's keys."""

    feed: "Feed"
    board: "Board"
    clock: Clock
    acts: "ActionService | None" = None
    """What changes the world; without it, this board only shows."""
    current_styles: Styles
    keys: Mapping[str, str] = {}
    env: Mapping[str, str] = {}
    read_only = False
    """Whether every action on every source is forbidden, and the user is to see so."""
    demo = ""
    """What to say where nothing that is shown is real, which the user is to see everywhere."""

    def keys_of(self, action: UiAction) -> tuple[str, ...]:
        """Return the keys that trigger *action*, the user's own before the declared ones."""
        own = self.keys.get(action.id)
        return tuple(own.split(",")) if own is not None else action.keys

    def follow(self, acts: Iterable[str]) -> None:
        """Tell the user once each of *acts*, by their ids, has come to its end."""
        raise NotImplementedError

    def board_changed(self, delta: "BoardDelta") -> None:
        """Tell every screen on the stack that the board is different."""
        raise NotImplementedError

    def show_detail(self, ref: Ref) -> None:
        """Open the record *ref* from near."""
        raise NotImplementedError

    def show_log(self, ref: Ref, title: str, part: str = "") -> None:
        """Open the log of *ref*, which is called *title*, at a *part* of it where one is meant."""
        raise NotImplementedError

    def show_raw(self, ref: Ref, title: str) -> None:
        """Open *ref* as the server tells it; it is called *title*."""
        raise NotImplementedError

    def show_plan(
        self,
        offer: ActionSpec,
        targets: "Sequence[RecordTarget]",
        left_out: "Sequence[tuple[RecordTarget, str]]" = (),
    ) -> None:
        """Plan *offer* for *targets*, and ask whether to carry it out.

        *left_out* are those that were meant too and cannot be, with why not.
        """
        raise NotImplementedError

    def show_sources(self, source: str = "") -> None:
        """Open how the sources are doing, at *source* where one is meant."""
        raise NotImplementedError

    def copy(self, text: str, what: str) -> None:
        """Copy *text* to the clipboard, and say that it is *what*."""
        text, cut = clipboard_text(text)
        for sequence in copy_sequences(text, self.env):
            self._write(sequence)
        seen = text if len(text) <= _SEEN and "\n" not in text else f"{len(text):,} characters"
        self.show_notice(
            f"Copied {what}: {seen}{' (the beginning; it is too long)' if cut else ''}"
        )

    def _write(self, sequence: str) -> None:
        if self._driver is not None:
            self._driver.write(sequence)

    def show_notice(self, text: str, *, wrong: bool = False) -> None:
        """Tell the user *text*, in a corner, for a while. Never as markup."""
        self.notify(text, severity="error" if wrong else "information", markup=False)


def host_of(node: DOMNode) -> Host:
    """Return the app that *node* runs in."""
    app = node.app
    if not isinstance(app, Host):
        raise TypeError(f"{type(node).__name__} runs in the board's app only")
    return app
