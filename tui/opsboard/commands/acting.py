"""Acting, brought to a session: by the board behind its first frame, by ``act`` at once."""

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from opsboard.act.late import LateActs
from opsboard.collect.clock import SystemClock
from opsboard.collect.session import Session
from opsboard.config.here import here
from opsboard.config.paths import Paths

if TYPE_CHECKING:
    from opsboard.act.operations import Operations
    from opsboard.config.settings import Settings

_log = logging.getLogger(__name__)


def late_acts(
    session: Session, paths: Paths, settings: "Callable[[], Settings | None]", *, read_only: bool
) -> LateActs:
    """Return what acts for *session* once its sources are known; what was left open goes on then.

    *settings* returns those of the config, once the sources were found by it.
    """
    acts = LateActs()
    resuming: set[asyncio.Task[None]] = set()

    def bring() -> None:
        """Runs in the engine's loop."""
        try:
            told = settings()
            if told is None:
                acts.fail("the config could not be read")
                return
            operations = make_operations(session, paths, told, read_only=read_only)
            acts.come(operations)
            resuming.add(asyncio.get_running_loop().create_task(operations.resume()))
        except Exception as error:  # the board shows all the same
            _log.exception("acting is not possible")
            acts.fail(f"{type(error).__name__}; the program's log has more")

    session.feed.once_gathered(bring)
    return acts


def make_operations(
    session: Session, paths: Paths, settings: "Settings", *, read_only: bool
) -> "Operations":
    """Return what acts for *session*, with its audit trail in *paths*."""
    from opsboard.act.actor import this_actor  # noqa: PLC0415 - behind the first frame
    from opsboard.act.audit.trail import Trail  # noqa: PLC0415
    from opsboard.act.audit.witness import witness_of  # noqa: PLC0415
    from opsboard.act.operations import Operations  # noqa: PLC0415

    clock = SystemClock()
    actor = this_actor(here().env)
    witness = witness_of(settings.audit.head_file, actor, required=settings.audit.required)
    trail = Trail(paths.state, actor, clock, witness=witness)
    return Operations(
        session.feed, trail, clock, session.redactor, settings,
        read_only=read_only, on_board=session.board.get, seen=session.board.failures,
    )  # fmt: skip
