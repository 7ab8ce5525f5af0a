"""Taking the terminal over from the last frame, which is on the screen before Textual is imported.

The screen is never blank in between: a terminal such as xterm clears it where it is told a second
time to use its other screen, so that is left out. Textual puts back at the end what it has found at
the start; what it is to find is the terminal as it was before the frame.
"""

from typing import Any, Final

from textual.driver import Driver

from opsboard.startup import instant_frame
from opsboard.ui.terminal.key_reader import PatientDriver
from opsboard.ui.terminal.textual_internals import LinuxDriver

OTHER_SCREEN: Final = "\x1b[?1049h"


class TakingOver(PatientDriver):
    """Textual's driver, on a terminal that shows a frame already."""

    def start_application_mode(self) -> None:
        """Take the terminal over, or back from a shell."""
        frame = instant_frame.shown()
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if frame is not None:
            self.attrs_before = frame.modes
            frame.handed_over()

    def write(self, data: str) -> None:
        """Send *data*."""
        if data != OTHER_SCREEN or instant_frame.shown() is None:
            super().write(data)

    def _sigtstp_application(self, *_: Any) -> None:
        if (frame := instant_frame.shown()) is not None:
            frame.stop()
        else:
            super()._sigtstp_application()

    def _sigcont_application(self, *_: Any) -> None:
        if instant_frame.shown() is None:
            super()._sigcont_application()


def taking_over(driver: type[Driver]) -> type[Driver]:
    """Return *driver*, made to take the terminal over from a frame where one is on the screen.

    That for a terminal sleeps while no key is pressed.
    """
    if driver is not LinuxDriver:
        return driver
    return TakingOver if instant_frame.shown() is not None else PatientDriver
