"""``opsboard audit settle``: continue a run that was left open, because a person asks for it."""

import asyncio
import sys
from argparse import Namespace
from collections.abc import Sequence

from opsboard.acting.actor import current_actor
from opsboard.acting.audit.action_history import ActionRun, action_runs, activity_of
from opsboard.acting.audit.log import AuditError, AuditLog
from opsboard.acting.run_locks import RunLocks
from opsboard.adapter import SourceError
from opsboard.collect.context import SystemClock
from opsboard.commands.act_report import CODES, ActReport, activity_line, watch_runs
from opsboard.commands.action_setup import make_coordinator
from opsboard.commands.collect_once import collect_once, headless_session
from opsboard.commands.setup import LoadedConfig, enabled_sources, read_config, warn
from opsboard.config.paths import current_environ, user_paths
from opsboard.system.exit_codes import ExitCode


def run(options: Namespace) -> int:
    """Reconcile and observe the named run; return an exit code as of ``opsboard act``."""
    try:
        found = _named(options.plan_id)
    except AuditError as error:
        warn(str(error))
        return ExitCode.REFUSED
    if len(found) != 1:
        what = "several acts begin" if found else "no act begins"
        warn(f"{what} with {options.plan_id!r}; `opsboard audit` names those that are open")
        return ExitCode.USAGE
    (act,) = found
    if not act.is_open:
        shown = activity_of(act)
        sys.stdout.write(f"{activity_line(shown)}\n")
        return CODES[shown.state]
    return _settle(act, read_config(options), options.wait_fresh)


def _named(beginning: str) -> Sequence[ActionRun]:
    paths = user_paths()
    audit_log = AuditLog(paths.state, current_actor(current_environ().env), SystemClock())
    runs = action_runs(audit_log.entries(), RunLocks(paths.state))
    return [act for act in runs if beginning and act.plan.id.startswith(beginning)]


def _settle(act: ActionRun, setup: LoadedConfig, wait: float) -> ExitCode:
    session = headless_session(setup, asyncio.run(enabled_sources(setup)))
    report = ActReport(as_json=False)
    try:
        coordinator = make_coordinator(
            session, user_paths(), setup.config.settings, read_only=setup.read_only
        )
        collect_once(session.feed, session.board, wait)
        asyncio.run(coordinator.resume(activity_of(act).ref))
        code = watch_runs(session.feed, session.board, [act.plan], report)
    except SourceError as error:
        return report.fail(str(error), ExitCode.REFUSED)
    else:
        for problem in coordinator.problems:
            warn(problem)
        return report.finish(code)
    finally:
        session.close()
