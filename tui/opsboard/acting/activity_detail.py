"""The details of a run: its plan, who started it and why, and what has happened since."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from opsboard.acting.audit.action_history import ActionRun, activity_of
from opsboard.adapter import Detail, Difference, Effect, Fact, Facts, Grid, GridRow, Plan
from opsboard.records import Status
from opsboard.text.escaping import escaped

_GRAVITY = {"note": Status.OK, "warning": Status.WARNING, "blocker": Status.FAILED}


def run_detail(run: ActionRun) -> Detail:
    """Return the details of *run*."""
    sections = (_act(run), *_plan(run), _history(run))
    return Detail(record=activity_of(run), sections=sections)


def _act(run: ActionRun) -> Facts:
    plan, intent = run.plan, run.intent
    facts_by_label = {
        "target": escaped(plan.target),
        "environment": ", ".join(map(escaped, plan.environments)) or "(touches none)",
        "change": plan.change("→"),
        "found": _found(plan),
        "by": intent.actor.summary,
        "on": f"{intent.actor.host}, process {intent.actor.pid}",
        "reason": intent.reason,
        **{f"input {escaped(name)}": escaped(value) for name, value in plan.inputs.items()},
        "sent by": plan.by,
        "plan": plan.id,
    }
    facts = tuple(
        Fact(label=label, value=value) for label, value in facts_by_label.items() if value
    )
    return Facts(title="Act", facts=facts)


def _found(plan: Plan) -> str:
    """Return what was failing when the plan was made."""
    if plan.found is None:
        return ""
    text = ": ".join(filter(None, (plan.found.reason, plan.found.message)))
    return f"failing since {plan.found.at:%Y-%m-%d %H:%M} UTC: {text}"


def _plan(run: ActionRun) -> Iterator[Facts | Grid]:
    plan = run.plan
    if plan.facts:
        yield Facts(
            title="At the time of the plan", facts=tuple(fact.in_one_line for fact in plan.facts)
        )
    if plan.changes:
        yield _changes(plan.changes)
    if plan.findings:
        rows = tuple(
            GridRow(cells=(one.severity.value, one.text), status=_GRAVITY[one.severity])
            for one in plan.findings
        )
        yield Grid(title="Cautions", columns=("severity", "what"), rows=rows)


def _changes(changes: Sequence[Difference]) -> Grid:
    """Return the changes of a plan; with a column of their effect if that is known of any."""
    judged = any(one.effect in _MEANT for one in changes)
    return Grid(
        title="Changes",
        columns=("what", "name", "before", "after", *(("means",) if judged else ())),
        rows=tuple(
            GridRow(
                cells=(one.group, one.label, *map(_side, one.shown), *_meaning(one, judged)),
                status=_MEANT.get(one.effect),
            )
            for one in changes
        ),
    )


def _meaning(change: Difference, judged: bool) -> tuple[str, ...]:
    known = change.effect if change.effect in _MEANT else None
    return (known or "",) if judged else ()


_MEANT: Final[Mapping[Effect | None, Status]] = {
    Effect.BETTER: Status.OK,
    Effect.WORSE: Status.WARNING,
}


def _side(value: str | None) -> str:
    return "-" if value is None else value


def _history(run: ActionRun) -> Grid:
    rows = tuple(
        GridRow(
            cells=(
                entry.at.isoformat(),
                str(entry.event),
                str(entry.result or ""),
                entry.message,
            )
        )
        for entry in (run.intent, *run.later_entries)
    )
    columns = ("when", "what", "result", "message")
    return Grid(title="On record", columns=columns, rows=rows)
