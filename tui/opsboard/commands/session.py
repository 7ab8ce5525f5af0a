"""A session without a screen, for who looks once or acts once: nothing is restored or kept."""

from collections.abc import Sequence

from opsboard.board.cache import workspace_of
from opsboard.collect.session import Session, open_session
from opsboard.commands.setup import LoadedConfig, warn_if_demo
from opsboard.config.here import current_environ
from opsboard.config.paths import user_paths
from opsboard.config.resolved_source import ResolvedSource
from opsboard.environments.rules import EnvironmentRules


def headless_session(setup: LoadedConfig, sources: Sequence[ResolvedSource]) -> Session:
    """Return a session of *sources*, whose feed is yet to be started; say so if it is the demo."""
    warn_if_demo(sources)
    host_environ = current_environ()
    return open_session(
        sources,
        host_environ=host_environ,
        paths=user_paths(),
        workspace=workspace_of(setup.file, host_environ.cwd),
        environments=EnvironmentRules(setup.config.settings.environments),
        cached=False,
    )
