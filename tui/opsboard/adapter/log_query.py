"""What is asked of a log."""

from datetime import datetime
from typing import Final

from opsboard.frozen import Frozen, UtcDatetime, frozen
from opsboard.text.sanitize import Text

DEFAULT_TAIL: Final = 1_000
"""Lines of the past that are asked for where nobody says how many."""


@frozen
class LogQuery(Frozen):
    """Which lines of a log are wanted: of what was written the last *tail* ones, of all parts
    together, and none from before *since*; then, with *follow*, what is added.

    *parts* names the only containers, pods or steps that are wanted; empty, all are. *init* asks
    for init containers too, *previous* for the instances before the present ones, in their place.

    A source that cannot narrow its log by *since* or *parts* may send more: what was not asked for
    is left out on the way (:meth:`wants`). One that has neither init nor previous instances takes
    no notice of them.

    *whole* asks for everything that the thing is a part of: of a build all of its jobs, where a
    source would show the one that tells most.
    """

    follow: bool = False
    tail: int = DEFAULT_TAIL
    since: UtcDatetime | None = None
    parts: tuple[Text, ...] = ()
    previous: bool = False
    init: bool = False
    whole: bool = False

    def wants(self, group: str, part: str, at: datetime | None) -> bool:
        """Tell whether a line of *part* of *group*, written *at* a time, is one of those asked for.

        A line without a time is: it belongs to the one before.
        """
        if self.since is not None and at is not None and at < self.since:
            return False
        return self.wants_part(group, part)

    def wants_part(self, group: str, part: str) -> bool:
        """Tell whether *part* of *group* is asked for: by its name, its group's, or both.

        What is of no part is said about the whole log.
        """
        if not self.parts or not (group or part):
            return True
        return not {group, part, f"{group}/{part}"}.isdisjoint(self.parts)
