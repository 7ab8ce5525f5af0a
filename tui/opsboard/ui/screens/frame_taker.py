"""When the overview is kept for the next start: now and then, and at the end."""

import logging
from typing import TYPE_CHECKING, Any, Final

from textual.app import App

from opsboard.ui.context import AppContext

if TYPE_CHECKING:
    from opsboard.startup.frame_keeper import FrameKeeper

FIRST_TICK: Final = 10
"""The tick of the first time: by then, most sources have answered."""
TICKS: Final = 60
"""Ticks after which it is kept again, where no key is being acted on: it takes milliseconds."""

_log = logging.getLogger(__name__)


class FrameTaker:
    """Draws the overview of *app* and hands it to *keeper*, if there is one."""

    def __init__(self, app: App[Any], context: AppContext, keeper: "FrameKeeper | None") -> None:
        self._app, self._context, self._keeper = app, context, keeper
        self._left = FIRST_TICK

    def tick(self, *, busy: bool) -> None:
        """Take in that a second has passed; *busy* is whether a key is being acted on."""
        self._left -= 1
        if self._left <= 0 and not busy:
            self._left = TICKS
            self.take()

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
            self._keeper.take(frame, self._context.clock.now().timestamp())
