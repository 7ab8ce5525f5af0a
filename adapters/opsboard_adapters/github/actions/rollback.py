"""Roll back an environment: re-run the run that made an earlier deployment.

GitHub has no rollback of its own. What that run did beside deploying its commit, such as database
migrations, is not undone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from opsboard.adapter import (
    Difference,
    Fact,
    Finding,
    Form,
    Input,
    NotFound,
    Option,
    Plan,
    PreconditionFailed,
    Request,
    StartCheck,
    Unsupported,
)
from opsboard.adapter.actions import Draft, PlanContext, ReadContext
from opsboard.adapter.actions.findings import blocker, facts, listed, note, warning
from opsboard.records.commits import short_sha
from opsboard_adapters.github.actions.base import GitHubActionClient
from opsboard_adapters.github.actions.deploy_targets import (
    DeployTargets,
    deploy_targets,
    environments_touched,
)
from opsboard_adapters.github.actions.describe import (
    RUN_TIMEOUT,
    RunPayload,
    commit_names,
    commit_title,
    rerun_findings,
    rerun_rights,
    run_name,
    run_state,
)
from opsboard_adapters.github.actions.history import (
    DeploymentHistory,
    PastDeployment,
    deployment_history,
    latest_deployments,
)
from opsboard_adapters.github.actions.rerun import RerunAction
from opsboard_adapters.github.actions.specs import ROLLBACK
from opsboard_adapters.github.actions.start_checks import deployment_checks
from opsboard_adapters.github.models import GitHubCommit, GitHubJob, GitHubRun
from opsboard_adapters.github.reader import run_path
from opsboard_adapters.github.translate import split_id
from opsboard_adapters.times import format_ago


@dataclass(frozen=True, slots=True, kw_only=True)
class RollbackRerunPayload(RunPayload):
    """A re-run for the *environment* of the deployment with the id *to*."""

    environment: str
    to: int


class RollbackDeployment(RerunAction[RollbackRerunPayload]):
    """Re-runs all jobs of the run that made an earlier deployment."""

    spec = ROLLBACK
    payload = RollbackRerunPayload
    precondition_reads = 2
    accepted = "GitHub deploys it again"

    async def form(self, ctx: ReadContext[GitHubActionClient], request: Request) -> Form:
        history = await deployment_history(ctx, request.ref)
        wanted = request.values.get("to", "")
        if wanted and (why := history.refusal(wanted)):
            raise Unsupported(why, "choose one that succeeded; the form lists them")
        return _form(ctx, history) if history.candidates else Form()

    async def describe(
        self, ctx: ReadContext[GitHubActionClient], request: Request, values: Mapping[str, str]
    ) -> Draft[RollbackRerunPayload]:
        repository, environment = split_id(request.ref.id)
        history = await deployment_history(ctx, request.ref)
        current, goal = history.current, _chosen(history, values.get("to", ""))
        if goal is None or goal.run is None:
            raise NotFound(
                f"{repository} has no earlier deployment to {environment} that succeeded",
                "dispatch the workflow that deploys, at the commit that you want",
            )
        run = await ctx.client.reader.run(repository, goal.run)
        jobs = await ctx.client.reader.jobs(run_path(repository, run.id))
        targets = await deploy_targets(ctx, repository, run, jobs)
        return Draft(
            payload=RollbackRerunPayload(
                repository=repository,
                path=f"{run_path(repository, run.id)}/rerun",
                body={},
                run=run.id,
                environment=environment,
                to=goal.deployment.id,
            ),
            target=f"{environment} of {repository}",
            name=repository.partition("/")[2],
            before=current.summary,
            after=f"{short_sha(goal.deployment.sha)}, as deployment {goal.deployment.id}",
            origin=commit_names(current.deployment.sha),
            destination=commit_names(goal.deployment.sha),
            environment=ctx.source.environment_of(environment) or environment,
            environments=environments_touched(
                ctx, (environment, *targets.touched), run.head_branch
            ),
            disruptive=True,
            changes=await _changes(ctx, repository, current, goal, jobs),
            facts=(*_facts(ctx, goal, run), *rerun_rights(run)),
            findings=(
                *_findings(history, goal, environment, targets),
                *await rerun_findings(ctx, repository, run),
                *([blocker("the run has not ended yet")] if run.status != "completed" else ()),
            ),
            timeout=RUN_TIMEOUT,
        )

    async def start_checks(
        self, ctx: PlanContext[GitHubActionClient], payload: RollbackRerunPayload
    ) -> Sequence[StartCheck]:
        repository, environment = payload.repository, payload.environment
        if not (names := ctx.plan.destination):
            return ()
        sha = names[-1]  # behind the short one
        return deployment_checks(ctx.client.reader, repository, environment, sha, payload.run)

    async def precondition(
        self, ctx: ReadContext[GitHubActionClient], payload: RollbackRerunPayload
    ) -> Mapping[str, str]:
        """Return the state of the run, and the id of the environment's latest deployment."""
        reader = ctx.client.reader
        latest = await latest_deployments(reader, payload.repository, payload.environment)
        run = await reader.run(payload.repository, payload.run)
        return {**run_state(run), "deployment": str(latest[0].id) if latest else ""}

    def precondition_failed(self, plan: Plan, now: Mapping[str, str]) -> PreconditionFailed:
        if now["deployment"] == plan.precondition["deployment"]:
            return super().precondition_failed(plan, now)
        return PreconditionFailed(
            f"{plan.target} has been deployed to since the plan was made",
            "look at it, and plan it again",
        )


