"""``opsboard act``: an action without a screen, through the same guard as a key on the board."""

import asyncio
import sys
from argparse import Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING

from opsboard.acting.decision import Consent, GuardDecision
from opsboard.adapter import NotPermitted, Plan, Request, SourceError, Unreachable
from opsboard.collect.session import Session
from opsboard.commands.act_report import ActReport, activity_line, watch_runs
from opsboard.commands.act_targets import TargetError, find_targets
from opsboard.commands.action_setup import make_coordinator
from opsboard.commands.collect_once import collect_once, headless_session
from opsboard.commands.setup import read_config, sources_to_ask, warn
from opsboard.config.action_rules import PolicyDecision
from opsboard.config.paths import user_paths
from opsboard.config.problems import ConfigError
from opsboard.records import Record
from opsboard.system import stdio
from opsboard.system.exit_codes import ExitCode
from opsboard.text.escaping import escaped
from opsboard.text.sanitize import sanitize
from opsboard.ui.terminal.shutdown import internal_error_line

if TYPE_CHECKING:
    from opsboard.acting.coordinator import ActionCoordinator


def run(options: Namespace) -> int:
    """Plan, confirm, execute and observe; return the exit code.

    An error of the program itself has an exit code of its own, so that it cannot be taken for the
    outcome of a run.
    """
    report = ActReport(as_json=options.json, version=options.schema)
    try:
        return _run(options, report)
    except ConfigError:  # reported by the command line
        raise
    except OSError as error:  # the disk is full, or nobody reads the output any more
        return _broken(report, f"{error.strerror or error}")
    except Exception as error:
        return _broken(report, internal_error_line(error))


def _broken(report: ActReport, why: str) -> int:
    """Report an internal error, as far as output is possible; return its exit code."""
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
    sources = sources_to_ask(setup)
    if not sources:
        return ExitCode.USAGE
    session = headless_session(setup, sources)
    try:
        coordinator = make_coordinator(
            session, user_paths(), setup.config.settings, read_only=setup.read_only
        )
        collect_once(session.feed, session.board, options.wait_fresh)
        for left in asyncio.run(coordinator.reconcile_abandoned()):
            warn(f"left by a program that was ended: {activity_line(left)}")
        code = _act(options, values, session, coordinator, report)
        for problem in coordinator.problems:
            warn(problem)
        return code
    finally:
        session.close()


def _act(
    options: Namespace,
    values: dict[str, str],
    session: Session,
    coordinator: "ActionCoordinator",
    report: ActReport,
) -> int:
    try:
        records = find_targets(
            options.action, options.target, options.environment or "", session.board, coordinator
        )
        plans = asyncio.run(_plans(options.action, records, values, coordinator))
    except (TargetError, SourceError) as error:
        return report.fail(_why(error), _code(error))
    decision = coordinator.decide(plans)
    report.show_plans(plans, decision)
    if options.plan:
        return report.finish(ExitCode.REFUSED if decision.denied else ExitCode.OK)
    if decision.denied:
        return report.fail(decision.explanation, ExitCode.REFUSED)
    try:
        consent = _consent(options, plans, decision)
        asyncio.run(coordinator.start(plans, consent, keep_going=options.keep_going))
    except NotPermitted as error:
        return report.fail(_why(error), ExitCode.REFUSED)
    return report.finish(watch_runs(session.feed, session.board, plans, report))


async def _plans(
    action: str, records: Sequence[Record], values: dict[str, str], coordinator: "ActionCoordinator"
) -> list[Plan]:
    plans = []
    for record in records:
        request = Request(action=action, ref=record.ref, values=values)
        form = await coordinator.form(request)
        if faults := form.faults(values):
            what = "; ".join(f"{name} {fault}" for name, fault in faults.items())
            known = ", ".join(one.name for one in form.inputs) or "none"
            raise TargetError(f"{action} {record.name}: {what} (inputs: {known})")
        plans.append(await coordinator.plan(request))
    return await asyncio.gather(*(_checked(plan, coordinator) for plan in plans))


async def _checked(plan: Plan, coordinator: "ActionCoordinator") -> Plan:
    """Return *plan* with all that can be found of whether it will start."""
    async for found in coordinator.start_checks(plan):
        plan = found
    return plan


def _values(options: Namespace) -> dict[str, str]:
    """Return the inputs given by ``--to`` and ``--set``. Raises :exc:`ValueError`."""
    values = {"to": options.to} if options.to is not None else {}
    for given in options.values:
        name, equals, value = given.partition("=")
        if not equals or not name:
            raise ValueError(f"--set {given!r} is not an input: write NAME=VALUE")
        values[name] = value
    return values


def _consent(options: Namespace, plans: Sequence[Plan], decision: GuardDecision) -> Consent:
    """Return the user's consent. With ``--yes``, the target on the command line counts as typed."""
    if options.yes and decision.unresolved and not options.again:
        raise NotPermitted(decision.unresolved, "wait until that is known, or use --again")
    if options.yes and decision.will_not_start and not options.anyway:
        raise NotPermitted(decision.will_not_start, "choose another, or use --anyway")
    if options.yes:
        return Consent(confirmed=True, typed=decision.confirmation_text, reason=options.reason)
    if options.json or not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise NotPermitted("it has not been confirmed", "use --yes, or run it in a terminal")
    return ask_consent(plans, decision, options.reason)


def _why(error: Exception) -> str:
    if isinstance(error, SourceError) and error.hint:
        return f"{error.message}: {error.hint}"
    return str(error)


def _code(error: Exception) -> ExitCode:
    if isinstance(error, TargetError):
        return ExitCode.USAGE
    return ExitCode.UNREACHABLE if isinstance(error, Unreachable) else ExitCode.REFUSED


def ask_consent(plans: Sequence[Plan], decision: GuardDecision, reason: str) -> Consent:
    """Ask on standard error and read standard input; an empty answer is no consent."""
    if decision.decision is PolicyDecision.ALLOW:
        return Consent(confirmed=True, reason=reason)
    if decision.needs_typing:
        typed = _ask(f"{decision.explanation}. Type {decision.confirmation_text!r} to confirm:")
        return Consent(typed=typed, reason=reason or _ask("Why?"))
    what = "; ".join(
        f"{escaped(plan.title)} {escaped(plan.target)}{_where(plan)}" for plan in plans
    )
    return Consent(confirmed=_ask(f"{what}? Type 'yes' to confirm:") == "yes", reason=reason)


def _where(plan: Plan) -> str:
    named = ", ".join(map(escaped, plan.environments))
    return f" ({named})" if named else ""


def _ask(question: str) -> str:
    sys.stderr.write(sanitize(question) + " ")
    sys.stderr.flush()
    return sanitize(sys.stdin.readline()).strip()
