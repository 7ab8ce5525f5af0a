"""The read endpoints of the fake GitHub."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from opsboard.demo.github import (
    contents,
    deployments,
    provenance,
    pull_requests,
    repositories,
    runs,
    users,
)
from opsboard.demo.github.job_logs import redirect_to_job_log, redirect_to_run_log
from opsboard.demo.github.queries import FakeGitHubQueries
from opsboard.demo.github.responses import (
    VERSION,
    FakeGitHubRateLimit,
    FakeGitHubUrls,
    paginate,
    rate_limit,
)
from opsboard.demo.world.ci import DemoDeployment, DemoRepository, DemoWorkflowJob, DemoWorkflowRun
from opsboard.demo.world.commits import compare
from opsboard.demo.world.company import OWNER
from opsboard.demo.world.images import DemoImage

T = TypeVar("T")


class FakeGitHubError(Exception):
    """The request is answered with an error: an HTTP status and GitHub's message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class FakeGitHubNotFound(FakeGitHubError):
    """404: it does not exist, or the caller may not see it."""

    def __init__(self) -> None:
        super().__init__(404, "Not Found")


@dataclass(frozen=True, slots=True)
class FakeGitHubBody:
    """The data of a response, before it is encoded."""

    data: object
    link: str = ""
    status: int = 200


