"""What every command begins with: which config file, which sources."""

import sys
from argparse import Namespace
from dataclasses import dataclass
from pathlib import Path

from opsboard.config import registry
from opsboard.config.discover import discover, here
from opsboard.config.load import Config, load
from opsboard.config.paths import user_paths
from opsboard.config.resolved import ResolvedSource
from opsboard.config.settings import Settings


@dataclass(frozen=True, slots=True)
class Setup:
    """A config and where it came from; *file* is ``None`` where there is none."""

    config: Config
    file: Path | None

    @classmethod
    def empty(cls) -> "Setup":
        """Return the setup of who has no config."""
        return cls(Config(Settings()), None)


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
    return Setup(load(file), file) if file else Setup.empty()


async def enabled_sources(setup: Setup) -> tuple[ResolvedSource, ...]:
    """Return the sources of the config, or what is discovered where there is no config."""
    if setup.file is not None:
        return tuple(source for source in setup.config.sources if source.settings.enabled)
    adapters, errors = registry.load_all()
    for error in errors:
        complain(str(error))
    return await discover(adapters, here())


def complain(message: str) -> None:
    """Write *message* to standard error, under the program's name."""
    print(f"opsboard: {message}", file=sys.stderr)  # noqa: T201