def _chosen(history: DeploymentHistory, wanted: str) -> PastDeployment | None:
    return next((one for one in history.candidates if str(one.deployment.id) == wanted), None)


def _form(ctx: ReadContext[GitHubActionClient], history: DeploymentHistory) -> Form:
    current, earlier = history.current.deployment.sha, history.candidates
    default = next((one for one in earlier if one.deployment.sha != current), earlier[0])
    options = tuple(
        Option(
            value=str(one.deployment.id),
            label=commit_title(one.deployment.sha, one.deployment.description or ""),
            note=f"{format_ago(one.deployment.created_at, ctx.now())}, by {_creator(one)}",
        )
        for one in earlier
    )
    chosen = Input(
        name="to",
        help="Which deployment to bring back; by default the last one that succeeded.",
        type="choice",
        default=str(default.deployment.id),
        required=True,
        options=options,
    )
    return Form(inputs=(chosen,))


def _creator(one: PastDeployment) -> str:
    return one.deployment.creator.login if one.deployment.creator else "an unknown user"


async def _changes(
    ctx: ReadContext[GitHubActionClient],
    repository: str,
    current: PastDeployment,
    goal: PastDeployment,
    jobs: Sequence[GitHubJob],
) -> tuple[Difference, ...]:
    reader = ctx.client.reader
    before = await reader.commit_or_none(repository, current.deployment.sha or "")
    after = await reader.commit_or_none(repository, goal.deployment.sha or "")
    pairs = (
        ("sha", short_sha(current.deployment.sha), short_sha(goal.deployment.sha)),
        ("title", before and before.title, after and after.title),
        ("author", _author(before), _author(after)),
    )
    commits = tuple(
        Difference(group="commit", name=name, before=was or None, after=will or None)
        for name, was, will in pairs
        if was != will
    )
    again = tuple(Difference(group="jobs", name=job.name, after="runs again") for job in jobs)
    return (*commits, *again)


def _author(commit: GitHubCommit | None) -> str:
    return commit.author.login if commit and commit.author else ""


def _facts(
    ctx: ReadContext[GitHubActionClient], goal: PastDeployment, run: GitHubRun
) -> tuple[Fact, ...]:
    return facts(
        ("deployed", format_ago(goal.deployment.created_at, ctx.now())),
        ("by", _creator(goal)),
        ("run", f"{run_name(run)}, attempt {run.run_attempt or 1}"),
        ("branch", run.head_branch),
    )


def _findings(
    history: DeploymentHistory, goal: PastDeployment, environment: str, targets: DeployTargets
) -> Sequence[Finding]:
    found = [note("what a deployment does beside the commit, such as migrations, stays as it is")]
    if history.pending:
        which = listed(short_sha(one.deployment.sha) for one in history.pending)
        found.append(warning(f"{which} waits to be deployed, and would replace it: reject it"))
    if history.current.deployment.sha == goal.deployment.sha:
        found.append(warning("it is the commit that is there now"))
    if goal.state not in {"success", "inactive"}:
        found.append(warning(f"that deployment is {goal.state} now"))
    if others := [name for name in targets.names if name != environment]:
        found.append(warning(f"the run deploys to {listed(others)} as well"))
    return (*found, *targets.doubtful, *targets.reviews)
