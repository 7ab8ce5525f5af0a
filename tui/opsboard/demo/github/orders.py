"""What is asked of runs and workflows, refused where GitHub refuses it, and in its words."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from opsboard.demo.github import deployments, graphql
from opsboard.demo.github.answers import Answers, Body, Missing, Refused
from opsboard.demo.github.links import Links
from opsboard.demo.github.people import ME
from opsboard.demo.github.repositories import MAY_APPROVE, READ_ONLY, environment_id
from opsboard.demo.world.code import (
    Conclusion,
    InputSpec,
    Repository,
    Review,
    Run,
    RunStatus,
    Workflow,
)
from opsboard.demo.world.hands import Hands

OLD: Final = timedelta(days=30)
_NO_RIGHTS: Final = "Must have admin rights to Repository."


class Orders:
    """Takes orders for one world. Every method is an endpoint; its name says which."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self.hands = Hands(answers.reader.world)

    async def rerun(self, request: Request) -> Body:
        run = self._run_to_repeat(request)
        self.hands.rerun(run, ME)
        return Body({}, status=201)

    async def rerun_failed(self, request: Request) -> Body:
        run = self._run_to_repeat(request)
        if run.conclusion is Conclusion.SUCCESS:
            raise Refused(403, "This workflow run cannot be retried: no job has failed")
        self.hands.rerun(run, ME, failed_only=True)
        return Body({}, status=201)

    async def rerun_job(self, request: Request) -> Body:
        _may_write(self.answers.home(request))
        job = self.answers.the_job(request)
        self._may_repeat(job.run)
        self.hands.rerun_job(job, ME)
        return Body({}, status=201)

    async def cancel(self, request: Request) -> Body:
        run = self._run(request)
        if run.status(self.answers.now) is RunStatus.COMPLETED:
            raise Refused(409, "Cannot cancel a workflow run that is completed.")
        self.hands.cancel(run)
        return Body({}, status=202)

    async def review(self, request: Request) -> Body:
        run, told = self._run(request), await _told(request)
        if ME not in MAY_APPROVE:
            raise Refused(403, "You are not allowed to review these deployments.")
        review = _review(run, told)
        jobs = self.hands.review(run, review.environments, review)
        if not jobs:
            run.reviews.remove(review)
            raise Refused(422, "There are no pending deployment requests to approve or reject")
        found = [one for one in run.repository.releases if one.job in jobs]
        links, now = Links.of(request), self.answers.now
        return Body([deployments.deployment(links, one, now) for one in found])

    async def dispatch(self, request: Request) -> Body | Response:
        home = _may_write(self.answers.home(request))
        flow = self.answers.reader.workflow(home, request.path_params["flow"])
        told = await _told(request)
        if flow is None:
            raise Missing
        run = self._dispatch(home, flow, told)
        if told.get("return_run_details") is not True:
            return Response(status_code=204)
        links = Links.of(request)
        where = f"actions/runs/{run.id}"
        return Body(
            {
                "workflow_run_id": run.id,
                "run_url": f"{links.repository(home.full_name)}/{where}",
                "html_url": f"{links.page(home.full_name)}/{where}",
            }
        )

    async def query(self, request: Request) -> Body:
        return Body(graphql.answer(Links.of(request), self.answers.reader, await _told(request)))

    def _dispatch(self, home: Repository, flow: Workflow, told: Mapping[str, Any]) -> Run:
        branch = str(told.get("ref", "")).removeprefix("refs/heads/")
        head = self.answers.reader.commit(home, branch)
        if head is None:
            raise Refused(422, f"No ref found for: {branch}")
        if not flow.spec.inputs:
            raise Refused(422, "Workflow does not have 'workflow_dispatch' trigger")
        inputs = _inputs(flow, told.get("inputs") or {})
        run = self.hands.dispatch(home, flow, branch, head, ME)
        self.hands.let_go(run, inputs)
        return run

    def _run(self, request: Request) -> Run:
        _may_write(self.answers.home(request))
        return self.answers.the_run(request)

    def _run_to_repeat(self, request: Request) -> Run:
        return self._may_repeat(self._run(request))

    def _may_repeat(self, run: Run) -> Run:
        now = self.answers.now
        if run.status(now) is not RunStatus.COMPLETED:
            raise Refused(403, "This workflow is already running")
        if now - run.created_at > OLD:
            raise Refused(
                403,
                "Unable to retry this workflow run because it was created over a month ago",
            )
        return run


def _may_write(home: Repository) -> Repository:
    if home.name in READ_ONLY:
        raise Refused(403, _NO_RIGHTS)
    return home


async def _told(request: Request) -> Mapping[str, Any]:
    try:
        told = await request.json()
    except ValueError:
        raise Refused(400, "Problems parsing JSON") from None
    if not isinstance(told, dict):
        raise Refused(400, "Body should be a JSON object")
    return told


def _review(run: Run, told: Mapping[str, Any]) -> Review:
    names = {job.spec.environment for job in run.jobs if job.spec.environment}
    numbers, state = told.get("environment_ids"), told.get("state")
    if not isinstance(numbers, list) or state not in {"approved", "rejected"}:
        raise Refused(422, "Invalid request.")
    if not isinstance(told.get("comment"), str):
        raise Refused(422, 'Invalid request.\n\n"comment" wasn\'t supplied.')
    meant = tuple(name for name in names if environment_id(run.repository, name) in numbers)
    return Review(meant, state, ME, told["comment"])


def _inputs(flow: Workflow, told: Mapping[str, Any]) -> dict[str, str]:
    known = {one.name: one for one in flow.spec.inputs}
    if unknown := [name for name in told if name not in known]:
        quoted = ", ".join(f'"{name}"' for name in unknown)
        raise Refused(422, f"Unexpected inputs provided: [{quoted}]")
    return {name: _value(one, told.get(name)) for name, one in known.items()}


def _value(one: InputSpec, told: object) -> str:
    value = one.default if told is None else str(told)
    if one.required and not value:
        raise Refused(422, f"Required input '{one.name}' not provided")
    if one.options and value not in one.options:
        raise Refused(
            422,
            f"Provided value '{value}' for input '{one.name}' not in the list of allowed values",
        )
    return value
