"""The first step of every command: read the config and find the sources."""

import asyncio
import sys
from argparse import Namespace
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from opsboard.config import registry
from opsboard.config.discovery import discover
from opsboard.config.load import Config, load_config
from opsboard.config.paths import config_file, current_environ
from opsboard.config.resolved_source import ResolvedSource
from opsboard.config.settings import Settings
from opsboard.demo.detection import NOTICE, is_demo
from opsboard.startup.snapshot import StartupSettings
from opsboard.text.sanitize import sanitize


@dataclass(frozen=True, slots=True)
class LoadedConfig:
    """A config and where it came from; *file* is ``None`` where there is none.

    *read_only_flag* is ``--read-only`` of the command line; the config may say so too.
    """

    config: Config
    file: Path | None
    read_only_flag: bool = False

    @property
    def read_only(self) -> bool:
        """Whether every action on every source is forbidden."""
        return self.read_only_flag or self.config.settings.read_only

    @property
    def read_only_by(self) -> str:
        """What forbids it: the flag, or the key in the config with its line."""
        return "--read-only" if self.read_only_flag else self.config.read_only_by

    def startup_settings(self, sources: Iterable[ResolvedSource]) -> StartupSettings:
        """Return what the next start needs for its first frame, if *sources* are shown."""
        settings = self.config.settings
        return StartupSettings(
            self.config.digest,
            settings.ui,
            settings.environments,
            settings.read_only,
            demo=is_demo(sources),
        )


def read_config(options: Namespace) -> LoadedConfig:
    """Return the config that *options* name. Raises :exc:`ConfigError`, which ``cli`` prints."""
    file = config_file(options.config, current_environ().env)
    config = load_config(file) if file else Config(Settings())
    return LoadedConfig(config, file, options.read_only)


def warn(message: str) -> None:
    """Write *message* to standard error as one line, after the program's name."""
    print(f"opsboard: {sanitize(message)}", file=sys.stderr)  # noqa: T201


def no_sources_message(setup: LoadedConfig) -> str:
    """Return the message for the case that there is no source at all."""
    if setup.file is None:
        return "nothing is configured and nothing was found; `opsboard init` writes a config"
    if setup.config.sources:
        return f"{setup.file}: every source in it has enabled = false"
    found = "`opsboard init --print` prints one of what is found here"
    return f"{setup.file} names no source: add one, such as [sources.github]; {found}"


def warn_if_demo(sources: Iterable[ResolvedSource]) -> None:
    """Say on standard error that nothing is real if *sources* are the demo's."""
    if is_demo(sources):
        warn(NOTICE)


async def enabled_sources(
    setup: LoadedConfig, warn: Callable[[str], object] = warn
) -> tuple[ResolvedSource, ...]:
    """Return the sources of the config, or what is discovered where there is no config.

    Where nothing may be done but read, that is in the settings of each of them. *warn* hears of
    adapters that do not load.
    """
    sources = await _sources(setup, warn)
    if not setup.read_only:
        return sources
    return tuple(_only_read(source, setup.read_only_by) for source in sources)


def sources_to_ask(setup: LoadedConfig) -> tuple[ResolvedSource, ...]:
    """Return the sources of a command; warn where there are none, and say how to have some."""
    sources = asyncio.run(enabled_sources(setup))
    if not sources:
        warn(no_sources_message(setup))
    return sources


def _only_read(source: ResolvedSource, by: str) -> ResolvedSource:
    settings = source.settings.model_copy(update={"read_only": True})
    return replace(source, settings=settings, read_only_by=by)


async def _sources(
    setup: LoadedConfig, warn: Callable[[str], object]
) -> tuple[ResolvedSource, ...]:
    if setup.file is not None:
        return tuple(source for source in setup.config.sources if source.settings.enabled)
    adapters, errors = registry.load_all_adapters()
    for error in errors:
        warn(str(error))
    return await discover(adapters, current_environ())
