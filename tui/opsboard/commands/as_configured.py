"""From a config that has been read to what is to be shown of it."""

from collections.abc import Sequence

from opsboard.collect.recall import Told
from opsboard.commands.setup import Setup
from opsboard.commands.showing import Showing
from opsboard.config.resolved import ResolvedSource
from opsboard.demo.detection import is_demo


def as_configured(setup: Setup, sources: Sequence[ResolvedSource], place: str) -> Showing:
    """Return what is to be shown of *setup*."""
    settings = setup.config.settings
    told = Told(
        setup.config.digest,
        settings.ui,
        settings.environments,
        settings.read_only,
        demo=is_demo(sources),
    )
    believable = not setup.config.problems
    return Showing(
        sources, place, told, lambda: settings, read_only=setup.read_only, believable=believable
    )
