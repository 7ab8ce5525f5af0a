"""The routes of the fake GitHub."""

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

ReadHandler: TypeAlias = Callable[[Request], FakeGitHubBody | Response]
WriteHandler: TypeAlias = Callable[[Request], Awaitable[FakeGitHubBody | Response]]
Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]


def routes(world: DemoWorld, user_actions: UserActions) -> list[BaseRoute]:
    """Return the routes that serve *world*."""
    reader, rate_limit = FakeGitHubQueries(world), FakeGitHubRateLimit(world)
    reads = FakeGitHubReads(reader, rate_limit)
    found = [
        Route(path, _endpoint(_at_once(answer), rate_limit))
        for path, answer in _read_paths(reads).items()
    ]
    found += [
        Route(path, _endpoint(handler, rate_limit), methods=["POST"])
        for path, handler in _write_paths(FakeGitHubWrites(reads, user_actions)).items()
    ]

    async def blob(request: Request) -> Response:
        return stored_job_log(request, reader)

    async def archive(request: Request) -> Response:
        return stored_run_log(request, reader)

    queries = FakeGitHubRateLimit(world, "graphql")
    query = _endpoint(FakeGitHubWrites(reads, user_actions).query, queries)

    async def not_served(request: Request) -> Response:
        return error_response(501, _not_served(request), rate_limit.headers())

    everything = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    rest: BaseRoute = Route("/{path:path}", not_served, methods=everything)
    return [
        Mount(MOUNT, routes=[*found, rest]),
        Route("/api/graphql", query, methods=["POST"]),
        Route(f"{STORAGE}/{{name}}/{{job:int}}.txt", blob),
        Route(f"{STORAGE}/{{name}}/{{run:int}}-{{attempt:int}}.zip", archive),
        Host(PUBLIC_API, Router([Route("/graphql", query, methods=["POST"]), *found, rest])),
    ]


def _not_served(request: Request) -> str:
    """Return a message that the demo lacks this endpoint, so that it is not taken for a 404."""
    return (
        f"This demo does not serve {request.method} {request.url.path}. It serves Actions (runs, "
        "jobs, logs, workflows), deployments, environments, commits, contents, artifacts and "
        "single pull requests."
    )


def _read_paths(reads: FakeGitHubReads) -> dict[str, ReadHandler]:
    repo = "/repos/{owner}/{repo}"
    run = f"{repo}/actions/runs/{{run:int}}"
    deployment = f"{repo}/deployments/{{deployment:int}}"
    return {
        "/": reads.root,
        "/meta": reads.meta,
        "/rate_limit": reads.rate_limit,
        "/user": reads.me,
        "/users/{login}": reads.user,
        "/users/{org}/repos": reads.repositories_of,
        "/orgs/{org}": reads.organisation,
        "/orgs/{org}/repos": reads.repositories_of,
        repo: reads.repository,
        f"{repo}/pulls/{{number:int}}": reads.pull_request,
        f"{repo}/pulls/{{number:int}}/reviews": reads.reviews,
        f"{repo}/commits/{{ref}}/check-runs": reads.check_runs,
        f"{repo}/commits/{{ref}}/status": reads.combined_status,
        f"{repo}/commits/{{ref:path}}": reads.commit,
        f"{repo}/compare/{{pair:path}}": reads.compare,
        f"{repo}/attestations/{{digest}}": reads.image_attestations,
        "/orgs/{org}/attestations/{digest}": reads.image_attestations,
        "/orgs/{org}/artifacts/{digest}/metadata/storage-records": reads.storage_records,
        "/orgs/{org}/artifacts/{digest}/metadata/deployment-records": reads.deployment_records,
        f"{repo}/contents/{{path:path}}": reads.contents,
        f"{repo}/actions/workflows": reads.workflows,
        f"{repo}/actions/workflows/{{flow}}": reads.workflow,
        f"{repo}/actions/workflows/{{flow}}/runs": reads.workflow_runs,
        f"{repo}/actions/runs": reads.runs,
        run: reads.run,
        f"{run}/attempts/{{attempt:int}}": reads.attempt,
        f"{run}/attempts/{{attempt:int}}/jobs": reads.jobs,
        f"{run}/attempts/{{attempt:int}}/logs": reads.run_log,
        f"{run}/jobs": reads.jobs,
        f"{run}/logs": reads.run_log,
        f"{run}/pending_deployments": reads.pending,
        f"{run}/approvals": reads.approvals,
        f"{run}/artifacts": reads.artifacts,
        f"{repo}/actions/jobs/{{job:int}}": reads.job,
        f"{repo}/actions/jobs/{{job:int}}/logs": reads.job_log,
        f"{repo}/check-runs/{{job:int}}/annotations": reads.annotations,
        f"{repo}/deployments": reads.deployments,
        deployment: reads.deployment,
        f"{deployment}/statuses": reads.statuses,
        f"{repo}/environments": reads.environments,
        f"{repo}/environments/{{environment}}": reads.environment,
    }


def _write_paths(writes: FakeGitHubWrites) -> dict[str, WriteHandler]:
    repo = "/repos/{owner}/{repo}/actions"
    run = f"{repo}/runs/{{run:int}}"
    return {
        "/orgs/{org}/attestations/bulk-list": writes.bulk_attestations,
        f"{run}/rerun": writes.rerun,
        f"{run}/rerun-failed-jobs": writes.rerun_failed,
        f"{repo}/jobs/{{job:int}}/rerun": writes.rerun_job,
        f"{run}/cancel": writes.cancel,
        f"{run}/pending_deployments": writes.review,
        f"{repo}/workflows/{{flow}}/dispatches": writes.dispatch,
    }


def _at_once(answer: ReadHandler) -> WriteHandler:
    async def respond(request: Request) -> FakeGitHubBody | Response:
        return answer(request)

    return respond


def _endpoint(answer: WriteHandler, rate_limit: FakeGitHubRateLimit) -> Endpoint:
    async def respond(request: Request) -> Response:
        if rate_limit.exhausted and not request.url.path.endswith("/rate_limit"):
            return error_response(403, "API rate limit exceeded for user.", rate_limit.headers())
        try:
            answered = await answer(request)
        except FakeGitHubError as error:
            rate_limit.spend(1)
            return error_response(error.status, error.message, rate_limit.headers())
        if isinstance(answered, Response):
            return answered
        return json_response(request, rate_limit, answered.data, answered.link, answered.status)

    return respond
