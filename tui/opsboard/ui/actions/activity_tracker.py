"""Acts that are under way: which there are, and which of them have come to their end."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final, cast

from opsboard.records import Activity, ActivityState, Kind

if TYPE_CHECKING:
    from opsboard.board.state import Board, BoardDelta

RUNNING_STATES: Final = frozenset({ActivityState.RUNNING, ActivityState.FOLLOWING})


def running_activities(board: "Board") -> list[Activity]:
    """Return the acts that are under way, the one that began first in front."""
    acts = cast("Mapping[object, Activity]", board.records(Kind.ACTIVITY)).values()
    found = [act for act in acts if is_running(act)]
    return sorted(found, key=lambda act: (act.created_at is None, act.created_at, act.id))


def is_running(act: Activity) -> bool:
    """Tell whether *act* is not at its end: while its outcome is not known, it is looked for."""
    looked_for = act.state is ActivityState.UNKNOWN and act.finished_at is None
    return act.state in RUNNING_STATES or looked_for


class ActivityTracker:
    """Tells once of each act that ends while this program looks: not of what ended before."""

    def __init__(self, board: "Board") -> None:
        self._awaited = {act.id for act in running_activities(board)}

    def track(self, acts: Iterable[str]) -> None:
        """Tell of these, even if they are never seen under way."""
        self._awaited.update(acts)

    def finished(self, delta: "BoardDelta", board: "Board") -> Iterator[Activity]:
        """Yield the acts that *delta* has brought to their end."""
        for ref in delta.changed.get(Kind.ACTIVITY, ()):
            act = board.get(ref)
            if not isinstance(act, Activity):
                continue
            if is_running(act):
                self._awaited.add(act.id)
            elif act.id in self._awaited:
                self._awaited.discard(act.id)
                yield act


def outcome_text(act: Activity) -> tuple[str, bool]:
    """Return what became of *act*, with why, and whether that is bad."""
    good = act.state is ActivityState.SUCCEEDED
    why = act.message or act.reason
    told = "the outcome is unknown" if act.state is ActivityState.UNKNOWN else act.state.value
    return f"{act.name}: {told}" + (f": {why}" if why and not good else ""), not good
