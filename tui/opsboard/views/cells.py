"""What stands in one place of a table."""

from enum import StrEnum
from typing import NamedTuple

from opsboard.records import Status


class Role(StrEnum):
    """What a cell is, where that decides how it is drawn."""

    PLAIN = ""
    GLYPH = "glyph"
    MUTED = "muted"
    ENVIRONMENT = "environment"


class Cell(NamedTuple):
    """A text, with the status that colours it, if any."""

    text: str
    status: Status | None = None
    role: Role = Role.PLAIN
