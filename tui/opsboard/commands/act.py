"""``opsboard act``: an action without a screen, on the same path as a key on the board."""

import asyncio
import sys
from argparse import Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING

from opsboard.acting.decision import Consent, GuardDecision
from opsboard.adapter import NotPermitted, Plan, Request, SourceError, Unreachable
from opsboard.collect.session import Session
from opsboard.commands.act_report import ActReport, activity_line
from opsboard.commands.act_targets import TargetError, find_targets
from opsboard.commands.act_watch import watch_runs
from opsboard.commands.action_setup import make_coordinator
from opsboard.commands.collect_once import collect_once
from opsboard.commands.confirm import ask_consent
from opsboard.commands.session import headless_session
from opsboard.commands.setup import enabled_sources, no_sources_message, read_config, warn
from opsboard.config.paths import user_paths
from opsboard.config.problems import ConfigError
from opsboard.records import Record
from opsboard.system import stdio
from opsboard.system.exit_codes import ExitCode
from opsboard.ui.terminal.shutdown import internal_error_line

if TYPE_CHECKING:
    from opsboard.acting.coordinator import ActionCoordinator


def run(options: Namespace) -> int:
    """Plan, confirm, carry out and follow; return the exit code.

    Whatever breaks on the way is told by a code of its own: never by one that says how an act
    has ended.
    """
    report = ActReport(as_json=options.json, version=options.schema)
    try:
        return _run(options, report)
    except ConfigError:  # the command line's to tell
        raise
    except OSError as error:  # the disk is full, or nobody reads the output any more
        return _broken(report, f"{error.strerror or error}")
    except Exception as error:
        return _broken(report, internal_error_line(error))


def _broken(report: ActReport, why: str) -> int:
    """Tell *why* it goes no further, as far as anybody listens; return the code for that."""
    why = f"{why}; `opsboard audit` tells what was done"
    warn(why)
    try:
        report.show_internal_error(why)
    except OSError:
        stdio.discard_stdout()
    return ExitCode.INTERNAL_ERROR


def _run(options: Namespace, report: ActReport) -> int:
    try:
        values = _values(options)
    except ValueError as error:
        warn(str(error))
        return ExitCode.USAGE
    setup = read_config(options)
    sources = asyncio.run(enabled_sources(setup))
    if not sources:
        warn(no_sources_message(setup))
        return ExitCode.USAGE
    session = headless_session(setup, sources)
    try:
        operations = make_coordinator(
            session, user_paths(), setup.config.settings, read_only=setup.read_only
        )
        collect_once(session.feed, session.board, options.wait_fresh)
        for left in asyncio.run(operations.reconcile_abandoned()):
            warn(f"left by a program that was ended: {activity_line(left)}")
        code = _act(options, values, session, operations, report)
        for problem in operations.problems:
            warn(problem)
        return code
    finally:
        session.close()


def _act(
    options: Namespace,
    values: dict[str, str],
    session: Session,
    operations: "ActionCoordinator",
    report: ActReport,
) -> int:
    try:
        records = find_targets(
            options.action, options.target, options.environment or "", session.board, operations
        )
        plans = asyncio.run(_plans(options.action, records, values, operations))
    except (TargetError, SourceError) as error:
        return report.fail(_why(error), _code(error))
    judgement = operations.decide(plans)
    report.show_plans(plans, judgement)
    if options.plan:
        return report.finish(ExitCode.REFUSED if judgement.denied else ExitCode.OK)
    if judgement.denied:
        return report.fail(judgement.explanation, ExitCode.REFUSED)
    try:
        consent = _consent(options, plans, judgement)
        asyncio.run(operations.start(plans, consent, keep_going=options.keep_going))
    except NotPermitted as error:
        return report.fail(_why(error), ExitCode.REFUSED)
    return report.finish(watch_runs(session.feed, session.board, plans, report))


async def _plans(
    action: str, records: Sequence[Record], values: dict[str, str], operations: "ActionCoordinator"
) -> list[Plan]:
    plans = []
    for record in records:
        request = Request(action=action, ref=record.ref, values=values)
        form = await operations.form(request)
        if faults := form.faults(values):
            what = "; ".join(f"{name} {fault}" for name, fault in faults.items())
            known = ", ".join(one.name for one in form.inputs) or "none"
            raise TargetError(f"{action} {record.name}: {what} (inputs: {known})")
        plans.append(await operations.plan(request))
    return plans


def _values(options: Namespace) -> dict[str, str]:
    """Return the inputs that were given. Raises :exc:`ValueError`."""
    values = {"to": options.to} if options.to is not None else {}
    for given in options.values:
        name, equals, value = given.partition("=")
        if not equals or not name:
            raise ValueError(f"--set {given!r} is no input: write NAME=VALUE")
        values[name] = value
    return values


def _consent(options: Namespace, plans: Sequence[Plan], judgement: GuardDecision) -> Consent:
    """Return what the user says. Who names a target on the command line has typed it."""
    if options.yes and judgement.unresolved and not options.again:
        raise NotPermitted(judgement.unresolved, "wait until that is known, or say --again")
    if options.yes:
        return Consent(confirmed=True, typed=judgement.confirmation_text, reason=options.reason)
    if options.json or not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise NotPermitted("it has not been confirmed", "say --yes, or run it in a terminal")
    return ask_consent(plans, judgement, options.reason)


def _why(error: Exception) -> str:
    if isinstance(error, SourceError) and error.hint:
        return f"{error.message}: {error.hint}"
    return str(error)


def _code(error: Exception) -> ExitCode:
    if isinstance(error, TargetError):
        return ExitCode.USAGE
    return ExitCode.UNREACHABLE if isinstance(error, Unreachable) else ExitCode.REFUSED
