"""The checks of ``opsboard doctor``: reachable, logged in, permitted, requests left."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

import httpx

from opsboard.adapter import Check, Forbidden, NotFound, SourceError, Unauthenticated
from opsboard.records import Status
from opsboard_adapters import http
from opsboard_adapters.github.api import GitHubApi
from opsboard_adapters.github.login import GitHubLogin
from opsboard_adapters.github.organisations import OrganisationPoller
from opsboard_adapters.github.settings import GitHubSettings

MAX_REPOSITORIES: Final = 25
"""Repositories that are tested one by one."""
_LOW: Final = 0.1


async def run(settings: GitHubSettings, api: GitHubApi, login: GitHubLogin) -> AsyncIterator[Check]:
    """Yield a check for each thing that has to work; stop where the rest cannot."""
    try:
        answer = await _rate_limit(api)
    except Unauthenticated as error:
        yield Check("reachable", Status.OK, settings.base_url)
        yield _failed("logged in", error)
        return
    except SourceError as error:
        yield _failed("reachable", error)
        return
    yield Check("reachable", Status.OK, settings.base_url)
    yield _version(answer)
    yield await _logged_in(api, login)
    repositories = list(settings.repositories)
    for name in settings.organisations:
        check, found = await _organisation(settings, api, name)
        yield check
        repositories += found
    for repository in list(dict.fromkeys(repositories))[:MAX_REPOSITORIES]:
        yield await _permitted(api, repository, "actions/runs", f"{repository}: runs")
        if settings.deployments:
            yield await _permitted(api, repository, "deployments", f"{repository}: deployments")
    if len(repositories) > MAX_REPOSITORIES:
        rest = len(repositories) - MAX_REPOSITORIES
        yield Check("permitted", Status.UNKNOWN, f"{rest} more repositories were not tested")
    owners = sorted({name.partition("/")[0] for name in repositories})
    async for check in _about_commits(api, owners if settings.commits and login.token else ()):
        yield check
    yield _budget(api)


async def _about_commits(api: GitHubApi, owners: Sequence[str]) -> AsyncIterator[Check]:
    """Yield the checks of what the joins need; without *owners*, none is asked for."""
    if owners:
        yield await _queries(api)
    for owner in owners:
        yield await _attestations(api, owner)


async def _queries(api: GitHubApi) -> Check:
    """Ask GraphQL, which names default branches and pull requests."""
    try:
        await api.query("query { viewer { login } }")
    except SourceError as error:
        hint = (
            f"{error.hint}; or set `commits = false`: what waits to be deployed is not known then"
        )
        return Check("commits", Status.WARNING, error.message, hint)
    return Check("commits", Status.OK, "GraphQL can be asked")


async def _attestations(api: GitHubApi, owner: str) -> Check:
    """Ask for the attestations of an image that there is not: is it permitted?"""
    subject = f"{owner}: attestations"
    body = {"subject_digests": [f"sha256:{'0' * 64}"], "predicate_type": "provenance"}
    try:
        await api.search(f"orgs/{owner}/attestations/bulk-list", body)
    except (Forbidden, NotFound) as error:
        hint = "where images are attested: a token with attestations:read, artifact-metadata:read"
        return Check(subject, Status.UNKNOWN, f"not there, or not permitted: {error.message}", hint)
    except SourceError as error:
        return _failed(subject, error)
    return Check(subject, Status.OK, "can be read")


async def _rate_limit(api: GitHubApi) -> httpx.Response | None:
    """GET ``/rate_limit``, which is free of charge. Enterprise servers without rate limits answer
    404.
    """
    try:
        answer = await api.get("rate_limit")
    except NotFound:
        return None
    http.read_json(answer)
    return answer


def _version(answer: httpx.Response | None) -> Check:
    version = answer.headers.get("X-GitHub-Enterprise-Version") if answer is not None else None
    if version:
        return Check("version", Status.OK, f"GitHub Enterprise Server {version}")
    api_version = answer.headers.get("X-GitHub-Api-Version-Selected", "") if answer else ""
    return Check("version", Status.OK, f"GitHub, API version {api_version or 'not known'}")


async def _logged_in(api: GitHubApi, login: GitHubLogin) -> Check:
    subject = "logged in"
    if not login:
        hint = "run `gh auth login`, or set GH_TOKEN: anonymous requests are few"
        return Check(subject, Status.WARNING, "nobody is logged in", hint)
    try:
        answer = await api.get("user")
        name = http.read_json(answer).get("login", "")
    except Forbidden:
        return Check(subject, Status.OK, f"as an app, by a token from {login.origin}")
    except SourceError as error:
        return _failed(subject, error)
    scopes = answer.headers.get("X-OAuth-Scopes", "")
    ends = answer.headers.get("GitHub-Authentication-Token-Expiration", "")
    parts = [f"as {name}", f"token from {login.origin}"]
    parts += [f"scopes {scopes}"] if scopes else []
    parts += [f"until {ends}"] if ends else []
    return Check(subject, Status.OK, ", ".join(parts))


async def _organisation(
    settings: GitHubSettings, api: GitHubApi, name: str
) -> tuple[Check, tuple[str, ...]]:
    poller = OrganisationPoller(name, api, settings.repositories_per_organisation)
    try:
        await poller.poll()
    except SourceError as error:
        return _failed(f"organisation {name}", error), ()
    count = len(poller.repositories)
    if count == 0:
        hint = "check the name, and that this login may see its repositories"
        return Check(f"organisation {name}", Status.WARNING, "no repository is visible", hint), ()
    return Check(f"organisation {name}", Status.OK, f"{count} repositories"), poller.repositories


async def _permitted(api: GitHubApi, repository: str, what: str, subject: str) -> Check:
    try:
        answer = await api.get(f"repos/{repository}/{what}", {"per_page": 1})
        http.read_json(answer) if what == "actions/runs" else http.read_array(answer)
    except SourceError as error:
        return _failed(subject, error)
    if f"/repos/{repository}/" not in answer.request.url.path:
        hint = f"`gh repo view {repository}` shows the new name: put it into the config"
        return Check(subject, Status.WARNING, "can be read, but has been renamed", hint)
    return Check(subject, Status.OK, "can be read")


def _budget(api: GitHubApi) -> Check:
    budget = api.limits.budget
    if budget is None:
        return Check("budget", Status.OK, "the server sets no limit")
    left = f"{budget.remaining} of {budget.limit} requests left this hour"
    if budget.remaining < _LOW * budget.limit:
        return Check("budget", Status.WARNING, left, "wait, or show fewer repositories")
    return Check("budget", Status.OK, left)


def _failed(subject: str, error: SourceError) -> Check:
    return Check(subject, Status.FAILED, error.message, error.hint)
