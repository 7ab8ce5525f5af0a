"""Open the board on the sources that a command has found."""

from argparse import Namespace
from collections.abc import Callable, Sequence, Set
from typing import TYPE_CHECKING

from opsboard.collect.context import SystemClock
from opsboard.collect.history_service import HistoryService
from opsboard.collect.session import open_session
from opsboard.commands.action_setup import deferred_actions
from opsboard.config.declarations import declarations_of
from opsboard.config.paths import Paths, current_environ
from opsboard.config.ui_prefs import UiPrefs, UiPrefsValues
from opsboard.demo.detection import NOTICE, is_demo
from opsboard.environments.rules import EnvironmentRules
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.startup.snapshot import StartupSettings
from opsboard.ui.start import start

if TYPE_CHECKING:
    from opsboard.collect.supervisor import SourceResolver
    from opsboard.commands.setup import LoadedConfig
    from opsboard.config.resolved_source import ResolvedSource
    from opsboard.config.settings import Settings
    from opsboard.history.retention import Retention


@frozen_unchecked
class BoardLaunch(Frozen):
    """The sources to show, or a coroutine function that finds them, and the settings around them.

    *place* identifies the config file, or the folder where there is none: the cache is kept by it.
    *keys* are the cache keys of the sources, where they are known before the sources are. With
    *is_cacheable*, the next start may show the same board at once. *settings* returns those of the
    config; ``None`` until it has been read, and as long nothing can be changed.
    """

    sources: "Sequence[ResolvedSource] | SourceResolver"
    place: str
    startup_settings: StartupSettings
    settings: "Callable[[], Settings | None]"
    read_only: bool = False
    keys: Set[str] | None = None
    is_cacheable: bool = True


def launch_of(
    setup: "LoadedConfig", sources: "Sequence[ResolvedSource]", place: str
) -> BoardLaunch:
    """Return what to show of *setup*, a config that has been read."""
    settings = setup.config.settings
    startup_settings = StartupSettings(
        setup.config.digest,
        settings.ui,
        settings.environments,
        settings.read_only,
        demo=is_demo(sources),
    )
    return BoardLaunch(
        sources,
        place,
        startup_settings,
        lambda: settings,
        read_only=setup.read_only,
        is_cacheable=not setup.config.problems,
    )


def launch_board(launch: BoardLaunch, options: Namespace, paths: Paths) -> int:
    """Show the board until the user leaves; return the exit code. State and cache go to *paths*."""
    settings = launch.startup_settings
    session = open_session(
        launch.sources,
        host_environ=current_environ(),
        paths=paths,
        workspace=launch.place,
        environments=EnvironmentRules(settings.environments),
        startup_settings=settings if launch.is_cacheable else None,
        keys=launch.keys,
        retention=lambda: _retention(launch),
        declared=lambda: declarations_of(launch.settings()),
    )
    actions = deferred_actions(session, paths, launch.settings, read_only=launch.read_only)
    try:
        return start(
            session.feed,
            session.board,
            ui_prefs_of(settings.ui_prefs, options),
            SystemClock(),
            paths.themes,
            acts=actions,
            problems=lambda: (*session.problems(), *actions.problems, *config_hints(launch)),
            read_only=launch.read_only,
            demo=NOTICE if settings.demo else "",
            history=HistoryService(session.board, paths.state, SystemClock()),
        )
    finally:
        session.close()


def _retention(launch: BoardLaunch) -> "Retention | None":
    """Return how the history is kept, once the config has been read. In the recorder's thread."""
    from opsboard.history.retention import retention_of  # noqa: PLC0415 - behind the first frame

    return retention_of(launch.settings())


def config_hints(launch: BoardLaunch) -> Sequence[str]:
    """Return what is out of date in the config, once it has been read."""
    settings = launch.settings()
    return () if settings is None else settings.hints


def ui_prefs_of(prefs: UiPrefs, options: Namespace) -> UiPrefs:
    """Return *prefs* of the config with what the command line says otherwise."""
    return UiPrefsValues(
        theme=options.theme or prefs.theme,
        ascii=prefs.ascii if options.ascii is None else options.ascii,
        mouse=prefs.mouse and not options.no_mouse,
        keys=prefs.keys,
    )
