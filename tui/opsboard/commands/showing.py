"""Opens the board on what one of the commands has found to show."""

from argparse import Namespace
from collections.abc import Callable, Sequence, Set
from typing import TYPE_CHECKING

from opsboard.collect.clock import SystemClock
from opsboard.collect.recall import Told
from opsboard.collect.session import open_session
from opsboard.commands.acting import late_acts
from opsboard.config.environments import EnvironmentRules
from opsboard.config.here import here
from opsboard.config.paths import Paths
from opsboard.config.taste import OwnTaste, Taste
from opsboard.demo.detection import NOTICE
from opsboard.tidy import Tidy, plain
from opsboard.ui.start import start

if TYPE_CHECKING:
    from opsboard.collect.crew import Resolve
    from opsboard.config.resolved import ResolvedSource
    from opsboard.config.settings import Settings


@plain
class Showing(Tidy):
    """The sources, or what finds them, and what the config tells beside them.

    *keys* are those of the sources where they are known before the sources are. The next start
    may show the same at once where this is *believable*. *settings* returns the config's, or
    ``None`` as long as it has not been read; then nothing can be done.
    """

    sources: "Sequence[ResolvedSource] | Resolve"
    place: str
    told: Told
    settings: "Callable[[], Settings | None]"
    read_only: bool = False
    keys: Set[str] | None = None
    believable: bool = True


def show(showing: Showing, options: Namespace, paths: Paths) -> int:
    """Show the board until the user leaves; what is kept goes to *paths*."""
    told = showing.told
    session = open_session(
        showing.sources,
        host_environ=here(),
        paths=paths,
        place=showing.place,
        environments=EnvironmentRules(told.environments),
        told=told if showing.believable else None,
        keys=showing.keys,
    )
    acts = late_acts(session, paths, showing.settings, read_only=showing.read_only)
    try:
        return start(
            session.feed,
            session.board,
            taste_of(told.taste, options),
            SystemClock(),
            paths.themes,
            acts=acts,
            problems=lambda: (*session.problems(), *acts.problems),
            read_only=showing.read_only,
            demo=NOTICE if told.demo else "",
        )
    finally:
        session.close()


def taste_of(taste: Taste, options: Namespace) -> Taste:
    """Return *taste* with what the command line says otherwise."""
    return OwnTaste(
        theme=options.theme or taste.theme,
        ascii=taste.ascii if options.ascii is None else options.ascii,
        mouse=taste.mouse and not options.no_mouse,
        keys=taste.keys,
    )
