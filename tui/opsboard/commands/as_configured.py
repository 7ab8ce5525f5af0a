"""From a config that has been read to what is to be shown of it."""

from collections.abc import Sequence

from opsboard.commands.launch import BoardLaunch
from opsboard.commands.setup import LoadedConfig
from opsboard.config.resolved_source import ResolvedSource
from opsboard.demo.detection import is_demo
from opsboard.startup.first_frame import StartupSettings


def launch_of(setup: LoadedConfig, sources: Sequence[ResolvedSource], place: str) -> BoardLaunch:
    """Return what is to be shown of *setup*."""
    settings = setup.config.settings
    told = StartupSettings(
        setup.config.digest,
        settings.ui,
        settings.environments,
        settings.read_only,
        demo=is_demo(sources),
    )
    believable = not setup.config.problems
    return BoardLaunch(
        sources, place, told, lambda: settings, read_only=setup.read_only, is_cacheable=believable
    )
