"""A connected GitHub host: what changes there, details, logs, checks and actions."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import httpx

from opsboard.adapter import (
    Change,
    Check,
    Context,
    Detail,
    Forbidden,
    LogLine,
    LogQuery,
    NotFound,
    Permit,
    Plan,
    Principal,
    Receipt,
    Source,
)
from opsboard.records import JSON, Identity, Ref
from opsboard_adapters import http
from opsboard_adapters.github import checks, login, logs
from opsboard_adapters.github.actions.runner import action_runner
from opsboard_adapters.github.api import GitHubApi
from opsboard_adapters.github.artifacts import ArtifactsPoller
from opsboard_adapters.github.claims import RepositoryHost
from opsboard_adapters.github.commit_facts import CommitFacts
from opsboard_adapters.github.detail import DetailReader
from opsboard_adapters.github.login import GitHubLogin
from opsboard_adapters.github.models import GitHubUser, parse
from opsboard_adapters.github.polling import RepositoryPolling
from opsboard_adapters.github.pull_requests import PullRequestReader
from opsboard_adapters.github.rate_limits import RateLimits
from opsboard_adapters.github.settings import GitHubSettings, is_cloud
from opsboard_adapters.github.translate import GitHubTranslator

HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}


@asynccontextmanager
async def connect(
    settings: GitHubSettings,
    context: Context,
    *,
    transport: httpx.AsyncBaseTransport | None = None,
) -> AsyncIterator[Source]:
    """Yield a source for as long as the context is open. Nothing is requested before it is used."""
    own_login = await login.resolve(settings, context)
    headers = {
        **HEADERS,
        **({"Authorization": f"Bearer {own_login.token}"} if own_login.token else {}),
    }
    base = settings.base_url
    async with (
        http.open_client(
            base + "/",
            headers=headers,
            ca_file=settings.ca_file,
            max_connections=None,  # RequestSlots bounds them: no second queue
            timeout=settings.timeout,
            response_limits=http.response_limits(settings),
            transport=transport,
        ) as client,
        http.open_client(
            base + "/",
            ca_file=settings.ca_file,
            max_connections=None,
            timeout=settings.timeout,
            response_limits=http.response_limits(settings),
            transport=transport,
        ) as anonymous,
    ):
        api = GitHubApi(
            client,
            anonymous,
            RateLimits(authenticated=bool(own_login.token)),
            now=context.now,
            max_parallel=settings.max_parallel,
        )
        host = RepositoryHost(settings.web_host, urlsplit(base).netloc)
        yield GitHubSource(settings, context, api, host, own_login)


def web_origin(settings: GitHubSettings) -> str:
    """Return the origin of the pages for people, such as ``https://github.com``."""
    scheme = urlsplit(settings.base_url).scheme
    host = settings.web_host
    return f"https://{host}" if is_cloud(host) else f"{scheme}://{host}"


class GitHubSource(Source):
    """Repositories of one host, polled with one login."""

    def __init__(
        self,
        settings: GitHubSettings,
        context: Context,
        api: GitHubApi,
        host: RepositoryHost,
        login: GitHubLogin,
    ) -> None:
        self._settings = settings
        self._context = context
        self._api = api
        self._login = login
        self.address = settings.base_url
        self._commits, self._artifacts = None, None
        if settings.commits and login.token:
            self._commits = CommitFacts(context.name, host, api)
            self._artifacts = ArtifactsPoller(context.name, host, api)
        translator = GitHubTranslator(
            context.name,
            context.environment_of,
            web_origin(settings),
            host,
            self._commits.default_branch if self._commits else lambda _: "",
        )
        self._details = DetailReader(
            api, translator, context.now, PullRequestReader(context.name, host, api)
        )
        self._polling = RepositoryPolling(
            settings,
            context,
            api,
            translator,
            facts=self._commits,
            images=self._artifacts,
        )
        self.action_runner = action_runner(api, context, settings, translator.web)

    def changes(self) -> AsyncIterator[Change]:
        return self._polling.changes()

    async def principal(self) -> Principal | None:
        """Return the user whose token this is; ``None`` for nobody, and for an app's own token."""
        if not self._login:
            return None
        try:
            user = parse(GitHubUser, await self._api.get_object("user"))
        except (Forbidden, NotFound):
            return None
        return Principal(name=user.login, id=str(user.id or "")) if user.login else None

    def enrich(self, identities: frozenset[Identity]) -> None:
        if self._commits is not None:
            self._commits.enrich(identities)
        if self._artifacts is not None:
            self._artifacts.enrich(identities)
        self._polling.note_stated()

    @property
    def is_enriching(self) -> bool:
        return self._polling.is_enriching

    async def detail(self, ref: Ref) -> Detail:
        return await self._details.detail(ref)

    async def raw(self, ref: Ref) -> JSON:
        return await self._details.raw(ref)

    def logs(self, ref: Ref, query: LogQuery) -> AsyncIterator[LogLine]:
        return logs.read_lines(self._api, self._context, ref, query)

    def checks(self) -> AsyncIterator[Check]:
        return checks.run(self._settings, self._api, self._login)

    async def execute(self, plan: Plan, permit: Permit) -> Receipt:
        receipt = await super().execute(plan, permit)
        self._polling.expedite(str(plan.payload["repository"]))
        return receipt
