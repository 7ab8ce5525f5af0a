"""``opsboard``: the board itself, or the demo world where nothing is configured or found.

What is imported before the first frame counts against it. Where the last session's board can
be shown at once, nothing else is read for it: no config, no adapter, no pydantic. All that is
done behind the frame, in the engine's thread.
"""

import logging
from argparse import Namespace
from typing import TYPE_CHECKING

from opsboard.board.cache import workspace_of
from opsboard.commands.launch import BoardLaunch, launch_board
from opsboard.config.file import config_file
from opsboard.config.here import current_environ
from opsboard.config.paths import user_paths
from opsboard.startup.first_frame import FirstFrame, load_first_frame

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opsboard.commands.setup import LoadedConfig
    from opsboard.config.resolved_source import ResolvedSource

_log = logging.getLogger(__name__)


def run(options: Namespace) -> int:
    """Open the board; return the exit code."""
    host_environ, paths = current_environ(), user_paths()
    file = config_file(options.config, host_environ.env)
    place = workspace_of(file, host_environ.cwd)
    if recalled := load_first_frame(paths.cache, place, file, host_environ):
        return launch_board(_as_it_was(recalled, options, place), options, paths)
    from opsboard.commands.anew import run_without_snapshot  # noqa: PLC0415 - reads and imports everything

    return run_without_snapshot(options, place, paths)


def _as_it_was(first_frame: FirstFrame, options: Namespace, place: str) -> BoardLaunch:
    """Return what the last session was, for as long as the engine finds out what is now."""

    setups: list[LoadedConfig] = []

    async def find() -> "Sequence[ResolvedSource]":
        from opsboard.commands.setup import enabled_sources, read_config  # noqa: PLC0415 - in its thread

        setups.append(read_config(options))
        return await enabled_sources(setups[0], _log.warning)

    return BoardLaunch(
        find,
        place,
        first_frame.settings,
        lambda: setups[0].config.settings if setups else None,
        read_only=options.read_only or first_frame.settings.read_only,
        keys=first_frame.keys,
    )
