"""What ``opsboard doctor`` asks of a registry."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from opsboard.adapter import Check, Forbidden, SourceError, Unauthenticated
from opsboard.records import Status
from opsboard_adapters.registry.api import RegistryApi
from opsboard_adapters.registry.names import matches
from opsboard_adapters.registry.settings import RegistrySettings

MAX_REPOSITORIES: Final = 25
"""Repositories that are tested one by one."""
_LISTED: Final = 1_000
_LOW: Final = 0.1
_INSECURE: Final = (
    "insecure is set: somebody on the way may read the login, and change what is shown"
)


async def run(settings: RegistrySettings, api: RegistryApi) -> AsyncIterator[Check]:
    """Yield a check for each thing that has to work; stop where the rest cannot."""
    refused: SourceError | None = None
    try:
        await api.ping()
    except Unauthenticated as error:
        refused = error
    except Forbidden:
        pass  # it is there, and asks for more than a look: each repository says whether it is seen
    except SourceError as error:
        yield _failed("reachable", error)
        return
    yield Check("reachable", Status.OK, settings.api_url)
    if settings.is_unverified:
        yield Check("secure", Status.WARNING, _INSECURE, "use https, with the CA in ca_file")
    if refused is not None:
        yield _failed("logged in", refused)
        return
    yield _logged_in(api)
    async for check in _readable(settings, api):
        yield check
    yield _budget(api)


def _logged_in(api: RegistryApi) -> Check:
    login = api.transport.authorizer.login
    if not login:
        return Check("logged in", Status.OK, "with no login: only what is public is seen")
    who = f", as {login.username}" if login.username else ""
    return Check("logged in", Status.OK, f"with the login from {login.origin}{who}")


async def _readable(settings: RegistrySettings, api: RegistryApi) -> AsyncIterator[Check]:
    names = list(settings.named_repositories)
    if settings.repository_patterns:
        check, found = await _catalog(settings, api)
        yield check
        names += found
    for name in list(dict.fromkeys(names))[:MAX_REPOSITORIES]:
        yield await _repository(api, name)
    if len(names) > MAX_REPOSITORIES:
        rest = len(names) - MAX_REPOSITORIES
        yield Check("permitted", Status.UNKNOWN, f"{rest} more repositories were not tested")


async def _catalog(settings: RegistrySettings, api: RegistryApi) -> tuple[Check, Sequence[str]]:
    try:
        listed = await api.catalog(_LISTED)
    except SourceError as error:
        hint = 'name the repositories in config: repositories = ["shop/cart"]'
        status = Status.WARNING if settings.named_repositories else Status.FAILED
        return Check("catalog", status, error.message, hint), ()
    found = [name for name in listed if matches(name, settings.repository_patterns)]
    if not found:
        hint = "name the repositories in config, or ask for permission to list them"
        return Check("catalog", Status.WARNING, "no repository fits", hint), ()
    return Check("catalog", Status.OK, f"{len(found)} repositories"), found


async def _repository(api: RegistryApi, name: str) -> Check:
    try:
        tags = await api.tags(name)
    except SourceError as error:
        return _failed(name, error)
    count = f"{len(tags):,} tags" if len(tags) != 1 else "1 tag"
    return Check(name, Status.OK, f"{count} can be read")


def _budget(api: RegistryApi) -> Check:
    budget = api.transport.limits.budget
    if budget is None:
        return Check("budget", Status.OK, "the registry tells no limit")
    left = f"{budget.remaining} of {budget.limit} requests left"
    if budget.remaining < _LOW * budget.limit:
        return Check("budget", Status.WARNING, left, "log in for more, or show fewer repositories")
    return Check("budget", Status.OK, left)


def _failed(subject: str, error: SourceError) -> Check:
    return Check(subject, Status.FAILED, error.message, error.hint)
