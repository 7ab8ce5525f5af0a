"""``opsboard act``: an action without a screen, on the same path as a key on the board."""

import asyncio
import sys
from argparse import Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING

from opsboard import streams
from opsboard.act.judgement import Consent, Judgement
from opsboard.adapter import NotPermitted, Plan, Request, SourceError, Unreachable
from opsboard.collect.session import Session
from opsboard.commands.act_report import ActReport, told
from opsboard.commands.act_target import TargetError, targets
from opsboard.commands.act_watch import watch
from opsboard.commands.acting import make_operations
from opsboard.commands.asking import ask_consent
from opsboard.commands.headless import headless
from opsboard.commands.setup import complain, enabled_sources, nothing_to_show, read
from opsboard.commands.waiting import collect
from opsboard.config.paths import user_paths
from opsboard.config.problems import ConfigError
from opsboard.exits import Exit
from opsboard.records import Record
from opsboard.ui.ending import fault_line

if TYPE_CHECKING:
    from opsboard.act.operations import Operations


def run(options: Namespace) -> int:
    """Plan, confirm, carry out and follow; return the exit code.

    Whatever breaks on the way is told by a code of its own: never by one that says how an act
    has ended.
    """
    report = ActReport(as_json=options.json)
    try:
        return _run(options, report)
    except ConfigError:  # the command line's to tell
        raise
    except OSError as error:  # the disk is full, or nobody reads the output any more
        return _broken(report, f"{error.strerror or error}")
    except Exception as error:
        return _broken(report, fault_line(error))


def _broken(report: ActReport, why: str) -> int:
    """Tell *why* it goes no further, as far as anybody listens; return the code for that."""
    why = f"{why}; `opsboard audit` tells what was done"
    complain(why)
    try:
        report.broke(why)
    except OSError:
        streams.abandon()
    return Exit.FAULT


def _run(options: Namespace, report: ActReport) -> int:
    try:
        values = _values(options)
    except ValueError as error:
        complain(str(error))
        return Exit.USAGE
    setup = read(options)
    sources = asyncio.run(enabled_sources(setup))
    if not sources:
        complain(nothing_to_show(setup))
        return Exit.USAGE
    session = headless(setup, sources)
    try:
        operations = make_operations(
            session, user_paths(), setup.config.settings, read_only=setup.read_only
        )
        collect(session.feed, session.board, options.wait_fresh)
        for left in asyncio.run(operations.settle_left()):
            complain(f"left by a program that was ended: {told(left)}")
        code = _act(options, values, session, operations, report)
        for problem in operations.problems:
            complain(problem)
        return code
    finally:
        session.close()


def _act(
    options: Namespace,
    values: dict[str, str],
    session: Session,
    operations: "Operations",
    report: ActReport,
) -> int:
    try:
        records = targets(
            options.action, options.target, options.environment or "", session.board, operations
        )
        plans = asyncio.run(_plans(options.action, records, values, operations))
    except (TargetError, SourceError) as error:
        return report.fault(_why(error), _code(error))
    judgement = operations.judge(plans)
    report.planned(plans, judgement)
    if options.plan:
        return report.end(Exit.REFUSED if judgement.denied else Exit.OK)
    if judgement.denied:
        return report.fault(judgement.why, Exit.REFUSED)
    try:
        consent = _consent(options, plans, judgement)
        asyncio.run(operations.begin(plans, consent, keep_going=options.keep_going))
    except NotPermitted as error:
        return report.fault(_why(error), Exit.REFUSED)
    return report.end(watch(session.feed, session.board, plans, report))


async def _plans(
    action: str, records: Sequence[Record], values: dict[str, str], operations: "Operations"
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


def _consent(options: Namespace, plans: Sequence[Plan], judgement: Judgement) -> Consent:
    """Return what the user says. Who names a target on the command line has typed it."""
    if options.yes and judgement.doubt and not options.again:
        raise NotPermitted(judgement.doubt, "wait until that is known, or say --again")
    if options.yes:
        return Consent(confirmed=True, typed=judgement.word, reason=options.reason)
    if options.json or not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise NotPermitted("it has not been confirmed", "say --yes, or run it in a terminal")
    return ask_consent(plans, judgement, options.reason)


def _why(error: Exception) -> str:
    if isinstance(error, SourceError) and error.hint:
        return f"{error.message}: {error.hint}"
    return str(error)


def _code(error: Exception) -> Exit:
    if isinstance(error, TargetError):
        return Exit.USAGE
    return Exit.UNREACHABLE if isinstance(error, Unreachable) else Exit.REFUSED
