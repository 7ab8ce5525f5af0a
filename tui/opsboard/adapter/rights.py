"""What a login needs to be permitted, as adapters declare it beside the code that asks.

``docs/permissions.md`` is made of these, and tests hold a server's answers to them.
"""

from enum import StrEnum

from opsboard.frozen import Frozen, frozen_unchecked


class RightLevel(StrEnum):
    """What somebody may do who has the rights of this level, and of those before it."""

    READ = "read"
    ACT = "act"
    EXEC = "exec"


@frozen_unchecked
class Right(Frozen):
    """Something that a login may need: *name* as the server calls it (``get pods``, ``repo``).

    *purpose* is what it is for: a pane, a page, an action. *without* is what happens where it is
    missing. One that is *optional* is missed by nothing else.
    """

    name: str
    purpose: str
    without: str
    level: RightLevel = RightLevel.READ
    optional: bool = False
