"""What every command begins with: which config file, which sources."""

import sys
from argparse import Namespace
from dataclasses import dataclass, replace
from pathlib import Path

from opsboard.config import registry
from opsboard.config.discover import discover, here
from opsboard.config.load import Config, load
from opsboard.config.paths import user_paths
from opsboard.config.resolved import ResolvedSource
from opsboard.config.settings import Settings


@dataclass(frozen=True, slots=True)
class Setup:
    """A config and where it came from; *file* is ``None`` where there is none.

    *asked_to_only_read* is what the command line says; the config may say so too.
    """

    config: Config
    file: Path | None
    asked_to_only_read: bool = False

    @property
    def read_only(self) -> bool:
        """Whether every action on every source is forbidden."""
        return self.asked_to_only_read or self.config.settings.read_only


def config_file(options: Namespace) -> Path | None:
    """Return the config file to read: named by flag, by environment, or the default if it exists.

    A file that was named is returned whether it exists or not, so that its absence is an error.
    """
    if options.config is not None:
        return Path(options.config)
    if named := here().env.get("OPSBOARD_CONFIG"):
        return Path(named)
    default = user_paths().config_file
    return default if default.exists() else None


def read(options: Namespace) -> Setup:
    """Return the config that *options* ask for. Raises :exc:`ConfigError`."""
    file = config_file(options)
    config = load(file) if file else Config(Settings())
    return Setup(config, file, options.read_only)


async def enabled_sources(setup: Setup) -> tuple[ResolvedSource, ...]:
    """Return the sources of the config, or what is discovered where there is no config.

    Where nothing may be done but read, that is in the settings of each of them.
    """
    sources = await _sources(setup)
    return tuple(map(_only_read, sources)) if setup.read_only else sources


def _only_read(source: ResolvedSource) -> ResolvedSource:
    return replace(source, settings=source.settings.model_copy(update={"read_only": True}))


async def _sources(setup: Setup) -> tuple[ResolvedSource, ...]:
    if setup.file is not None:
        return tuple(source for source in setup.config.sources if source.settings.enabled)
    adapters, errors = registry.load_all()
    for error in errors:
        complain(str(error))
    return await discover(adapters, here())


def complain(message: str) -> None:
    """Write *message* to standard error, under the program's name."""
    print(f"opsboard: {message}", file=sys.stderr)  # noqa: T201
