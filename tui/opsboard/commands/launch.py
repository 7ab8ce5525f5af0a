"""Opens the board on what one of the commands has found to show."""

from argparse import Namespace
from collections.abc import Callable, Sequence, Set
from typing import TYPE_CHECKING

from opsboard.collect.context import SystemClock
from opsboard.collect.session import open_session
from opsboard.commands.action_setup import deferred_actions
from opsboard.config.here import current_environ
from opsboard.config.paths import Paths
from opsboard.config.ui_prefs import UiPrefs, UiPrefsValues
from opsboard.demo.detection import NOTICE
from opsboard.environments.rules import EnvironmentRules
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.startup.first_frame import StartupSettings
from opsboard.ui.start import start

if TYPE_CHECKING:
    from opsboard.collect.supervisor import SourceResolver
    from opsboard.config.resolved_source import ResolvedSource
    from opsboard.config.settings import Settings


@frozen_unchecked
class BoardLaunch(Frozen):
    """The sources, or what finds them, and what the config tells beside them.

    *keys* are those of the sources where they are known before the sources are. The next start
    may show the same at once where this is *believable*. *settings* returns the config's, or
    ``None`` as long as it has not been read; then nothing can be done.
    """

    sources: "Sequence[ResolvedSource] | SourceResolver"
    place: str
    told: StartupSettings
    settings: "Callable[[], Settings | None]"
    read_only: bool = False
    keys: Set[str] | None = None
    is_cacheable: bool = True


def launch_board(showing: BoardLaunch, options: Namespace, paths: Paths) -> int:
    """Show the board until the user leaves; what is kept goes to *paths*."""
    told = showing.told
    session = open_session(
        showing.sources,
        host_environ=current_environ(),
        paths=paths,
        workspace=showing.place,
        environments=EnvironmentRules(told.environments),
        startup_settings=told if showing.is_cacheable else None,
        keys=showing.keys,
    )
    acts = deferred_actions(session, paths, showing.settings, read_only=showing.read_only)
    try:
        return start(
            session.feed,
            session.board,
            ui_prefs_of(told.taste, options),
            SystemClock(),
            paths.themes,
            acts=acts,
            problems=lambda: (*session.problems(), *acts.problems, *config_hints(showing)),
            read_only=showing.read_only,
            demo=NOTICE if told.demo else "",
        )
    finally:
        session.close()


def config_hints(launch: BoardLaunch) -> Sequence[str]:
    """Return what to tell of the config, once it has been read."""
    settings = launch.settings()
    return () if settings is None else settings.hints


def ui_prefs_of(taste: UiPrefs, options: Namespace) -> UiPrefs:
    """Return *taste* with what the command line says otherwise."""
    return UiPrefsValues(
        theme=options.theme or taste.theme,
        ascii=taste.ascii if options.ascii is None else options.ascii,
        mouse=taste.mouse and not options.no_mouse,
        keys=taste.keys,
    )
