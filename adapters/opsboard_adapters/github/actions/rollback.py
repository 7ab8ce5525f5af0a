"""Rolling back what an environment has: an earlier deployment's run is run again."""

from collections.abc import Mapping, Sequence

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
    Unsupported,
)
from opsboard_adapters.github.actions.base import GitHubDraft
from opsboard_adapters.github.actions.context import GitHubContext
from opsboard_adapters.github.actions.deploy_targets import DeployTargets, touched_by
from opsboard_adapters.github.actions.format import (
    blocker,
    facts,
    listed,
    names_of,
    note,
    short,
    titled,
    warning,
)
from opsboard_adapters.github.actions.history import (
    DEPTH,
    DeploymentHistory,
    PastDeployment,
    history_of,
)
from opsboard_adapters.github.actions.rerun import PATIENCE, RerunAction, findings, held, name_of
from opsboard_adapters.github.actions.specs import ROLLBACK
from opsboard_adapters.github.api import Params
from opsboard_adapters.github.models import GitHubJob, GitHubRun, GitHubUser
from opsboard_adapters.github.reader import run_path
from opsboard_adapters.github.translate import split_id
from opsboard_adapters.times import format_ago


class RollbackDeployment(RerunAction):
    """Runs the run of an earlier deployment again, all of its jobs."""

    offer = ROLLBACK
    reads = 2
    taken = "GitHub deploys it once more"

    async def form(self, site: GitHubContext, request: Request) -> Form:
        history = await history_of(site, request)
        wanted = request.values.get("to", "")
        if wanted and (why := history.refusal(wanted)):
            raise Unsupported(why, "choose one that went well; the form lists them")
        return _form(site, history) if history.candidates else Form()

    async def draft(
        self, site: GitHubContext, request: Request, values: Mapping[str, str]
    ) -> GitHubDraft:
        repository, environment = split_id(request.ref.id)
        history = await history_of(site, request)
        current = history.current
        goal = next(
            (one for one in history.candidates if str(one.deployed.id) == values.get("to")), None
        )
        if goal is None or goal.run is None:
            raise NotFound(
                f"{repository} has no earlier deployment to {environment} that went well",
                "dispatch the workflow that deploys, at the commit that you want",
            )
        run = await site.reader.run(repository, goal.run)
        jobs = await site.reader.jobs(run_path(repository, run.id))
        places = await DeployTargets.of(site, repository, run, jobs)
        return GitHubDraft(
            repository=repository,
            target=f"{environment} of {repository}",
            name=repository.partition("/")[2],
            path=f"{run_path(repository, run.id)}/rerun",
            body={},
            precondition={**held(run), "deployment": history.latest},
            before=current.summary,
            after=f"{short(goal.deployed.sha)}, as deployment {goal.deployed.id}",
            origin=names_of(current.deployed.sha),
            destination=names_of(goal.deployed.sha),
            environment=site.context.environment_of(environment) or environment,
            environments=touched_by(site, (environment, *places.touched), run.head_branch),
            disruptive=True,
            changes=await _changes(site, repository, current, goal, jobs),
            facts=_facts(site, goal, run),
            findings=(
                *_cautions(history, goal, environment, places),
                *await findings(site, repository, run),
                *([blocker("the run has not ended yet")] if run.status != "completed" else ()),
            ),
            payload={"run": run.id, "environment": environment, "to": goal.deployed.id},
            patience=PATIENCE,
        )

    async def check(self, site: GitHubContext, plan: Plan) -> None:
        repository = str(plan.payload["repository"])
        environment = str(plan.payload["environment"])
        params: Params = {"environment": environment, "per_page": DEPTH}
        latest = [str(one.id) for one in await site.reader.deployments(repository, params)][:1]
        if latest != [plan.precondition["deployment"]]:
            raise PreconditionFailed(
                f"{environment} of {repository} has been deployed to since the plan was made",
                "look at it, and plan it again",
            )
        await super().check(site, plan)


def _form(site: GitHubContext, history: DeploymentHistory) -> Form:
    there, earlier = history.current.deployed.sha, history.candidates
    default = next((one for one in earlier if one.deployed.sha != there), earlier[0])
    options = tuple(
        Option(
            value=str(one.deployed.id),
            label=titled(one.deployed.sha, one.deployed.description or ""),
            note=f"{format_ago(one.deployed.created_at, site.now)}, by {_creator(one)}",
        )
        for one in earlier
    )
    chosen = Input(
        name="to",
        help="Which deployment to bring back; by default the last one that went well.",
        type="choice",
        default=str(default.deployed.id),
        required=True,
        options=options,
    )
    return Form(inputs=(chosen,))


def _creator(one: PastDeployment) -> str:
    return one.deployed.creator.login if one.deployed.creator else "nobody known"


async def _changes(
    site: GitHubContext,
    repository: str,
    current: PastDeployment,
    goal: PastDeployment,
    jobs: Sequence[GitHubJob],
) -> tuple[Difference, ...]:
    before = await site.reader.commit_or_none(repository, current.deployed.sha or "")
    after = await site.reader.commit_or_none(repository, goal.deployed.sha or "")
    pairs = (
        ("sha", short(current.deployed.sha), short(goal.deployed.sha)),
        ("title", before and before.title, after and after.title),
        ("author", before and _author(before.author), after and _author(after.author)),
    )
    commits = tuple(
        Difference(group="commit", name=name, before=was or None, after=will or None)
        for name, was, will in pairs
        if was != will
    )
    again = tuple(Difference(group="jobs", name=job.name, after="runs again") for job in jobs)
    return (*commits, *again)


def _author(actor: GitHubUser | None) -> str:
    return actor.login if actor else ""


def _facts(site: GitHubContext, goal: PastDeployment, run: GitHubRun) -> tuple[Fact, ...]:
    actor = run.actor.login if run.actor else ""
    return facts(
        ("deployed", format_ago(goal.deployed.created_at, site.now)),
        ("by", _creator(goal)),
        ("run", f"{name_of(run)}, attempt {run.run_attempt or 1}"),
        ("branch", run.head_branch),
        ("runs as", f"{actor}: a re-run has the rights of who began it" if actor else ""),
    )


def _cautions(
    history: DeploymentHistory, goal: PastDeployment, environment: str, places: DeployTargets
) -> Sequence[Finding]:
    found = [note("what a deployment does beside the commit, such as migrations, stays as it is")]
    if history.pending:
        which = listed(short(one.deployed.sha) for one in history.pending)
        found.append(warning(f"{which} waits to be deployed, and would come over it: reject it"))
    if history.current.deployed.sha == goal.deployed.sha:
        found.append(warning("it is the commit that is there now"))
    if goal.state not in {"success", "inactive"}:
        found.append(warning(f"that deployment is {goal.state} now"))
    if others := [name for name in places.names if name != environment]:
        found.append(warning(f"the run deploys to {listed(others)} as well"))
    return (*found, *places.uncertain, *places.approvals)
