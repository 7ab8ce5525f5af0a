"""The sections of detail pages: facts and small tables."""

from collections.abc import Sequence
from datetime import datetime

from opsboard.adapter import Fact, Facts, Grid, GridRow, RowAction, Section
from opsboard.records import Status
from opsboard_adapters.github.actions.specs import APPROVE, REJECT, ROLLBACK
from opsboard_adapters.github.models import (
    GitHubAnnotation,
    GitHubDeployment,
    GitHubDeploymentStatus,
    GitHubEnvironment,
    GitHubJob,
    GitHubPendingDeployment,
    GitHubProtectionRule,
    GitHubRun,
    GitHubStep,
)
from opsboard_adapters.github.status_map import (
    span_of_job,
    span_of_run,
    span_of_step,
    state_of,
    status_of,
)
from opsboard_adapters.github.translate import GitHubTranslator
from opsboard_adapters.times import format_time

_LEVELS = {"failure": Status.FAILED, "warning": Status.WARNING}


def run_facts(run: GitHubRun, now: datetime) -> Facts:
    """Return the facts on *run*."""
    state = state_of(run.status, run.conclusion)
    actor = run.triggering_actor or run.actor
    message = run.head_commit.message if run.head_commit else ""
    pairs = (
        ("event", run.event),
        ("branch", run.head_branch),
        ("commit", run.head_sha),
        ("message", message),
        ("by", actor.login if actor else ""),
        ("attempt", str(run.run_attempt or 1)),
        ("created", format_time(run.created_at)),
        ("took", span_of_run(run).duration(now)),
    )
    return Facts(title="Run", facts=(_state(state), *_facts(pairs)))


def job_facts(job: GitHubJob, now: datetime) -> Facts:
    """Return the facts on *job*."""
    span = span_of_job(job)
    pairs = (
        ("runner", job.runner_name),
        ("group", job.runner_group_name),
        ("labels", ", ".join(job.labels)),
        ("attempt", str(job.run_attempt or 1)),
        ("started", format_time(span.begun_at)),
        ("took", span.duration(now)),
    )
    return Facts(title="Job", facts=(_state(state_of(job.status, job.conclusion)), *_facts(pairs)))


def _state(state: str) -> Fact:
    return Fact(label="state", value=state, status=status_of(state))


def _facts(pairs: Sequence[tuple[str, str | None]]) -> tuple[Fact, ...]:
    return tuple(Fact(label=label, value=value) for label, value in pairs if value)


def jobs_grid(
    jobs: Sequence[GitHubJob], repository: str, translator: GitHubTranslator, now: datetime
) -> Grid:
    """Return the jobs of a run, each of which can be opened."""
    return Grid(
        title="Jobs",
        columns=("job", "state", "step", "started", "took", "runner"),
        rows=tuple(_job_row(job, repository, translator, now) for job in jobs),
        empty="no job yet",
    )


def _job_row(
    job: GitHubJob, repository: str, translator: GitHubTranslator, now: datetime
) -> GridRow:
    record = translator.job(repository, job)
    span = span_of_job(job)
    cells = (
        job.name,
        record.state,
        _current_step(job),
        format_time(span.begun_at),
        span.duration(now),
        record.runner,
    )
    return GridRow(cells=cells, status=record.status, record=record)


def _current_step(job: GitHubJob) -> str:
    """Return the step that runs, or the one that failed."""
    for step in job.steps or ():
        if step.status == "in_progress" or status_of(step.conclusion or "") is Status.FAILED:
            return step.name
    return ""


def steps_grid(job: GitHubJob, now: datetime) -> Grid:
    """Return the steps of *job*."""
    return Grid(
        title="Steps",
        columns=("#", "step", "state", "started", "took"),
        rows=tuple(_step_row(step, now) for step in job.steps or ()),
        empty="no step yet",
    )


def _step_row(step: GitHubStep, now: datetime) -> GridRow:
    state = state_of(step.status, step.conclusion)
    span = span_of_step(step)
    cells = (str(step.number), step.name, state, format_time(span.begun_at), span.duration(now))
    return GridRow(cells=cells, status=status_of(state), part=step.name)


