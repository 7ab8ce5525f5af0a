"""What ``opsboard act`` prints: lines of text as it proceeds, or one JSON document at the end."""

import sys
import threading
from collections.abc import Iterator, Sequence
from typing import Any, Final

from opsboard.acting.decision import GuardDecision
from opsboard.acting.starting.durations import usual_text
from opsboard.adapter import Difference, Effect, Plan, StartState
from opsboard.board.state import Board
from opsboard.collect.feed import Feed
from opsboard.commands.json_versions import CURRENT, render
from opsboard.commands.setup import warn
from opsboard.records import Activity, ActivityState, Kind
from opsboard.records.codec import as_json
from opsboard.system.exit_codes import ExitCode
from opsboard.text.escaping import escaped


class ActReport:
    """Prints the plan to standard output and the progress to standard error.

    With *as_json*, nothing but one JSON document is printed, by :meth:`finish`.
    """

    def __init__(self, *, as_json: bool, version: int = CURRENT) -> None:
        self._as_json = as_json
        self._version = version
        self._document: dict[str, Any] = {
            "plans": [], "decision": None, "explanation": "", "activities": [], "error": "",
        }  # fmt: skip
        self._activities: dict[str, Activity] = {}

    def show_plans(self, plans: Sequence[Plan], judgement: GuardDecision) -> None:
        """Print *plans* and the decision of the guard."""
        self._document["plans"] = [plan.model_dump(mode="json", by_alias=False) for plan in plans]
        self._document["decision"] = judgement.decision.value
        self._document["explanation"] = judgement.explanation
        if self._as_json:
            return
        lines = [line for plan in plans for line in (*plan_lines(plan), "")]
        why = f": {judgement.explanation}" if judgement.explanation else ""
        sys.stdout.write("\n".join((*lines, f"policy: {judgement.decision.value}{why}", "")))
        sys.stdout.flush()

    def show_progress(self, activity: Activity) -> None:
        """Print the new state of a run."""
        self._activities[activity.id] = activity
        if not self._as_json:
            sys.stderr.write(f"{activity_line(activity)}\n")

    def fail(self, why: str, code: ExitCode) -> ExitCode:
        """Print *why* nothing more is done; return *code*."""
        self._document["error"] = why
        if not self._as_json:
            warn(why)
        return self.finish(code)

    def show_internal_error(self, why: str) -> None:
        """Put an internal error into the JSON. In text it has been printed already."""
        self._document["error"] = why
        self.finish(ExitCode.INTERNAL_ERROR)

    def finish(self, code: ExitCode) -> ExitCode:
        """Print the JSON document, if it is asked for; return *code*."""
        if self._as_json:
            self._document["activities"] = [
                as_json(activity) for activity in self._activities.values()
            ]
            self._document["exit_code"] = int(code)
            sys.stdout.write(render("opsboard.act", self._document, self._version))
        sys.stdout.flush()  # an error here ends the program with a code of its own
        return code


def activity_line(activity: Activity) -> str:
    """Return the state of *activity* as one line."""
    counted = f" {activity.done}/{activity.total}" if activity.total else ""
    return f"{activity.target}: {activity.state.value}{counted}: {activity.message}"


def plan_lines(plan: Plan) -> Iterator[str]:
    """Yield *plan* as lines of text."""
    yield f"{escaped(plan.title)}: {escaped(plan.target)}"
    yield from _start_lines(plan)
    yield from _environments(plan)
    before, after = plan.versions
    if before or after:
        yield f"  {before or '-'} -> {after or '-'}"
    if usual := usual_text(plan.durations):
        yield f"  took before: {usual}"
    for fact in plan.facts:
        yield f"  {escaped(fact.label)}: {escaped(fact.value)}"
    for name, value in plan.inputs.items():
        yield f"  input {escaped(name)}: {escaped(value)}"
    yield from _changes(plan)
    for finding in plan.findings:
        yield f"  {finding.severity.value}: {escaped(finding.text)}"
    note = f" ({escaped(plan.permission_note)})" if plan.permission_note else ""
    yield f"  permission: {plan.permission.value}{note}"
    if plan.dry_run:
        yield f"  dry run: {escaped(plan.dry_run)}"


def _start_lines(plan: Plan) -> Iterator[str]:
    """Yield what was found of whether it will start, the worst first, and how it was told."""
    if plan.start_state is StartState.NOT_CHECKED:
        return
    if not any(one.is_grave for one in plan.start_findings):
        yield "  will it start: nothing was found that would stop it"
    for one in plan.start_findings:
        word = one.severity.value if one.known else "unknown"
        at = f"{one.at:%H:%M:%S} UTC" if one.at else ""
        where = escaped(one.told_by) if one.told_by else ""
        told = ", ".join(filter(None, (where, at)))
        yield f"  will it start: {word}: {escaped(one.text)}" + (f" ({told})" if told else "")


def _environments(plan: Plan) -> Iterator[str]:
    yield from (f"  environment: {escaped(one)}" for one in plan.environments)
    if not plan.environments:
        yield "  touches no environment"


def _changes(plan: Plan) -> Iterator[str]:
    group = ""
    for change in plan.changes:
        if change.group != group:
            group = change.group
            yield f"  {escaped(group)}:"
        yield from _sides(change)


def _sides(change: Difference) -> Iterator[str]:
    before, after = change.shown
    if change.before == change.after:
        yield f"      {change.label} {after}"
        return
    if before is not None:
        yield f"    - {change.label} {before}"
    if after is not None:
        known = change.effect in {Effect.BETTER, Effect.WORSE}
        yield f"    + {change.label} {after}" + (f" ({change.effect})" if known else "")


# --- following runs ------------------------------------------------------------------------------

STEP: Final = 0.2
"""Seconds between two polls at the board."""

CODES: Final = {
    ActivityState.SUCCEEDED: ExitCode.OK,
    ActivityState.FAILED: ExitCode.FAILED,
    ActivityState.REFUSED: ExitCode.REFUSED,
    ActivityState.UNKNOWN: ExitCode.UNKNOWN,
    ActivityState.TIMED_OUT: ExitCode.TIMED_OUT,
}
"""Exit code for each final state; of several runs, the most severe one counts."""

_BY_SEVERITY: Final = (
    ExitCode.OK,
    ExitCode.TIMED_OUT,
    ExitCode.REFUSED,
    ExitCode.FAILED,
    ExitCode.UNKNOWN,
)


def watch_runs(feed: Feed, board: Board, plans: Sequence[Plan], report: ActReport) -> ExitCode:
    """Print the progress of *plans* until all have ended; return the most severe exit code."""
    changed = threading.Event()
    feed.on_wake(changed.set)
    seen: dict[str, Activity] = {}
    while True:
        for plan in plans:
            activity = _activity(board, plan)
            if activity is not None and activity != seen.get(plan.id):
                seen[plan.id] = activity
                report.show_progress(activity)
        if len(seen) == len(plans) and all(one.finished_at for one in seen.values()):
            codes = [CODES[one.state] for one in seen.values()]
            return max(codes, key=_BY_SEVERITY.index)
        changed.wait(STEP)
        changed.clear()
        board.apply(feed.drain())


def _activity(board: Board, plan: Plan) -> Activity | None:
    for record in board.records(Kind.ACTIVITY).values():
        if isinstance(record, Activity) and record.id == plan.id:
            return record
    return None
