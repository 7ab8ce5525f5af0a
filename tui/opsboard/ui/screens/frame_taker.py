"""When the overview is kept for the next start: now and then if it has changed, and at the end."""

import logging
from typing import TYPE_CHECKING, Final

from opsboard.ui.context import AppContext
from opsboard.ui.terminal.input_queue import InputQueueApp

if TYPE_CHECKING:
    from opsboard.startup.frame_keeper import FrameKeeper

FIRST_TICK: Final = 10
"""The tick of the first time: by then, most sources have answered."""
TICKS: Final = 60
"""Ticks after which it is kept again, where no key is being acted on: it takes milliseconds."""
UNCHANGED_TICKS: Final = 3_600
"""Ticks after which it is kept again though nothing has changed: a frame that is too old by its
times is not painted, and what is true still was confirmed since."""

_log = logging.getLogger(__name__)


class FrameTaker:
    """Draws the overview of *app* and hands it to *keeper*, if there is one."""

    def __init__(
        self, app: InputQueueApp, context: AppContext, keeper: "FrameKeeper | None"
    ) -> None:
        self._app, self._context, self._keeper = app, context, keeper
        self._left = FIRST_TICK
        self._kept_for = 0
        """Ticks since it was kept."""
        self._board_changed = True
        self._kept_at: tuple[object, ...] = ()

    def board_changed(self) -> None:
        """Note that something is different from what was kept, beyond ages."""
        self._board_changed = True

    def tick(self, *, busy: bool) -> None:
        """Take in that a second has passed; *busy* is whether a key is being acted on."""
        self._left -= 1
        self._kept_for += 1
        if self._left <= 0 and not busy:
            self._left = TICKS
            if self._is_other:
                self.take()

    @property
    def _is_other(self) -> bool:
        """Whether what is seen may be another overview than the one that was kept."""
        is_same = not self._board_changed and self._kept_at == self._seen_at
        return not is_same or self._kept_for >= UNCHANGED_TICKS

    @property
    def _seen_at(self) -> tuple[object, ...]:
        """What an overview depends on besides the board; order and heights change by keys."""
        return self._app.size, self._context.styles, self._app.inputs

    def take(self) -> None:
        """Keep the overview, if that is what is seen now."""
        if self._keeper is None or not self._context.first_paint.is_done:
            return
        try:
            from opsboard.ui.screens.frame_capture import capture_frame  # noqa: PLC0415 - behind the frame

            frame = capture_frame(self._app, self._app.screen)
        except Exception:  # whatever it is, the board goes on, or ends
            _log.exception("the last frame is not kept")
            return
        if frame is not None:
            self._board_changed, self._kept_at, self._kept_for = False, self._seen_at, 0
            self._keeper.take(frame, self._context.clock.now().timestamp())
