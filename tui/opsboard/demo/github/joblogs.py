"""Logs of jobs: a redirect to a storage host, which takes no token."""

from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from opsboard.demo.github.links import Links
from opsboard.demo.github.reading import Reader
from opsboard.demo.github.replies import refuse
from opsboard.demo.world.code import RunJob, RunStatus
from opsboard.demo.world.logs import job_lines

STORAGE: Final = "/storage/job-logs"


def redirect(request: Request, job: RunJob, reader: Reader) -> Response:
    """Return where the log of *job* is. Like GitHub's, it is not there before the job's end."""
    if job.status(reader.world.now) is not RunStatus.COMPLETED or not job.steps:
        return refuse(404, "Not Found")
    name = job.run.repository.name
    target = f"{Links.of(request).web}{STORAGE}/{name}/{job.id}.txt?sig=demo"
    return RedirectResponse(target, 302)


def stored(request: Request, reader: Reader) -> Response:
    """Return a log from the storage. Who brings a token is turned away, as Azure does it."""
    if "Authorization" in request.headers:
        return PlainTextResponse("InvalidAuthenticationInfo", 400)
    repository = reader.world.repositories.get(request.path_params["name"])
    job = reader.job(repository, request.path_params["job"]) if repository else None
    if job is None:
        return PlainTextResponse("BlobNotFound", 404)
    lines = (
        f"{at:%Y-%m-%dT%H:%M:%S}.0000000Z {text}" for at, text in job_lines(job, reader.world.now)
    )
    return PlainTextResponse("\ufeff" + "\r\n".join(lines) + "\r\n")
