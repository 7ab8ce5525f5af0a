"""The paths of GitHub's API, and what answers each."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from opsboard.demo.github.answers import Answers, Body, Missing
from opsboard.demo.github.joblogs import STORAGE, stored, stored_run
from opsboard.demo.github.links import MOUNT
from opsboard.demo.github.reading import Reader
from opsboard.demo.github.replies import Allowance, refuse, reply
from opsboard.demo.world.world import World

Answer: TypeAlias = Callable[[Request], Body | Response]


def routes(world: World) -> list[BaseRoute]:
    """Return the routes that tell of *world*."""
    reader, allowance = Reader(world), Allowance(world)
    paths = _paths(Answers(reader, allowance))
    found = [Route(path, _endpoint(answer, allowance)) for path, answer in paths.items()]

    async def blob(request: Request) -> Response:
        return stored(request, reader)

    async def archive(request: Request) -> Response:
        return stored_run(request, reader)

    async def nothing(_request: Request) -> Response:
        return refuse(404, "Not Found", allowance.headers())

    everything = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    return [
        Mount(MOUNT, routes=[*found, Route("/{path:path}", nothing, methods=everything)]),
        Route(f"{STORAGE}/{{name}}/{{job:int}}.txt", blob),
        Route(f"{STORAGE}/{{name}}/{{run:int}}.zip", archive),
    ]


def _paths(answers: Answers) -> dict[str, Answer]:
    repo = "/repos/{owner}/{repo}"
    run = f"{repo}/actions/runs/{{run:int}}"
    deployment = f"{repo}/deployments/{{deployment:int}}"
    return {
        "/meta": answers.meta,
        "/rate_limit": answers.rate_limit,
        "/user": answers.me,
        "/users/{login}": answers.user,
        "/users/{org}/repos": answers.repositories_of,
        "/orgs/{org}": answers.organisation,
        "/orgs/{org}/repos": answers.repositories_of,
        repo: answers.repository,
        f"{repo}/actions/workflows": answers.workflows,
        f"{repo}/actions/workflows/{{flow}}": answers.workflow,
        f"{repo}/actions/workflows/{{flow}}/runs": answers.workflow_runs,
        f"{repo}/actions/runs": answers.runs,
        run: answers.run,
        f"{run}/attempts/{{attempt:int}}": answers.attempt,
        f"{run}/attempts/{{attempt:int}}/jobs": answers.jobs,
        f"{run}/jobs": answers.jobs,
        f"{run}/logs": answers.run_log,
        f"{run}/pending_deployments": answers.pending,
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


def _endpoint(answer: Answer, allowance: Allowance) -> Callable[[Request], Awaitable[Response]]:
    async def respond(request: Request) -> Response:
        if allowance.spent and not request.url.path.endswith("/rate_limit"):
            return refuse(403, "API rate limit exceeded for user.", allowance.headers())
        try:
            told = answer(request)
        except Missing:
            allowance.spend(1)
            return refuse(404, "Not Found", allowance.headers())
        if isinstance(told, Response):
            return told
        return reply(request, allowance, told.content, told.link)

    return respond
