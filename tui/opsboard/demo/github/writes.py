"""The write endpoints of the fake GitHub, with GitHub's conditions and error messages."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from opsboard.demo.github import deployments, graphql
from opsboard.demo.github.reads import (
    FakeGitHubBody,
    FakeGitHubError,
    FakeGitHubNotFound,
    FakeGitHubReads,
)
from opsboard.demo.github.repositories import MAY_APPROVE, READ_ONLY, environment_id
from opsboard.demo.github.responses import FakeGitHubUrls
from opsboard.demo.github.users import ME
from opsboard.demo.world.ci import (
    DemoConclusion,
    DemoInputSpec,
    DemoRepository,
    DemoReview,
    DemoRunStatus,
    DemoWorkflow,
    DemoWorkflowRun,
)
from opsboard.demo.world.user_actions import UserActions

RERUN_LIMIT: Final = timedelta(days=30)
MAX_DIGESTS: Final = 1_024
_NO_RIGHTS: Final = "Must have admin rights to Repository."


class FakeGitHubWrites:
    """The write endpoints of one world, a method each."""

    def __init__(self, answers: FakeGitHubReads, user_actions: UserActions) -> None:
        self.reads = answers
        self.user_actions = user_actions

    async def rerun(self, request: Request) -> FakeGitHubBody:
        run = self._run_to_repeat(request)
        self.user_actions.rerun(run, ME)
        return FakeGitHubBody({}, status=201)

    async def rerun_failed(self, request: Request) -> FakeGitHubBody:
        run = self._run_to_repeat(request)
        if run.conclusion is DemoConclusion.SUCCESS:
            raise FakeGitHubError(403, "This workflow run cannot be retried: no job has failed")
        self.user_actions.rerun(run, ME, failed_only=True)
        return FakeGitHubBody({}, status=201)

    async def rerun_job(self, request: Request) -> FakeGitHubBody:
        _may_write(self.reads.home(request))
        job = self.reads.the_job(request)
        self._may_repeat(job.run)
        self.user_actions.rerun_job(job, ME)
        return FakeGitHubBody({}, status=201)

    async def cancel(self, request: Request) -> FakeGitHubBody:
        run = self._run(request)
        if run.status(self.reads.now) is DemoRunStatus.COMPLETED:
            raise FakeGitHubError(409, "Cannot cancel a workflow run that is completed.")
        self.user_actions.cancel(run)
        return FakeGitHubBody({}, status=202)

    async def review(self, request: Request) -> FakeGitHubBody:
        run, body = self._run(request), await _json_body(request)
        if ME not in MAY_APPROVE:
            raise FakeGitHubError(403, "You are not allowed to review these deployments.")
        review = _review(run, body)
        jobs = self.user_actions.review(run, review.environments, review)
        if not jobs:
            run.reviews.remove(review)
            raise FakeGitHubError(
                422, "There are no pending deployment requests to approve or reject"
            )
        found = [one for one in run.repository.deployments if one.job in jobs]
        links, now = FakeGitHubUrls.from_request(request), self.reads.now
        return FakeGitHubBody([deployments.deployment(links, one, now) for one in found])

    async def dispatch(self, request: Request) -> FakeGitHubBody | Response:
        home = _may_write(self.reads.home(request))
        flow = self.reads.reader.workflow(home, request.path_params["flow"])
        body = await _json_body(request)
        if flow is None:
            raise FakeGitHubNotFound
        run = self._dispatch(home, flow, body)
        if body.get("return_run_details") is not True:
            return Response(status_code=204)
        links = FakeGitHubUrls.from_request(request)
        where = f"actions/runs/{run.id}"
        return FakeGitHubBody(
            {
                "workflow_run_id": run.id,
                "run_url": f"{links.repository(home.full_name)}/{where}",
                "html_url": f"{links.page(home.full_name)}/{where}",
            }
        )

    async def query(self, request: Request) -> FakeGitHubBody:
        return FakeGitHubBody(
            graphql.answer(
                FakeGitHubUrls.from_request(request), self.reads.reader, await _json_body(request)
            )
        )

    async def bulk_attestations(self, request: Request) -> FakeGitHubBody:
        digests = (await _json_body(request)).get("subject_digests")
        if not isinstance(digests, list) or not 0 < len(digests) <= MAX_DIGESTS:
            raise FakeGitHubError(422, "Invalid request.")
        return self.reads.bulk_attestations(request, digests)

    def _dispatch(
        self, home: DemoRepository, flow: DemoWorkflow, body: Mapping[str, Any]
    ) -> DemoWorkflowRun:
        branch = str(body.get("ref", "")).removeprefix("refs/heads/")
        head = self.reads.reader.commit(home, branch)
        if head is None:
            raise FakeGitHubError(422, f"No ref found for: {branch}")
        if not flow.spec.inputs:
            raise FakeGitHubError(422, "Workflow does not have 'workflow_dispatch' trigger")
        inputs = _inputs(flow, body.get("inputs") or {})
        run = self.user_actions.create_dispatched_run(home, flow, branch, head, ME)
        self.user_actions.start(run, inputs)
        return run

    def _run(self, request: Request) -> DemoWorkflowRun:
        _may_write(self.reads.home(request))
        return self.reads.the_run(request)

    def _run_to_repeat(self, request: Request) -> DemoWorkflowRun:
        return self._may_repeat(self._run(request))

    def _may_repeat(self, run: DemoWorkflowRun) -> DemoWorkflowRun:
        now = self.reads.now
        if run.status(now) is not DemoRunStatus.COMPLETED:
            raise FakeGitHubError(403, "This workflow is already running")
        if now - run.created_at > RERUN_LIMIT:
            raise FakeGitHubError(
                403,
                "Unable to retry this workflow run because it was created over a month ago",
            )
        return run


def _may_write(home: DemoRepository) -> DemoRepository:
    if home.name in READ_ONLY:
        raise FakeGitHubError(403, _NO_RIGHTS)
    return home


async def _json_body(request: Request) -> Mapping[str, Any]:
    try:
        body = await request.json()
    except ValueError:
        raise FakeGitHubError(400, "Problems parsing JSON") from None
    if not isinstance(body, dict):
        raise FakeGitHubError(400, "Body should be a JSON object")
    return body


def _review(run: DemoWorkflowRun, body: Mapping[str, Any]) -> DemoReview:
    names = {job.spec.environment for job in run.jobs if job.spec.environment}
    numbers, state = body.get("environment_ids"), body.get("state")
    if not isinstance(numbers, list) or state not in {"approved", "rejected"}:
        raise FakeGitHubError(422, "Invalid request.")
    if not isinstance(body.get("comment"), str):
        raise FakeGitHubError(422, 'Invalid request.\n\n"comment" wasn\'t supplied.')
    environments = tuple(name for name in names if environment_id(run.repository, name) in numbers)
    return DemoReview(environments, state, ME, body["comment"])


def _inputs(flow: DemoWorkflow, body: Mapping[str, Any]) -> dict[str, str]:
    known = {one.name: one for one in flow.spec.inputs}
    if unknown := [name for name in body if name not in known]:
        quoted = ", ".join(f'"{name}"' for name in unknown)
        raise FakeGitHubError(422, f"Unexpected inputs provided: [{quoted}]")
    return {name: _value(one, body.get(name)) for name, one in known.items()}


def _value(one: DemoInputSpec, body: object) -> str:
    value = one.default if body is None else str(body)
    if one.required and not value:
        raise FakeGitHubError(422, f"Required input '{one.name}' not provided")
    if one.options and value not in one.options:
        raise FakeGitHubError(
            422,
            f"Provided value '{value}' for input '{one.name}' not in the list of allowed values",
        )
    return value
