"""What answers each path: a body, a page of bodies, or nothing there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from opsboard.demo.github import deployments, files, people, repositories, runs
from opsboard.demo.github.joblogs import redirect, redirect_run
from opsboard.demo.github.links import Links
from opsboard.demo.github.reading import Reader
from opsboard.demo.github.replies import VERSION, Allowance, cut, rate_limit
from opsboard.demo.world.code import Release, Repository, Run, RunJob
from opsboard.demo.world.company import OWNER

T = TypeVar("T")


class Refused(Exception):
    """It is answered with an error."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Missing(Refused):
    """There is no such thing."""

    def __init__(self) -> None:
        super().__init__(404, "Not Found")


@dataclass(frozen=True, slots=True)
class Body:
    """An answer before it is written."""

    content: object
    link: str = ""
    status: int = 200


class Answers:
    """Answers for one world. Every method is an endpoint; its name says which."""

    def __init__(self, reader: Reader, allowance: Allowance) -> None:
        self.reader = reader
        self.allowance = allowance

    @property
    def now(self) -> datetime:
        return self.reader.world.now

    # --- the host ---

    def root(self, request: Request) -> Body:
        api = Links.of(request).api
        return Body({"current_user_url": f"{api}/user", "rate_limit_url": f"{api}/rate_limit"})

    def meta(self, _request: Request) -> Body:
        return Body({"verifiable_password_authentication": True, "installed_version": VERSION})

    def rate_limit(self, _request: Request) -> Body:
        return Body(rate_limit(self.allowance))

    def me(self, request: Request) -> Body:
        return Body(people.profile(Links.of(request), self.reader.world, people.ME))

    def user(self, request: Request) -> Body:
        login = request.path_params["login"]
        return Body(people.profile(Links.of(request), self.reader.world, login))

    def organisation(self, request: Request) -> Body:
        if request.path_params["org"] != OWNER:
            raise Missing
        return Body(people.organisation(Links.of(request), self.reader.world))

    def repositories_of(self, request: Request) -> Body:
        if request.path_params["org"] != OWNER:
            raise Missing
        found = list(self.reader.repositories())
        if request.query_params.get("sort") == "pushed":
            found.sort(key=lambda one: repositories.pushed_at(one, self.now), reverse=True)
        page, link = cut(request, found)
        links = Links.of(request)
        return Body([repositories.listed(links, one, self.now) for one in page], link)

    # --- a repository ---

    def repository(self, request: Request) -> Body:
        return Body(repositories.full(Links.of(request), self.home(request), self.now))

    def workflows(self, request: Request) -> Body:
        home = self.home(request)
        page, link = cut(request, home.workflows)
        told = [repositories.workflow(Links.of(request), home, flow) for flow in page]
        return Body({"total_count": len(home.workflows), "workflows": told}, link)

    def workflow(self, request: Request) -> Body:
        home = self.home(request)
        flow = self.reader.workflow(home, request.path_params["flow"])
        if flow is None:
            raise Missing
        return Body(repositories.workflow(Links.of(request), home, flow))

    def workflow_runs(self, request: Request) -> Body:
        home = self.home(request)
        flow = self.reader.workflow(home, request.path_params["flow"])
        found = self.reader.runs(home, request.query_params)
        return self._runs(request, home, [one for one in found if one.workflow is flow])

    def commit(self, request: Request) -> Body:
        home, ref = self.home(request), request.path_params["ref"]
        found = self.reader.commit(home, ref)
        if found is None:
            raise Refused(422, f"No commit found for SHA: {ref}")
        return Body(files.commit(Links.of(request), home, found))

    def contents(self, request: Request) -> Body:
        home, ref = self.home(request), request.query_params.get("ref", "main")
        if self.reader.commit(home, ref) is None:
            raise Refused(404, f"No commit found for the ref {ref}")
        file = files.file_of(Links.of(request), home, request.path_params["path"], ref)
        return Body(_there(file))

    # --- runs and jobs ---

    def runs(self, request: Request) -> Body:
        home = self.home(request)
        return self._runs(request, home, self.reader.runs(home, request.query_params))

    def _runs(self, request: Request, home: Repository, found: Sequence[Run]) -> Body:
        links = Links.of(request)
        page, link = cut(request, found)
        embedded = repositories.embedded(links, home)
        told = [runs.run(links, one, self.now, embedded) for one in page]
        return Body({"total_count": len(found), "workflow_runs": told}, link)

    def run(self, request: Request) -> Body:
        return Body(runs.alone(Links.of(request), self.the_run(request), self.now))

    def attempt(self, request: Request) -> Body:
        return Body(runs.alone(Links.of(request), self._attempt(request), self.now))

    def jobs(self, request: Request) -> Body:
        run = self._attempt(request)
        page, link = cut(request, run.jobs)
        told = [runs.job(Links.of(request), one, self.now) for one in page]
        return Body({"total_count": len(run.jobs), "jobs": told}, link)

    def pending(self, request: Request) -> Body:
        return Body(runs.pending(Links.of(request), self.the_run(request), self.now))

    def approvals(self, request: Request) -> Body:
        return Body(runs.approvals(Links.of(request), self.the_run(request)))

    def artifacts(self, request: Request) -> Body:
        self.the_run(request)
        return Body({"total_count": 0, "artifacts": []})

    def job(self, request: Request) -> Body:
        return Body(runs.job(Links.of(request), self.the_job(request), self.now))

    def job_log(self, request: Request) -> Response:
        return redirect(request, self.the_job(request), self.reader)

    def run_log(self, request: Request) -> Response:
        return redirect_run(request, self._attempt(request), self.reader)

    def annotations(self, request: Request) -> Body:
        return Body(runs.annotations(Links.of(request), self.the_job(request), self.now))

    # --- deployments ---

    def deployments(self, request: Request) -> Body:
        found = self.reader.releases(self.home(request), request.query_params)
        page, link = cut(request, found)
        links = Links.of(request)
        return Body([deployments.deployment(links, one, self.now) for one in page], link)

    def deployment(self, request: Request) -> Body:
        return Body(deployments.deployment(Links.of(request), self._release(request), self.now))

    def statuses(self, request: Request) -> Body:
        found = deployments.statuses(Links.of(request), self._release(request), self.now)
        page, link = cut(request, found)
        return Body(list(page), link)

    def environments(self, request: Request) -> Body:
        home = self.home(request)
        names = self.reader.environments(home)
        links = Links.of(request)
        told = [repositories.environment(links, home, name) for name in names]
        return Body({"total_count": len(told), "environments": told})

    def environment(self, request: Request) -> Body:
        everything: Mapping[str, Any] = self.environments(request).content  # type: ignore[assignment]
        for one in everything["environments"]:
            if one["name"] == request.path_params["environment"]:
                return Body(one)
        raise Missing

    # --- who is meant ---

    def home(self, request: Request) -> Repository:
        params = request.path_params
        return _there(self.reader.repository(params["owner"], params["repo"]))

    def the_run(self, request: Request) -> Run:
        return _there(self.reader.run(self.home(request), request.path_params["run"]))

    def _attempt(self, request: Request) -> Run:
        run = self.the_run(request)
        number = request.path_params.get("attempt", run.attempt)
        return _there(self.reader.attempt(run, number))

    def the_job(self, request: Request) -> RunJob:
        return _there(self.reader.job(self.home(request), request.path_params["job"]))

    def _release(self, request: Request) -> Release:
        number = request.path_params["deployment"]
        return _there(self.reader.release(self.home(request), number))


def _there(found: T | None) -> T:
    if found is None:
        raise Missing
    return found
