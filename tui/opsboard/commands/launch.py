"""Open the board on the sources that a command has found."""

from collections.abc import Callable, Sequence, Set
from functools import partial
from typing import TYPE_CHECKING

from opsboard.collect.context import SystemClock
from opsboard.collect.history_service import HistoryService
from opsboard.collect.session import Session, open_session
from opsboard.commands.action_setup import deferred_actions
from opsboard.commands.live_config import LiveConfig
from opsboard.config.declarations import declarations_of
from opsboard.config.paths import Paths, current_environ
from opsboard.config.scope_file import ScopeFile
from opsboard.config.ui_prefs import ui_prefs_of
from opsboard.demo.detection import NOTICE
from opsboard.environments.rules import EnvironmentRules
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.startup.frame_keeper import FrameKeeper, FramePlace
from opsboard.startup.snapshot import StartupSettings
from opsboard.system.background import run_in_thread
from opsboard.ui.start import start

if TYPE_CHECKING:
    from argparse import Namespace

    from opsboard.acting.coordinator import ActionCoordinator
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
    *is_cacheable*, the next start may show the same board at once. *setup* returns the config;
    ``None`` until it has been read, and as long nothing can be changed.
    """

    sources: "Sequence[ResolvedSource] | SourceResolver"
    place: str
    startup_settings: StartupSettings
    setup: "Callable[[], LoadedConfig | None]"
    read_only: bool = False
    keys: Set[str] | None = None
    is_cacheable: bool = True

    def settings(self) -> "Settings | None":
        """Return the settings of the config, once it has been read."""
        setup = self.setup()
        return None if setup is None else setup.config.settings


def launch_of(
    setup: "LoadedConfig", sources: "Sequence[ResolvedSource]", place: str
) -> BoardLaunch:
    """Return what to show of *setup*, a config that has been read."""
    return BoardLaunch(
        sources,
        place,
        setup.startup_settings(sources),
        lambda: setup,
        read_only=setup.read_only,
        is_cacheable=not setup.config.problems,
    )


def launch_board(
    launch: BoardLaunch, options: "Namespace", paths: Paths, place: FramePlace | None = None
) -> int:
    """Show the board until the user leaves; return the exit code. State and cache go to *paths*.

    The last frame is kept for the next start at *place*, if there is one.
    """
    settings = launch.startup_settings
    config = LiveConfig(launch.setup, options)
    session = open_session(
        launch.sources,
        host_environ=current_environ(),
        paths=paths,
        workspace=launch.place,
        environments=EnvironmentRules(settings.environments),
        startup_settings=settings if launch.is_cacheable else None,
        keys=launch.keys,
        retention=lambda: _retention(launch),
        declared=lambda: declarations_of(config.settings()),
    )
    config.engine = session.feed
    frames = _frame_keeper(launch, session, place, config)
    actions = deferred_actions(
        session,
        paths,
        launch.settings,
        read_only=launch.read_only,
        on_ready=partial(_begin_acting, config),
    )
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
            scope_file=ScopeFile(paths.state, launch.place),
            config=config,
            programs=session.feed.programs,
            frames=frames,
        )
    finally:
        config.stop()
        session.close()
        if frames is not None:
            frames.close()


def _frame_keeper(
    launch: BoardLaunch, session: Session, place: FramePlace | None, config: LiveConfig
) -> FrameKeeper | None:
    """Return what keeps the last frame, as far as *config* wants it."""
    writer = session.cache_writer
    if place is None or writer is None or not launch.is_cacheable:
        return None

    def is_wanted() -> bool | None:
        settings = config.settings()
        return None if settings is None else settings.ui.first_frame

    digest = launch.startup_settings.config_digest
    return FrameKeeper(place, lambda: writer.snapshot, digest, is_wanted)


def _begin_acting(config: LiveConfig, coordinator: "ActionCoordinator") -> None:
    """Let *coordinator* go by *config*, once what killed programs have left is being removed."""
    from opsboard.system.temporary_folders import (  # noqa: PLC0415 - not for the first frame
        remove_left_behind,
    )

    run_in_thread(lambda: remove_left_behind(current_environ().env))
    config.act_by(coordinator)


def _retention(launch: BoardLaunch) -> "Retention | None":
    """Return how the history is kept, once the config has been read. In the recorder's thread."""
    from opsboard.history.retention import retention_of  # noqa: PLC0415 - behind the first frame

    return retention_of(launch.settings())


def config_hints(launch: BoardLaunch) -> Sequence[str]:
    """Return what is out of date in the config, once it has been read."""
    settings = launch.settings()
    return () if settings is None else settings.hints
