"""What ``opsboard act`` prints: words as it goes on, or one JSON document at the end."""

import sys
from collections.abc import Iterator, Sequence
from typing import Any

from opsboard.acting.decision import GuardDecision
from opsboard.adapter import Difference, Effect, Plan
from opsboard.commands.json_versions import CURRENT, render
from opsboard.commands.setup import warn
from opsboard.records import Activity
from opsboard.records.codec import as_json
from opsboard.system.exit_codes import ExitCode
from opsboard.text.escaping import escaped


class ActReport:
    """Prints the plan to standard output, and how it goes on to standard error."""

    def __init__(self, *, as_json: bool, version: int = CURRENT) -> None:
        self._as_json = as_json
        self._version = version
        self._document: dict[str, Any] = {
            "plans": [], "decision": None, "explanation": "", "activities": [], "error": "",
        }  # fmt: skip
        self._acts: dict[str, Activity] = {}

    def show_plans(self, plans: Sequence[Plan], judgement: GuardDecision) -> None:
        """Tell the plans, and what the guard says of them."""
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
        """Tell how an act has gone on."""
        self._acts[activity.id] = activity
        if not self._as_json:
            sys.stderr.write(f"{activity_line(activity)}\n")

    def fail(self, why: str, code: ExitCode) -> ExitCode:
        """Tell *why* it goes no further; return *code*."""
        self._document["error"] = why
        if not self._as_json:
            warn(why)
        return self.finish(code)

    def show_internal_error(self, why: str) -> None:
        """Tell in the JSON, if it is that, that the program has a fault, which was told already."""
        self._document["error"] = why
        self.finish(ExitCode.INTERNAL_ERROR)

    def finish(self, code: ExitCode) -> ExitCode:
        """Print the JSON, if it is that; return *code*."""
        if self._as_json:
            self._document["activities"] = [as_json(activity) for activity in self._acts.values()]
            self._document["exit_code"] = int(code)
            sys.stdout.write(render("opsboard.act", self._document, self._version))
        sys.stdout.flush()  # what cannot be written is told by another code than this one
        return code


def activity_line(activity: Activity) -> str:
    """Return how *activity* stands, in a line."""
    counted = f" {activity.done}/{activity.total}" if activity.total else ""
    return f"{activity.target}: {activity.state.value}{counted}: {activity.message}"


def plan_lines(plan: Plan) -> Iterator[str]:
    """Yield *plan* as lines of text."""
    yield f"{escaped(plan.title)}: {escaped(plan.target)}"
    yield from _environments(plan)
    before, after = plan.versions
    if before or after:
        yield f"  {before or '-'} -> {after or '-'}"
    for fact in plan.facts:
        yield f"  {escaped(fact.label)}: {escaped(fact.value)}"
    for name, value in plan.values.items():
        yield f"  input {escaped(name)}: {escaped(value)}"
    yield from _changes(plan)
    for finding in plan.findings:
        yield f"  {finding.severity.value}: {escaped(finding.text)}"
    note = f" ({escaped(plan.permission_note)})" if plan.permission_note else ""
    yield f"  permission: {plan.permission.value}{note}"
    if plan.dry_run:
        yield f"  dry run: {escaped(plan.dry_run)}"


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
