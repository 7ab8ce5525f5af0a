"""GitHub Actions: runs, jobs, steps and logs; deployments and environments; acting on them.

Works with github.com and GitHub Enterprise. What is imported here is only what validates
config; the rest is loaded when the source is connected or looked for.
"""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from opsboard.adapter import Adapter, Context, Discovery, Offer, Source, Surroundings
from opsboard.records import Kind, Record
from opsboard_adapters.github.actions.recipe import WorkflowRecipe
from opsboard_adapters.github.actions.specs import OFFERS, why_not
from opsboard_adapters.github.settings import GitHubSettings

__all__ = ["GitHub", "GitHubSettings"]


class GitHub(Adapter[GitHubSettings]):
    """The adapter for GitHub Actions."""

    name = "github"
    title = "GitHub Actions"
    settings = GitHubSettings
    kinds = frozenset({Kind.BUILD, Kind.DEPLOYMENT})
    log_kinds = frozenset({Kind.BUILD, Kind.BUILD_JOB})
    offers = OFFERS
    recipe = WorkflowRecipe

    @classmethod
    def why_not(cls, offer: Offer, record: Record, settings: GitHubSettings) -> str:
        return why_not(offer, record)

    @classmethod
    async def discover(cls, surroundings: Surroundings) -> Sequence[Discovery]:
        from opsboard_adapters.github.discover import discover  # noqa: PLC0415  (loaded late)

        return await discover(surroundings)

    @classmethod
    def connect(
        cls, settings: GitHubSettings, context: Context
    ) -> AbstractAsyncContextManager[Source]:
        from opsboard_adapters.github.connect import connect  # noqa: PLC0415  (loaded late)

        return connect(settings, context)

    @classmethod
    def identity(cls, settings: GitHubSettings, surroundings: Surroundings) -> str:
        from opsboard_adapters.github.login import ambient_login  # noqa: PLC0415  (loaded late)

        found = ambient_login(settings.web_host, surroundings)
        return "\n".join((super().identity(settings, surroundings), found.user, found.token))

    @classmethod
    def login_files(cls, settings: GitHubSettings, surroundings: Surroundings) -> Sequence[Path]:
        from opsboard_adapters.github.login import gh_hosts_file  # noqa: PLC0415  (loaded late)

        return [*super().login_files(settings, surroundings), gh_hosts_file(surroundings)]
