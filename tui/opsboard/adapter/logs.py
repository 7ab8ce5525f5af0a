"""Logs: what a record said, line by line."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from opsboard.clean import Text


class LogLine(BaseModel):
    """A line of a log. *part* names the container or step it comes from, where that is known."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    text: Text
    at: datetime | None = None
    part: Text = ""
