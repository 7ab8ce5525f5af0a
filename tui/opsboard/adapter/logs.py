"""Logs: what a record said, line by line."""

from pydantic import BaseModel, ConfigDict

from opsboard.frozen import UtcDatetime
from opsboard.text.sanitize import Text
from opsboard.text.terminal_line import TerminalLine


class LogLine(BaseModel):
    """A line of a log, as a terminal shows it.

    *part* names the container or step it comes from, where that is known. *error* marks a line
    that the source itself calls an error, *failed* every line of the part that has failed: a log
    that is opened for a failure opens at the first error of what failed. A *title* is no line of
    the log, but says what it is the log of, where that is not what was asked for: which job of a
    build. It comes first.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    text: TerminalLine
    at: UtcDatetime | None = None
    part: Text = ""
    error: bool = False
    failed: bool = False
    title: bool = False
