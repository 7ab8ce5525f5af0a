"""Logs of jobs and runs: a redirect to a storage host that refuses a token."""

from collections.abc import Iterator
from io import BytesIO
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from opsboard.demo.github.queries import FakeGitHubQueries
from opsboard.demo.github.responses import FakeGitHubUrls, error_response
from opsboard.demo.world.ci import DemoRunStatus, DemoWorkflowJob, DemoWorkflowRun, DemoWorkflowStep
from opsboard.demo.world.logs import step_lines

STORAGE: Final = "/storage/job-logs"


def redirect_to_job_log(
    request: Request, job: DemoWorkflowJob, reader: FakeGitHubQueries
) -> Response:
    """Redirect to the log of *job*. As on GitHub, it is 404 until the job has ended."""
    if job.status(reader.world.now) is not DemoRunStatus.COMPLETED or not job.steps:
        return error_response(404, "Not Found")
    name = job.run.repository.name
    target = f"{FakeGitHubUrls.from_request(request).storage}{STORAGE}/{name}/{job.id}.txt?sig=demo"
    return RedirectResponse(target, 302)


def redirect_to_run_log(
    request: Request, run: DemoWorkflowRun, reader: FakeGitHubQueries
) -> Response:
    """Redirect to a zip with the logs of all jobs of *run* (one attempt)."""
    if run.status(reader.world.now) is not DemoRunStatus.COMPLETED:
        return error_response(404, "Not Found")
    name = f"{run.repository.name}/{run.id}-{run.attempt}"
    return RedirectResponse(
        f"{FakeGitHubUrls.from_request(request).storage}{STORAGE}/{name}.zip?sig=demo", 302
    )


def stored_job_log(request: Request, reader: FakeGitHubQueries) -> Response:
    """Return a log from the storage host. A request with a token is refused, as Azure does."""
    if "Authorization" in request.headers:
        return PlainTextResponse("InvalidAuthenticationInfo", 400)
    repository = reader.world.repositories.get(request.path_params["name"])
    job = reader.job(repository, request.path_params["job"]) if repository else None
    return PlainTextResponse(_text(job, reader)) if job else _no_blob()


def stored_run_log(request: Request, reader: FakeGitHubQueries) -> Response:
    """Return the zip of a run from the storage host: a file per job and one per step."""
    if "Authorization" in request.headers:
        return PlainTextResponse("InvalidAuthenticationInfo", 400)
    repository = reader.world.repositories.get(request.path_params["name"])
    run = reader.run(repository, request.path_params["run"]) if repository else None
    attempt = reader.attempt(run, request.path_params["attempt"]) if run else None
    if attempt is None:
        return _no_blob()
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for number, job in enumerate(attempt.jobs):
            if job.steps:
                _store(archive, number, job, reader)
    return Response(file.getvalue(), media_type="application/zip")


def _store(archive: ZipFile, number: int, job: DemoWorkflowJob, reader: FakeGitHubQueries) -> None:
    name = _file_name(job.spec.name)
    archive.writestr(ZipInfo(f"{number}_{name}.txt"), _text(job, reader))
    for step, text in _texts(job, reader):
        archive.writestr(ZipInfo(f"{name}/{step.number}_{_file_name(step.name)}.txt"), text)


def _file_name(name: str) -> str:
    return name.replace("/", "").replace(":", "")


def _text(job: DemoWorkflowJob, reader: FakeGitHubQueries) -> str:
    """Return the log of *job*: those of its steps, concatenated."""
    return "".join(text for _, text in _texts(job, reader))


def _texts(
    job: DemoWorkflowJob, reader: FakeGitHubQueries
) -> Iterator[tuple[DemoWorkflowStep, str]]:
    """Yield each step with its log, which begins with a byte order mark, as GitHub's do."""
    for step, lines in step_lines(job, reader.world.now):
        log = "".join(f"{at:%Y-%m-%dT%H:%M:%S}.0000000Z {text}\r\n" for at, text in lines)
        yield step, f"\ufeff{log}"


def _no_blob() -> Response:
    return PlainTextResponse("BlobNotFound", 404)
