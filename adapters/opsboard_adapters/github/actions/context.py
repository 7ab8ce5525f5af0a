"""What an action on GitHub works with."""

from dataclasses import dataclass
from datetime import datetime

from opsboard.adapter import Context
from opsboard_adapters.github.api import GitHubApi
from opsboard_adapters.github.reader import GitHubReader
from opsboard_adapters.github.settings import GitHubSettings
from opsboard_adapters.github.translate import GitHubTranslator


@dataclass(frozen=True, slots=True)
class GitHubContext:
    """One source, as its actions need it."""

    api: GitHubApi
    context: Context
    translator: GitHubTranslator
    settings: GitHubSettings
    reader: GitHubReader

    @classmethod
    def of(
        cls,
        api: GitHubApi,
        context: Context,
        translator: GitHubTranslator,
        settings: GitHubSettings,
    ) -> "GitHubContext":
        """Return the context of a source."""
        return cls(api, context, translator, settings, GitHubReader(api))

    @property
    def now(self) -> datetime:
        return self.context.now()

    def again(self) -> "GitHubContext":
        """Return this context with a reader that has read nothing yet."""
        return self.of(self.api, self.context, self.translator, self.settings)
