"""The paths of GitHub's API, and what answers each."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Host, Mount, Route, Router

from opsboard.demo.github.job_logs import STORAGE, stored_job_log, stored_run_log
from opsboard.demo.github.queries import FakeGitHubQueries
from opsboard.demo.github.reads import FakeGitHubBody, FakeGitHubError, FakeGitHubReads
from opsboard.demo.github.responses import (
    MOUNT,
    PUBLIC_API,
    FakeGitHubRateLimit,
    error_response,
    json_response,
)
from opsboard.demo.github.writes import FakeGitHubWrites
from opsboard.demo.world.user_actions import UserActions
from opsboard.demo.world.world import DemoWorld

Answer: TypeAlias = Callable[[Request], FakeGitHubBody | Response]
Order: TypeAlias = Callable[[Request], Awaitable[FakeGitHubBody | Response]]
Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]


def routes(world: DemoWorld, user_actions: UserActions) -> list[BaseRoute]:
    """Return the routes that tell of *world*."""
    reader, allowance = FakeGitHubQueries(world), FakeGitHubRateLimit(world)
    answers = FakeGitHubReads(reader, allowance)
    found = [
        Route(path, _endpoint(_at_once(answer), allowance))
        for path, answer in _paths(answers).items()
    ]
    found += [
        Route(path, _endpoint(order, allowance), methods=["POST"])
        for path, order in _orders(FakeGitHubWrites(answers, user_actions)).items()
    ]

    async def blob(request: Request) -> Response:
        return stored_job_log(request, reader)

    async def archive(request: Request) -> Response:
        return stored_run_log(request, reader)

    query = _endpoint(FakeGitHubWrites(answers, user_actions).query, allowance)

    async def unspoken(request: Request) -> Response:
        return error_response(501, _unspoken(request), allowance.headers())

    everything = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    rest: BaseRoute = Route("/{path:path}", unspoken, methods=everything)
    return [
        Mount(MOUNT, routes=[*found, rest]),
        Route("/api/graphql", query, methods=["POST"]),
        Route(f"{STORAGE}/{{name}}/{{job:int}}.txt", blob),
        Route(f"{STORAGE}/{{name}}/{{run:int}}-{{attempt:int}}.zip", archive),
        Host(PUBLIC_API, Router([Route("/graphql", query, methods=["POST"]), *found, rest])),
    ]


def _unspoken(request: Request) -> str:
    """Say what the demo does not speak, so that nobody takes a thing for missing."""
    return (
        f"This demo does not speak {request.method} {request.url.path}. It speaks of Actions: "
        "runs, jobs, logs and workflows; and of deployments, environments, commits and contents."
    )


def _paths(answers: FakeGitHubReads) -> dict[str, Answer]:
    repo = "/repos/{owner}/{repo}"
    run = f"{repo}/actions/runs/{{run:int}}"
    deployment = f"{repo}/deployments/{{deployment:int}}"
    return {
        "/": answers.root,
        "/meta": answers.meta,
        "/rate_limit": answers.rate_limit,
        "/user": answers.me,
        "/users/{login}": answers.user,
        "/users/{org}/repos": answers.repositories_of,
        "/orgs/{org}": answers.organisation,
        "/orgs/{org}/repos": answers.repositories_of,
        repo: answers.repository,
        f"{repo}/commits/{{ref:path}}": answers.commit,
        f"{repo}/contents/{{path:path}}": answers.contents,
        f"{repo}/actions/workflows": answers.workflows,
        f"{repo}/actions/workflows/{{flow}}": answers.workflow,
        f"{repo}/actions/workflows/{{flow}}/runs": answers.workflow_runs,
        f"{repo}/actions/runs": answers.runs,
        run: answers.run,
        f"{run}/attempts/{{attempt:int}}": answers.attempt,
        f"{run}/attempts/{{attempt:int}}/jobs": answers.jobs,
        f"{run}/attempts/{{attempt:int}}/logs": answers.run_log,
        f"{run}/jobs": answers.jobs,
        f"{run}/logs": answers.run_log,
        f"{run}/pending_deployments": answers.pending,
        f"{run}/approvals": answers.approvals,
        f"{run}/artifacts": answers.artifacts,
        f"{repo}/actions/jobs/{{job:int}}": answers.job,
        f"{repo}/actions/jobs/{{job:int}}/logs": answers.job_log,
        f"{repo}/check-runs/{{job:int}}/annotations": answers.annotations,
        f"{repo}/deployments": answers.deployments,
        deployment: answers.deployment,
        f"{deployment}/statuses": answers.statuses,
        f"{repo}/environments": answers.environments,
        f"{repo}/environments/{{environment}}": answers.environment,
    }


def _orders(orders: FakeGitHubWrites) -> dict[str, Order]:
    repo = "/repos/{owner}/{repo}/actions"
    run = f"{repo}/runs/{{run:int}}"
    return {
        f"{run}/rerun": orders.rerun,
        f"{run}/rerun-failed-jobs": orders.rerun_failed,
        f"{repo}/jobs/{{job:int}}/rerun": orders.rerun_job,
        f"{run}/cancel": orders.cancel,
        f"{run}/pending_deployments": orders.review,
        f"{repo}/workflows/{{flow}}/dispatches": orders.dispatch,
    }


def _at_once(answer: Answer) -> Order:
    async def respond(request: Request) -> FakeGitHubBody | Response:
        return answer(request)

    return respond


def _endpoint(answer: Order, allowance: FakeGitHubRateLimit) -> Endpoint:
    async def respond(request: Request) -> Response:
        if allowance.exhausted and not request.url.path.endswith("/rate_limit"):
            return error_response(403, "API rate limit exceeded for user.", allowance.headers())
        try:
            told = await answer(request)
        except FakeGitHubError as refusal:
            allowance.spend(1)
            return error_response(refusal.status, refusal.message, allowance.headers())
        if isinstance(told, Response):
            return told
        return json_response(request, allowance, told.data, told.link, told.status)

    return respond
