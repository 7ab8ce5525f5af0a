"""GitHub Actions: runs, jobs, logs and deployments, on github.com and GitHub Enterprise.

Only what validates the config and fills menus is imported here. The rest is imported when a source
is connected or discovered.
"""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

from opsboard.adapter import (
    ActionSpec,
    Adapter,
    Context,
    Discovery,
    HostEnviron,
    LoginInputs,
    Source,
)
from opsboard.records import Kind, Record
from opsboard_adapters.github.actions.specs import OFFERS, disabled_reason
from opsboard_adapters.github.settings import GitHubSettings, WorkflowRecipe

__all__ = ["GitHub", "GitHubSettings"]


class GitHub(Adapter[GitHubSettings]):
    """The adapter for GitHub Actions."""

    name = "github"
    title = "GitHub Actions"
    settings = GitHubSettings
    kinds = frozenset({
        Kind.BUILD, Kind.DEPLOYMENT, Kind.REPOSITORY, Kind.COMMIT, Kind.PULL_REQUEST,
        Kind.COMMIT_COMPARISON, Kind.ARTIFACT,
    })  # fmt: skip
    enriches = frozenset({"commit", "image"})
    log_kinds = frozenset({Kind.BUILD, Kind.BUILD_JOB})
    actions = OFFERS
    recipe = WorkflowRecipe

    @classmethod
    def disabled_reason(cls, offer: ActionSpec, record: Record, settings: GitHubSettings) -> str:
        return disabled_reason(offer, record)

    @classmethod
    async def discover(cls, host_environ: HostEnviron) -> Sequence[Discovery]:
        from opsboard_adapters.github.discovery import discover  # noqa: PLC0415  (imported late)

        return await discover(host_environ)

    @classmethod
    def connect(
        cls, settings: GitHubSettings, context: Context
    ) -> AbstractAsyncContextManager[Source]:
        from opsboard_adapters.github.source import connect  # noqa: PLC0415  (imported late)

        return connect(settings, context)

    @classmethod
    def login_inputs(cls, settings: GitHubSettings, host_environ: HostEnviron) -> LoginInputs:
        from opsboard_adapters.github.login import login_inputs  # noqa: PLC0415  (imported late)

        return login_inputs(settings, host_environ)
