"""The action service of a session: made after the board's first frame, by ``act`` at once."""

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from opsboard.acting.deferred import DeferredActions
from opsboard.collect.context import SystemClock
from opsboard.collect.session import Session
from opsboard.config.paths import Paths, current_environ

if TYPE_CHECKING:
    from opsboard.acting.coordinator import ActionCoordinator
    from opsboard.config.settings import Settings

_log = logging.getLogger(__name__)


def deferred_actions(
    session: Session,
    paths: Paths,
    settings: "Callable[[], Settings | None]",
    *,
    read_only: bool,
    on_ready: "Callable[[ActionCoordinator], None]" = lambda _: None,
) -> DeferredActions:
    """Return the action service of *session*, which is ready once its sources are known.

    Runs that earlier programs left open are continued then. *settings* returns those of the config,
    ``None`` if it could not be read. *on_ready* is called with the service, in the engine's loop.
    """
    actions = DeferredActions()
    resuming: set[asyncio.Task[None]] = set()

    def bring() -> None:
        """Runs in the engine's loop."""
        try:
            current = settings()
            if current is None:
                actions.set_failed("the config could not be read")
                return
            coordinator = make_coordinator(session, paths, current, read_only=read_only)
            on_ready(coordinator)
            actions.set_ready(coordinator)
            resuming.add(asyncio.get_running_loop().create_task(coordinator.resume_open_runs()))
        except Exception as error:  # the board shows all the same
            _log.exception("acting is not possible")
            actions.set_failed(f"{type(error).__name__}; the program's log has more")

    session.feed.call_when_sources_found(bring)
    return actions


def make_coordinator(
    session: Session, paths: Paths, settings: "Settings", *, read_only: bool
) -> "ActionCoordinator":
    """Return the action service of *session*, with its audit trail in *paths*."""
    from opsboard.acting.actor import current_actor  # noqa: PLC0415 - behind the first frame
    from opsboard.acting.audit.log import AuditLog  # noqa: PLC0415
    from opsboard.acting.audit.witness import witness_of  # noqa: PLC0415
    from opsboard.acting.coordinator import ActionCoordinator  # noqa: PLC0415
    from opsboard.acting.starting.declared_checks import DeclaredChecks  # noqa: PLC0415
    from opsboard.acting.starting.roll_out_history import PastJudge  # noqa: PLC0415
    from opsboard.collect.history_service import HistoryService  # noqa: PLC0415

    clock = SystemClock()
    actor = current_actor(current_environ().env)
    witness = witness_of(settings.audit.head_file, actor, required=settings.audit.required)
    audit_log = AuditLog(paths.state, actor, clock, witness=witness)
    past = PastJudge(HistoryService(session.board, paths.state, clock).roll_outs, clock.now)
    host, masked = current_environ(), session.redactor.plan
    return ActionCoordinator(
        session.feed, audit_log, clock, session.redactor, settings,
        read_only=read_only, on_board=session.board.get, seen=session.board.failures,
        judges=lambda newest: (past, DeclaredChecks(newest.start_checks, host, masked)),
    )  # fmt: skip
