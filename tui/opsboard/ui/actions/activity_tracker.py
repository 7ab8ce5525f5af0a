"""Actions on record: which are running, and which have finished while the program runs."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final, cast

from opsboard.records import Activity, ActivityState, Kind

if TYPE_CHECKING:
    from opsboard.board.state import Board, BoardDelta

RUNNING_STATES: Final = frozenset({ActivityState.RUNNING, ActivityState.FOLLOWING})


def running_activities(board: "Board") -> list[Activity]:
    """Return the actions that are running, the oldest first."""
    acts = cast("Mapping[object, Activity]", board.records(Kind.ACTIVITY)).values()
    found = [act for act in acts if is_running(act)]
    return sorted(found, key=lambda act: (act.created_at is None, act.created_at, act.id))


def is_running(act: Activity) -> bool:
    """Return whether *act* has not finished. An unknown outcome may still be found out."""
    looked_for = act.state is ActivityState.UNKNOWN and act.finished_at is None
    return act.state in RUNNING_STATES or looked_for


class ActivityTracker:
    """Reports each action once that finishes while the program runs, and none from before."""

    def __init__(self, board: "Board") -> None:
        self._awaited = {act.id for act in running_activities(board)}

    def track(self, acts: Iterable[str]) -> None:
        """Report these too, even if they are never seen running. *acts* are their ids."""
        self._awaited.update(acts)

    def finished(self, delta: "BoardDelta", board: "Board") -> Iterator[Activity]:
        """Yield the actions that have finished with *delta*."""
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
    """Return the outcome of *act* with its reason, and whether it did not succeed."""
    good = act.state is ActivityState.SUCCEEDED
    why = act.message or act.reason
    outcome = "the outcome is unknown" if act.state is ActivityState.UNKNOWN else act.state.value
    return f"{act.name}: {outcome}" + (f": {why}" if why and not good else ""), not good