def unfinished_steps(
    jobs: Sequence[GitHubJob], repository: str, translator: GitHubTranslator
) -> Sequence[Section]:
    """Return the steps of all *jobs* that failed or run: usually why the page was opened."""
    rows = []
    for job in jobs:
        for step in job.steps or ():
            state = state_of(step.status, step.conclusion)
            if status_of(state) is Status.FAILED or state == "in_progress":
                cells, record = (job.name, step.name, state), translator.job(repository, job)
                status = status_of(state)
                rows.append(GridRow(cells=cells, status=status, record=record, part=step.name))
    if not rows:
        return ()
    columns = ("job", "step", "state")
    return (Grid(title="Steps that failed or run", columns=columns, rows=tuple(rows)),)


def attempts(earlier: Sequence[GitHubRun], now: datetime) -> Sequence[Section]:
    """Return the earlier attempts of a run."""
    rows = tuple(_attempt_row(run, now) for run in earlier)
    columns = ("attempt", "state", "started", "took", "by")
    return (Grid(title="Earlier attempts", columns=columns, rows=rows),) if rows else ()


def _attempt_row(run: GitHubRun, now: datetime) -> GridRow:
    state = state_of(run.status, run.conclusion)
    span = span_of_run(run)
    actor = run.triggering_actor or run.actor
    cells = (
        str(run.run_attempt or 1),
        state,
        format_time(span.begun_at),
        span.duration(now),
        actor.login if actor else "",
    )
    return GridRow(cells=cells, status=status_of(state))


def waiting_for(pending: Sequence[GitHubPendingDeployment]) -> Sequence[Section]:
    """Return who can approve the deployments that the run waits for."""
    rows = tuple(
        GridRow(
            cells=(
                one.environment.name,
                ", ".join(reviewer.name for reviewer in one.reviewers or ()),
                "yes" if one.current_user_can_approve else "no",
            ),
            status=Status.WARNING,
            part=one.environment.name,
            actions=tuple(
                RowAction(action=offer.id, values={"environment": one.environment.name})
                for offer in (APPROVE, REJECT)
            ),
        )
        for one in pending
    )
    columns = ("environment", "reviewers", "you may approve")
    return (Grid(title="Waiting for approval", columns=columns, rows=rows),) if rows else ()


def annotations(found: Sequence[GitHubAnnotation]) -> Sequence[Section]:
    """Return the messages of a failed job."""
    rows = tuple(
        GridRow(
            cells=(
                one.annotation_level or "",
                f"{one.path}:{one.start_line}" if one.path else "",
                one.message or "",
            ),
            status=_LEVELS.get(one.annotation_level or ""),
        )
        for one in found
    )
    columns = ("level", "where", "message")
    return (Grid(title="Annotations", columns=columns, rows=rows),) if rows else ()


def protection(environment: GitHubEnvironment) -> Sequence[Section]:
    """Return the protection rules of *environment*."""
    facts = _facts([(_rule_name(rule), _rule(rule)) for rule in environment.protection_rules or ()])
    return (Facts(title="Protection", facts=facts),) if facts else ()


def _rule_name(rule: GitHubProtectionRule) -> str:
    return rule.type.replace("_", " ")


def _rule(rule: GitHubProtectionRule) -> str:
    if rule.reviewers:
        return ", ".join(reviewer.name for reviewer in rule.reviewers)
    return f"{rule.wait_timer} min" if rule.wait_timer else "yes"


def history(
    statuses: Sequence[GitHubDeploymentStatus], recent: Sequence[GitHubDeployment]
) -> Sequence[Section]:
    """Return the statuses of a deployment, and the earlier deployments to its environment."""
    went = tuple(
        GridRow(
            cells=(
                one.state,
                format_time(one.created_at),
                one.creator.login if one.creator else "",
                one.description or "",
            ),
            status=status_of(one.state),
        )
        for one in statuses
    )
    rows = tuple(_recent_row(one, newest=at == 0) for at, one in enumerate(recent))
    return (
        Grid(title="Statuses", columns=("state", "at", "by", "description"), rows=went),
        Grid(
            title="Recent deployments",
            columns=("id", "commit", "ref", "created", "by"),
            rows=rows,
        ),
    )


def _recent_row(one: GitHubDeployment, *, newest: bool) -> GridRow:
    by = one.creator.login if one.creator else ""
    cells = (str(one.id), (one.sha or "")[:12], one.ref or "", format_time(one.created_at), by)
    disabled_reason = f"deployment {one.id} is the newest" if newest else ""
    values = {} if newest else {"to": str(one.id)}
    action = RowAction(action=ROLLBACK.id, values=values, disabled_reason=disabled_reason)
    return GridRow(cells=cells, part=f"deployment {one.id}", actions=(action,))