class FakeGitHubReads:
    """The read endpoints of one world, a method each."""

    def __init__(self, reader: FakeGitHubQueries, allowance: FakeGitHubRateLimit) -> None:
        self.reader = reader
        self.allowance = allowance

    @property
    def now(self) -> datetime:
        return self.reader.world.now

    # --- the host ---

    def root(self, request: Request) -> FakeGitHubBody:
        api = FakeGitHubUrls.from_request(request).api
        return FakeGitHubBody(
            {"current_user_url": f"{api}/user", "rate_limit_url": f"{api}/rate_limit"}
        )

    def meta(self, _request: Request) -> FakeGitHubBody:
        return FakeGitHubBody(
            {"verifiable_password_authentication": True, "installed_version": VERSION}
        )

    def rate_limit(self, _request: Request) -> FakeGitHubBody:
        return FakeGitHubBody(rate_limit(self.allowance))

    def me(self, request: Request) -> FakeGitHubBody:
        return FakeGitHubBody(
            users.profile(FakeGitHubUrls.from_request(request), self.reader.world, users.ME)
        )

    def user(self, request: Request) -> FakeGitHubBody:
        login = request.path_params["login"]
        return FakeGitHubBody(
            users.profile(FakeGitHubUrls.from_request(request), self.reader.world, login)
        )

    def organisation(self, request: Request) -> FakeGitHubBody:
        if request.path_params["org"] != OWNER:
            raise FakeGitHubNotFound
        return FakeGitHubBody(
            users.organisation(FakeGitHubUrls.from_request(request), self.reader.world)
        )

    def repositories_of(self, request: Request) -> FakeGitHubBody:
        if request.path_params["org"] != OWNER:
            raise FakeGitHubNotFound
        found = list(self.reader.repositories())
        if request.query_params.get("sort") == "pushed":
            found.sort(key=lambda one: repositories.pushed_at(one, self.now), reverse=True)
        page, link = paginate(request, found)
        links = FakeGitHubUrls.from_request(request)
        return FakeGitHubBody([repositories.listed(links, one, self.now) for one in page], link)

    # --- a repository ---

    def repository(self, request: Request) -> FakeGitHubBody:
        return FakeGitHubBody(
            repositories.full(FakeGitHubUrls.from_request(request), self.home(request), self.now)
        )

    def workflows(self, request: Request) -> FakeGitHubBody:
        home = self.home(request)
        page, link = paginate(request, home.workflows)
        items = [
            repositories.workflow(FakeGitHubUrls.from_request(request), home, flow) for flow in page
        ]
        return FakeGitHubBody({"total_count": len(home.workflows), "workflows": items}, link)

    def workflow(self, request: Request) -> FakeGitHubBody:
        home = self.home(request)
        flow = self.reader.workflow(home, request.path_params["flow"])
        if flow is None:
            raise FakeGitHubNotFound
        return FakeGitHubBody(
            repositories.workflow(FakeGitHubUrls.from_request(request), home, flow)
        )

    def workflow_runs(self, request: Request) -> FakeGitHubBody:
        home = self.home(request)
        flow = self.reader.workflow(home, request.path_params["flow"])
        found = self.reader.runs(home, request.query_params)
        return self._runs(request, home, [one for one in found if one.workflow is flow])

    def commit(self, request: Request) -> FakeGitHubBody:
        home, ref = self.home(request), request.path_params["ref"]
        found = self.reader.commit(home, ref)
        if found is None:
            raise FakeGitHubError(422, f"No commit found for SHA: {ref}")
        return FakeGitHubBody(contents.commit(FakeGitHubUrls.from_request(request), home, found))

    def pull_request(self, request: Request) -> FakeGitHubBody:
        home, found = self.home(request), self._pull(request)
        links = FakeGitHubUrls.from_request(request)
        return FakeGitHubBody(pull_requests.pull_request(links, home, found, self.now))

    def reviews(self, request: Request) -> FakeGitHubBody:
        home, found = self.home(request), self._pull(request)
        said = pull_requests.reviews(FakeGitHubUrls.from_request(request), home, found)
        page, link = paginate(request, said)
        return FakeGitHubBody(list(page), link)

    def _pull(self, request: Request) -> pull_requests.OpenOrMerged:
        number = request.path_params["number"]
        return _there(pull_requests.find(self.home(request), number, self.now))

    def check_runs(self, request: Request) -> FakeGitHubBody:
        home, sha = self.home(request), self._sha(request)
        jobs = list(pull_requests.jobs_at(home, sha, self.now))
        page, link = paginate(request, jobs)
        links = FakeGitHubUrls.from_request(request)
        runs_of_page = [pull_requests.check_run(links, job, self.now) for job in page]
        return FakeGitHubBody({"total_count": len(jobs), "check_runs": runs_of_page}, link)

    def combined_status(self, request: Request) -> FakeGitHubBody:
        home, sha = self.home(request), self._sha(request)
        links = FakeGitHubUrls.from_request(request)
        return FakeGitHubBody(pull_requests.combined_status(links, home, sha, self.now))

    def _sha(self, request: Request) -> str:
        found = self.reader.commit(self.home(request), request.path_params["ref"])
        if found is None:
            raise FakeGitHubError(422, f"No commit found for SHA: {request.path_params['ref']}")
        return found.sha

    def compare(self, request: Request) -> FakeGitHubBody:
        home, (base, _, head) = self.home(request), request.path_params["pair"].partition("...")
        older = _there(self.reader.commit(home, base))
        newer = _there(self.reader.commit(home, head))
        found = _there(compare(home, older.sha, newer.sha))
        links = FakeGitHubUrls.from_request(request)
        return FakeGitHubBody(contents.comparison(links, home, older, newer, found))

    # --- artifacts ---

    def image_attestations(self, request: Request) -> FakeGitHubBody:
        image = self._image(request)
        home = request.path_params.get("repo")
        found = provenance.attestations(self.reader.world, image) if image else []
        if home is not None and image and image.facts.source != self.home(request).full_name:
            found = []
        return FakeGitHubBody({"attestations": found})

    def storage_records(self, request: Request) -> FakeGitHubBody:
        image = self._image(request)
        found = provenance.storage_records(self.reader.world, image) if image else []
        return FakeGitHubBody({"total_count": len(found), "storage_records": found})

    def deployment_records(self, request: Request) -> FakeGitHubBody:
        image = self._image(request)
        found = provenance.deployment_records(self.reader.world, image) if image else []
        return FakeGitHubBody({"total_count": len(found), "deployment_records": found})

    def _image(self, request: Request) -> DemoImage | None:
        if request.path_params.get("org", OWNER) != OWNER:
            raise FakeGitHubNotFound
        return provenance.image_of(self.reader.world, request.path_params["digest"], self.now)

    def bulk_attestations(self, request: Request, digests: Sequence[str]) -> FakeGitHubBody:
        if request.path_params["org"] != OWNER:
            raise FakeGitHubNotFound
        world = self.reader.world
        images = {digest: provenance.image_of(world, digest, self.now) for digest in digests}
        found = {
            digest: provenance.attestations(world, image)
            for digest, image in images.items()
            if image is not None and provenance.attestations(world, image)
        }
        pages = {"has_next": False, "has_previous": False, "next": "", "previous": ""}
        return FakeGitHubBody({"attestations_subject_digests": found, "page_info": pages})

    def contents(self, request: Request) -> FakeGitHubBody:
        home, ref = self.home(request), request.query_params.get("ref", "main")
        if self.reader.commit(home, ref) is None:
            raise FakeGitHubError(404, f"No commit found for the ref {ref}")
        file = contents.file_of(
            FakeGitHubUrls.from_request(request), home, request.path_params["path"], ref
        )
        return FakeGitHubBody(_there(file))

    # --- runs and jobs ---

    def runs(self, request: Request) -> FakeGitHubBody:
        home = self.home(request)
        return self._runs(request, home, self.reader.runs(home, request.query_params))

    def _runs(
        self, request: Request, home: DemoRepository, found: Sequence[DemoWorkflowRun]
    ) -> FakeGitHubBody:
        links = FakeGitHubUrls.from_request(request)
        page, link = paginate(request, found)
        embedded = repositories.embedded(links, home)
        items = [runs.run(links, one, self.now, embedded) for one in page]
        return FakeGitHubBody({"total_count": len(found), "workflow_runs": items}, link)

    def run(self, request: Request) -> FakeGitHubBody:
        return FakeGitHubBody(
            runs.alone(FakeGitHubUrls.from_request(request), self.the_run(request), self.now)
        )

    def attempt(self, request: Request) -> FakeGitHubBody:
        return FakeGitHubBody(
            runs.alone(FakeGitHubUrls.from_request(request), self._attempt(request), self.now)
        )

    def jobs(self, request: Request) -> FakeGitHubBody:
        run = self._attempt(request)
        page, link = paginate(request, run.jobs)
        items = [runs.job(FakeGitHubUrls.from_request(request), one, self.now) for one in page]
        return FakeGitHubBody({"total_count": len(run.jobs), "jobs": items}, link)

    def pending(self, request: Request) -> FakeGitHubBody:
        return FakeGitHubBody(
            runs.pending(FakeGitHubUrls.from_request(request), self.the_run(request), self.now)
        )

    def approvals(self, request: Request) -> FakeGitHubBody:
        return FakeGitHubBody(
            runs.approvals(FakeGitHubUrls.from_request(request), self.the_run(request))
        )

    def artifacts(self, request: Request) -> FakeGitHubBody:
        self.the_run(request)
        return FakeGitHubBody({"total_count": 0, "artifacts": []})

    def job(self, request: Request) -> FakeGitHubBody:
        return FakeGitHubBody(
            runs.job(FakeGitHubUrls.from_request(request), self.the_job(request), self.now)
        )

    def job_log(self, request: Request) -> Response:
        return redirect_to_job_log(request, self.the_job(request), self.reader)

    def run_log(self, request: Request) -> Response:
        return redirect_to_run_log(request, self._attempt(request), self.reader)

    def annotations(self, request: Request) -> FakeGitHubBody:
        return FakeGitHubBody(
            runs.annotations(FakeGitHubUrls.from_request(request), self.the_job(request), self.now)
        )

    # --- deployments ---

    def deployments(self, request: Request) -> FakeGitHubBody:
        found = self.reader.releases(self.home(request), request.query_params)
        page, link = paginate(request, found)
        links = FakeGitHubUrls.from_request(request)
        return FakeGitHubBody([deployments.deployment(links, one, self.now) for one in page], link)

    def deployment(self, request: Request) -> FakeGitHubBody:
        return FakeGitHubBody(
            deployments.deployment(
                FakeGitHubUrls.from_request(request), self._release(request), self.now
            )
        )

    def statuses(self, request: Request) -> FakeGitHubBody:
        found = deployments.statuses(
            FakeGitHubUrls.from_request(request), self._release(request), self.now
        )
        page, link = paginate(request, found)
        return FakeGitHubBody(list(page), link)

    def environments(self, request: Request) -> FakeGitHubBody:
        home = self.home(request)
        names = self.reader.environments(home)
        links = FakeGitHubUrls.from_request(request)
        items = [repositories.environment(links, home, name) for name in names]
        return FakeGitHubBody({"total_count": len(items), "environments": items})

    def environment(self, request: Request) -> FakeGitHubBody:
        everything: Mapping[str, Any] = self.environments(request).data  # type: ignore[assignment]
        for one in everything["environments"]:
            if one["name"] == request.path_params["environment"]:
                return FakeGitHubBody(one)
        raise FakeGitHubNotFound

    # --- look-ups ---

    def home(self, request: Request) -> DemoRepository:
        params = request.path_params
        return _there(self.reader.repository(params["owner"], params["repo"]))

    def the_run(self, request: Request) -> DemoWorkflowRun:
        return _there(self.reader.run(self.home(request), request.path_params["run"]))

    def _attempt(self, request: Request) -> DemoWorkflowRun:
        run = self.the_run(request)
        number = request.path_params.get("attempt", run.attempt)
        return _there(self.reader.attempt(run, number))

    def the_job(self, request: Request) -> DemoWorkflowJob:
        return _there(self.reader.job(self.home(request), request.path_params["job"]))

    def _release(self, request: Request) -> DemoDeployment:
        number = request.path_params["deployment"]
        return _there(self.reader.release(self.home(request), number))


def _there(found: T | None) -> T:
    if found is None:
        raise FakeGitHubNotFound
    return found
