"""``opsboard audit settle``: goes on with an act that was left open, since a person says so."""

import asyncio
import sys
from argparse import Namespace
from collections.abc import Sequence

from opsboard.act.actor import this_actor
from opsboard.act.audit.trail import AuditError, Trail
from opsboard.act.holds import Holds
from opsboard.act.ledger import Act, activity_of, acts_of
from opsboard.adapter import SourceError
from opsboard.collect.clock import SystemClock
from opsboard.commands.act_report import ActReport, told
from opsboard.commands.act_watch import CODES, watch
from opsboard.commands.acting import make_operations
from opsboard.commands.headless import headless
from opsboard.commands.setup import Setup, complain, enabled_sources, read
from opsboard.commands.waiting import collect
from opsboard.config.here import here
from opsboard.config.paths import user_paths
from opsboard.exits import Exit


def run(options: Namespace) -> int:
    """Settle and follow the act that is named; return the exit code of ``opsboard act``."""
    try:
        found = _named(options.plan_id)
    except AuditError as error:
        complain(str(error))
        return Exit.REFUSED
    if len(found) != 1:
        what = "several acts begin" if found else "no act begins"
        complain(f"{what} with {options.plan_id!r}; `opsboard audit` names those that are open")
        return Exit.USAGE
    (act,) = found
    if not act.is_open:
        shown = activity_of(act)
        sys.stdout.write(f"{told(shown)}\n")
        return CODES[shown.state]
    return _settle(act, read(options), options.wait_fresh)


def _named(beginning: str) -> Sequence[Act]:
    paths = user_paths()
    trail = Trail(paths.state, this_actor(here().env), SystemClock())
    acts = acts_of(trail.entries(), Holds(paths.state))
    return [act for act in acts if beginning and act.plan.id.startswith(beginning)]


def _settle(act: Act, setup: Setup, wait: float) -> Exit:
    session = headless(setup, asyncio.run(enabled_sources(setup)))
    report = ActReport(as_json=False)
    try:
        operations = make_operations(
            session, user_paths(), setup.config.settings, read_only=setup.read_only
        )
        collect(session.feed, session.board, wait)
        asyncio.run(operations.take_up(activity_of(act).ref))
        code = watch(session.feed, session.board, [act.plan], report)
    except SourceError as error:
        return report.fault(str(error), Exit.REFUSED)
    else:
        for problem in operations.problems:
            complain(problem)
        return report.end(code)
    finally:
        session.close()
