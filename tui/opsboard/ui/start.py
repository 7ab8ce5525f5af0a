"""Starting the board: what has to be right before Textual is imported, and what comes after."""

import logging
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from opsboard.adapter import Clock
from opsboard.config.ui_prefs import UiPrefs
from opsboard.startup import instant_frame
from opsboard.system.exit_codes import ExitCode
from opsboard.ui.terminal.shutdown import shutdown_watchdog, terminal_problem

if TYPE_CHECKING:
    from opsboard.acting.service import ActionService
    from opsboard.board.state import Board
    from opsboard.collect.feed import Feed
    from opsboard.collect.program_runner import ProgramRunner
    from opsboard.config.scope_file import ScopeFile
    from opsboard.delivery.port import LedgerPort
    from opsboard.startup.frame_keeper import FrameKeeper
    from opsboard.ui.config_port import ConfigPort
    from opsboard.ui.context import ChosenScope

FRAMES = "30"
"""Frames a second at most: as smooth as a table needs, half of what Textual sends by itself."""

USAGE = ExitCode.USAGE
"""The exit code for what was asked for wrongly."""


def start(
    feed: "Feed",
    board: "Board",
    settings: UiPrefs,
    clock: Clock,
    themes: Path | None = None,
    *,
    acts: "ActionService | None" = None,
    problems: Callable[[], Iterable[str]] = tuple,
    read_only: bool = False,
    demo: str = "",
    history: "LedgerPort | None" = None,
    scope_file: "ScopeFile | None" = None,
    config: "ConfigPort | None" = None,
    programs: "ProgramRunner | None" = None,
    frames: "FrameKeeper | None" = None,
) -> int:
    """Show *board* until the user leaves; return the exit code.

    Without *acts*, it only shows; *history* answers what was. *themes* is the folder of the user's
    own themes; *problems* tells what cannot be kept over restarts, and is asked now and then. On
    the demo, every screen says so, and help says *demo*: what it is, and how to leave it. What
    panes are narrowed to is kept in *scope_file*; *config* tells of saved views. *programs* are
    lent the terminal; *frames* keeps what the next start paints at once. The feed is
    started once the first frame is drawn, and stopped at the end.
    """
    unfit = terminal_problem(os.environ, tty_in=sys.stdin.isatty(), tty_out=sys.stderr.isatty())
    if unfit:
        return _refuse(unfit)
    # without a handler, Python writes warnings to the terminal, over the board or after it
    logging.getLogger().addHandler(logging.NullHandler())
    logging.captureWarnings(capture=True)  # such as of a request that was cut short by leaving
    os.environ.setdefault("TEXTUAL_FPS", FRAMES)  # read when textual is imported
    from opsboard.ui.actions.keymap import KeymapError  # noqa: PLC0415 - see above
    from opsboard.ui.app import OpsboardApp  # noqa: PLC0415 - see above

    resort = shutdown_watchdog()
    try:
        app = OpsboardApp(
            feed,
            board,
            settings,
            clock,
            acts,
            themes=themes,
            problems=problems,
            read_only=read_only,
            demo=demo,
            history=history,
            scope=_scope_state(scope_file),
            config=config,
            ending=resort.arm,
            programs=programs,
            frames=frames,
        )
    except KeymapError as error:
        return _refuse(str(error) if config is None else config.key_problem(error))
    try:
        app.run(mouse=settings.mouse)
    finally:
        resort.disarm()
        feed.stop()
    return app.return_code or 0


def _scope_state(file: "ScopeFile | None") -> "ChosenScope | None":
    """Return the scope of the last session, and how it is kept."""
    if file is None:
        return None
    from opsboard.ui.context import ChosenScope  # noqa: PLC0415 - see above
    from opsboard.views.scope import Scope  # noqa: PLC0415 - see above

    def save(scope: Scope) -> str:
        return file.save({"namespaces": scope.namespaces, "clusters": scope.clusters})

    return ChosenScope(Scope(**file.load()), save)


def _refuse(why: str) -> int:
    instant_frame.withdraw(drop_keys=True)
    sys.stderr.write(f"opsboard: {why}\n")
    return USAGE
