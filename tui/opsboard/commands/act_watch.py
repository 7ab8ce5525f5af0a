"""Following acts to their end, without a screen."""

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from opsboard.adapter import Plan
from opsboard.board.state import Board
from opsboard.collect.feed import Feed
from opsboard.records import Activity, ActivityState, Kind
from opsboard.system.exit_codes import ExitCode

if TYPE_CHECKING:
    from opsboard.commands.act_report import ActReport

STEP: Final = 0.2

CODES: Final = {
    ActivityState.SUCCEEDED: ExitCode.OK,
    ActivityState.FAILED: ExitCode.FAILED,
    ActivityState.REFUSED: ExitCode.REFUSED,
    ActivityState.UNKNOWN: ExitCode.UNKNOWN,
    ActivityState.TIMED_OUT: ExitCode.TIMED_OUT,
}
"""The exit code for each end; of several, the gravest."""

_GRAVITY: Final = (
    ExitCode.OK,
    ExitCode.TIMED_OUT,
    ExitCode.REFUSED,
    ExitCode.FAILED,
    ExitCode.UNKNOWN,
)


def watch_runs(feed: Feed, board: Board, plans: Sequence[Plan], report: "ActReport") -> ExitCode:
    """Tell *report* how *plans* go on, until each has ended; return the gravest end's code."""
    news = threading.Event()
    feed.on_wake(news.set)
    seen: dict[str, Activity] = {}
    while True:
        for plan in plans:
            activity = _activity(board, plan)
            if activity is not None and activity != seen.get(plan.id):
                seen[plan.id] = activity
                report.show_progress(activity)
        if len(seen) == len(plans) and all(one.finished_at for one in seen.values()):
            codes = [CODES[one.state] for one in seen.values()]
            return max(codes, key=_GRAVITY.index)
        news.wait(STEP)
        news.clear()
        board.apply(feed.drain())


def _activity(board: Board, plan: Plan) -> Activity | None:
    for record in board.records(Kind.ACTIVITY).values():
        if isinstance(record, Activity) and record.id == plan.id:
            return record
    return None
