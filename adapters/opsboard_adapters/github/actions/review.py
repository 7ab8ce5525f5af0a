"""Approving or rejecting deployments that wait in a run."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, Final, Literal

import httpx

from opsboard.adapter import (
    ActionSpec,
    Difference,
    Finding,
    Form,
    Input,
    NotFound,
    Option,
    Permission,
    Plan,
    PreconditionFailed,
    Progress,
    Receipt,
    ReconcileOutcome,
    ReconcileResult,
    Request,
    Verdict,
)
from opsboard.environments.names import UNKNOWN
from opsboard.records import Kind
from opsboard_adapters.github.actions import reconcile, run_progress
from opsboard_adapters.github.actions.base import GitHubAction, GitHubDraft, build_ref
from opsboard_adapters.github.actions.context import GitHubContext
from opsboard_adapters.github.actions.deploy_targets import DeployTargets, leading
from opsboard_adapters.github.actions.format import facts, listed, note, reviewers, warning
from opsboard_adapters.github.actions.history import history_of
from opsboard_adapters.github.actions.permission import Permitted
from opsboard_adapters.github.actions.rerun import name_of, receipt_of, run_facts
from opsboard_adapters.github.models import (
    GitHubPendingDeployment,
    GitHubRun,
)
from opsboard_adapters.github.reader import run_path
from opsboard_adapters.github.translate import split_id, split_number

ALL: Final = "all"
_REASON: Final = Input(
    name="reason", label="comment", help="Goes with the decision, for all to read."
)


class ReviewDeployment(GitHubAction):
    """Decides on what waits: *state* is GitHub's word for it."""

    reads = 2

    def __init__(self, offer: ActionSpec, state: Literal["approved", "rejected"]) -> None:
        self.offer = offer
        self._state = state

    async def form(self, site: GitHubContext, request: Request) -> Form:
        repository, number, only = await _subject(site, request)
        pending = _meant(await site.reader.pending_deployments(repository, number), only or ALL)
        names = [one.environment.name for one in pending]
        every = [ALL] if len(names) > 1 else []
        options = tuple(Option(value=name) for name in (*every, *names))
        where = Input(
            name="environment",
            help="Which of those that wait.",
            type="choice",
            default=options[0].value if options else "",
            required=True,
            options=options,
        )
        return Form(inputs=(where, _REASON) if options else (_REASON,))

    async def draft(
        self, site: GitHubContext, request: Request, values: Mapping[str, str]
    ) -> GitHubDraft:
        repository, number, only = await _subject(site, request)
        run = await site.reader.run(repository, number)
        wanted = values.get("environment") or only or ALL
        meant = _meant(await site.reader.pending_deployments(repository, number), wanted)
        if not meant:
            raise NotFound(f"nothing in {name_of(run)} waits for approval", "look at it again")
        names = [one.environment.name for one in meant]
        numbers = [one.environment.id for one in meant]
        then = await self._follows(site, repository, run, names)
        return GitHubDraft(
            repository=repository,
            target=f"{listed(names)} in run {name_of(run)} of {repository}",
            name=name_of(run),
            path=f"{run_path(repository, number)}/pending_deployments",
            body={"environment_ids": numbers, "state": self._state, "comment": values["reason"]},
            precondition={
                "attempt": str(run.run_attempt or 1),
                "environments": ",".join(map(str, numbers)),
            },
            before="waiting for approval",
            after=self._state,
            environment=leading(site, names),
            environments=(*names, *then),
            disruptive=self._state == "approved",
            changes=tuple(
                Difference(group="deployments", name=name, before="waiting", after=self._state)
                for name in names
            ),
            facts=(*run_facts(site, run)[:-1], *facts(("reviewers", listed(_who(meant))))),
            findings=tuple(self._cautions(run, then)),
            payload={"run": run.id, "names": names},
            permitted=_permitted(meant),
        )

    async def _follows(
        self, site: GitHubContext, repository: str, run: GitHubRun, names: Sequence[str]
    ) -> Sequence[str]:
        """Return where the run deploys to after this without being asked about once more."""
        if self._state == "rejected":
            return ()
        places = await DeployTargets.of(site, repository, run)
        waiting = {
            one.environment.name
            for one in await site.reader.pending_deployments(repository, run.id)
        }
        asked = set(names) | waiting
        found = [name for name in places.names if name not in asked]
        told = [(name, await site.reader.environment(repository, name)) for name in found]
        free = [name for name, one in told if one is None or not reviewers(one)]
        return (*free, *([UNKNOWN] if places.doubts else ()))

    def _cautions(self, run: GitHubRun, then: Sequence[str]) -> Sequence[Finding]:
        if self._state == "rejected":
            return [warning("the run ends, failed: what comes after is not done")]
        found = [note(f"the jobs that wait begin at once, at {(run.head_sha or '')[:7]}")]
        if then:
            found.append(note(f"what comes after may deploy to {listed(then)}, and asks nobody"))
        return found

    def body(self, plan: Plan) -> dict[str, Any]:
        """Return the decision, with a mark in its comment by which it is found again."""
        told = super().body(plan)
        return {**told, "comment": f"{told['comment']} ({_mark(plan)})".strip()}

    async def check(self, site: GitHubContext, plan: Plan) -> None:
        repository, number = str(plan.payload["repository"]), plan.payload["run"]
        run = await site.reader.run(repository, number)
        waiting = {
            str(one.environment.id)
            for one in await site.reader.pending_deployments(repository, number)
        }
        wanted = set(plan.precondition["environments"].split(","))
        if not wanted <= waiting or str(run.run_attempt or 1) != plan.precondition["attempt"]:
            raise PreconditionFailed(
                f"{plan.target} does not wait for approval any more", "look at who has decided"
            )

    def receipt(self, site: GitHubContext, plan: Plan, answer: httpx.Response) -> Receipt:
        return receipt_of(site, plan, f"{listed(plan.payload['names'])}: {self._state}")

    def observe(
        self, site: GitHubContext, plan: Plan, receipt: Receipt
    ) -> AsyncGenerator[Progress, None]:
        async def look(site: GitHubContext) -> Progress:
            return await self._look(site, plan)

        return run_progress.watch(site, look)

    async def _look(self, site: GitHubContext, plan: Plan) -> Progress:
        """Return whether the run goes on: what was approved, to its own end, is not waited for."""
        repository, number = str(plan.payload["repository"]), plan.payload["run"]
        run = await site.reader.run(repository, number)
        ref = build_ref(site, repository, number)
        waiting = {
            str(one.environment.id)
            for one in await site.reader.pending_deployments(repository, number)
        }
        if waiting & set(plan.precondition["environments"].split(",")):
            return Progress(message="decided, and waiting still", produced=ref)
        if self._state == "rejected" and run.status != "completed":
            return Progress(message=f"rejected; the run is {run.status} still", produced=ref)
        state = f"ended: {run.conclusion}" if run.status == "completed" else f"is {run.status}"
        return Progress(
            message=f"{self._state}: the run {state}", verdict=Verdict.SUCCEEDED, produced=ref
        )

    async def reconcile(self, site: GitHubContext, plan: Plan) -> ReconcileResult:
        repository, number = str(plan.payload["repository"]), plan.payload["run"]
        said = await site.reader.approvals(repository, number)
        if any(_mark(plan) in (one.comment or "") for one in said):
            return reconcile.done(site, plan, number, f"{plan.target}: {self._state}, as planned")
        return ReconcileResult(
            outcome=ReconcileOutcome.NOT_DONE,
            message="no decision on it bears the mark of this plan",
        )


