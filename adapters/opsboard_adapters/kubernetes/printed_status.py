"""How an object is doing, as far as the server's own table says it in a word.

A table is made for people: its columns ``STATUS``, ``PHASE`` or ``READY`` hold words, of which the
usual ones are known here. Any other word means nothing: an object of which nothing is known is
shown without a status, never with a good one.
"""

import re
from collections.abc import Sequence
from typing import Final

from opsboard.adapter import ListingColumn
from opsboard.records import Status

_OF_STATE: Final = frozenset({"status", "phase", "state", "health", "health status"})
_OF_TRUTH: Final = frozenset({"ready", "available", "healthy", "established", "synced"})
_WORDS: Final = {
    Status.FAILED: "notready failed failure error lost crashloopbackoff imagepullbackoff "
    "errimagepull oomkilled evicted degraded unhealthy unavailable invalid rejected",
    Status.WARNING: "pending schedulingdisabled unknown missing outofsync suspended warning "
    "paused denied stalled",
    Status.RUNNING: "containercreating progressing terminating creating provisioning "
    "updating deleting released podinitializing",
    Status.OK: "ready active bound available healthy synced succeeded complete completed "
    "approved issued deployed established",
}
_STATUS_OF: Final = {word: status for status, text in _WORDS.items() for word in text.split()}
_RUNS_WELL: Final = "running"
_PARTS: Final = re.compile(r"[,\s]+")


def status_columns(columns: Sequence[ListingColumn]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the places of the columns that hold a state, and of those that are true or false."""
    names = [column.name.casefold() for column in columns]
    states = tuple(at for at, name in enumerate(names) if name in _OF_STATE)
    return states, tuple(at for at, name in enumerate(names) if name in _OF_TRUTH)


def printed_status(
    cells: Sequence[str], places: tuple[tuple[int, ...], tuple[int, ...]]
) -> Status | None:
    """Return the worst status that *cells* tell at *places*; ``None`` where they tell none."""
    states, truths = places
    found = [status for at in states for status in _of_words(cells[at])]
    found += [status for at in truths if (status := _of_truth(cells[at])) is not None]
    if not found:  # a pod that has completed is not short of containers
        found = [status for at in truths if (status := _of_share(cells[at])) is not None]
    return max(found, key=lambda status: status.severity, default=None)


def _of_words(text: str) -> list[Status]:
    words = text.casefold().split(" (")[0]
    if words == _RUNS_WELL:
        return [Status.OK]
    parts = (_STATUS_OF.get(part) for part in _PARTS.split(words))
    return [status for status in parts if status is not None]


def _of_truth(text: str) -> Status | None:
    return {"true": Status.OK, "false": Status.WARNING}.get(text.casefold())


def _of_share(text: str) -> Status | None:
    """Return the status of ``2/3``: how many of those that are wanted are there."""
    there, slash, wanted = text.partition("/")
    if not slash or not (there.isdecimal() and wanted.isdecimal()) or int(wanted) == 0:
        return None
    return Status.OK if int(there) >= int(wanted) else Status.WARNING