async def _subject(site: GitHubContext, request: Request) -> tuple[str, object, str]:
    """Return the run that waits, and, for a deployment, the environment that is meant."""
    if request.ref.kind is Kind.BUILD:
        return (*split_number(request.ref.id), "")
    repository, environment = split_id(request.ref.id)
    coming = (await history_of(site, request)).all
    number = next((one.run for one in coming if not one.has_begun and one.run), None)
    if number is None:
        raise NotFound(f"no deployment to {environment} of {repository} waits for approval")
    return repository, number, environment


def _mark(plan: Plan) -> str:
    return f"opsboard {plan.id}"


def _meant(
    pending: Sequence[GitHubPendingDeployment], wanted: str
) -> Sequence[GitHubPendingDeployment]:
    return [one for one in pending if wanted in {ALL, one.environment.name}]


def _who(pending: Sequence[GitHubPendingDeployment]) -> Sequence[str]:
    return list(dict.fromkeys(who.name for one in pending for who in one.reviewers or ()))


def _permitted(pending: Sequence[GitHubPendingDeployment]) -> Permitted:
    """Return whether the login is among the reviewers, which GitHub tells."""
    who = listed(_who(pending)) or "others"
    if any(one.current_user_can_approve is False for one in pending):
        return Permission.DENIED, f"this login is no reviewer: {who} are asked"
    if all(one.current_user_can_approve for one in pending):
        return Permission.ALLOWED, "this login is one of the reviewers"
    return Permission.UNKNOWN, f"the server does not say whether this login may: {who} are asked"
