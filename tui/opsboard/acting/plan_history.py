"""What the past says of a plan: how what it goes to did here, and whose act it undoes.

Two things tell: the audit trail (what was planned, what it led to, and what was failing at the
time, so that it survives restarts), and what this session has seen of the board. Of all that tells
whether the destination is well, the latest counts. The result becomes findings of the plan.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from opsboard.acting.actor import Actor
from opsboard.acting.audit.action_history import ActionRun
from opsboard.acting.audit.entry import AuditResult
from opsboard.acting.in_flight import minute_time
from opsboard.adapter import Finding, Form, FoundFailing, Input, Plan, Severity
from opsboard.board.failures import Failure
from opsboard.masking import MASK
from opsboard.records import Ref

MAX_RUNS: Final = 2_000
"""Number of runs that are looked at, the latest ones."""

_ENDED: Final = frozenset({AuditResult.SUCCEEDED, AuditResult.FAILED, AuditResult.TIMED_OUT})
_DONE: Final = _ENDED | {AuditResult.DONE}
_GRAVITIES: Final = (Severity.NOTE, Severity.WARNING, Severity.BLOCKER)
_MESSAGE: Final = 160
"""Characters of a message that are quoted."""


class VersionObservation(NamedTuple):
    """How a version did at a time; *problem* is empty where it worked."""

    at: datetime
    problem: str = ""


class PlanHistory:
    """Compares plans with *runs*, all in the audit log, the latest last. *actor* makes the plan."""

    def __init__(self, runs: Callable[[], Sequence[ActionRun]], actor: Actor) -> None:
        self._runs = runs
        self._actor = actor

    def with_history(self, plan: Plan, seen: Sequence[Failure], now: datetime) -> Plan:
        """Return *plan* with findings from its history; *seen* are the failures of this session."""
        every = self._runs()
        runs = [run for run in every[-MAX_RUNS:] if _is_about(run.plan, plan)]
        failed = _latest([*_of_acts(plan, runs, now), *_of_session(plan, seen, now)])
        findings = (
            _with_failure(plan, failed.problem) if failed and failed.problem else plan.findings
        )
        undone = filter(None, [_undone(plan, runs, self._actor, now)])
        warned = (Finding(severity=Severity.WARNING, text=text) for text in undone)
        findings = (*findings, *warned, *_horizon(every, now))
        return plan.model_copy(update={"found": _found(plan, seen), "findings": findings})

    def with_notes(self, form: Form, ref: Ref, seen: Sequence[Failure], now: datetime) -> Form:
        """Return *form* with a note on each option that is a version of *ref* which failed here."""
        evidence: dict[str, list[VersionObservation]] = {}
        for version, one in (*_seen_of(seen, now), *_on_record_of(self._runs(), ref, now)):
            evidence.setdefault(version, []).append(one)
        latest = {version: _latest(found) for version, found in evidence.items()}
        failed = {version: one.problem for version, one in latest.items() if one and one.problem}
        inputs = tuple(_noted(one, failed) for one in form.inputs) if failed else form.inputs
        return form.model_copy(update={"inputs": inputs})


def _noted(asked: Input, failed: Mapping[str, str]) -> Input:
    if not any(option.value in failed for option in asked.options):
        return asked
    notes = [", ".join(filter(None, (failed.get(o.value), o.note))) for o in asked.options]
    pairs = zip(asked.options, notes, strict=True)
    options = tuple(option.model_copy(update={"note": note}) for option, note in pairs)
    return asked.model_copy(update={"options": options})


def _seen_of(seen: Sequence[Failure], now: datetime) -> Iterator[tuple[str, VersionObservation]]:
    for one in seen:
        yield one.version, VersionObservation(one.at, _failed_here(one.at, one.reason, now))
        if one.well_at is not None:
            yield one.version, VersionObservation(one.well_at)


def _on_record_of(
    every: Sequence[ActionRun], ref: Ref, now: datetime
) -> Iterator[tuple[str, VersionObservation]]:
    for run in (run for run in every[-MAX_RUNS:] if run.plan.ref == ref):
        if (found := run.plan.found) is not None:
            text = _failed_here(found.at, found.reason, now)
            yield from (
                (name, VersionObservation(found.at, text)) for name in _whole(run.plan.origin)
            )
        if run.last.result is AuditResult.SUCCEEDED and _moves(run.plan):
            names = _whole(run.plan.destination)
            yield from ((name, VersionObservation(run.last.at)) for name in names)


def _failed_here(at: datetime, reason: str, now: datetime) -> str:
    return ", ".join(filter(None, (f"failed here at {minute_time(at, now)}", reason)))


def _is_about(run: Plan, plan: Plan) -> bool:
    """Return whether both have the same target, and not one that had its name before."""
    same = (run.target, run.ref.source, run.by) == (plan.target, plan.ref.source, plan.by)
    ids = {run.target_id, plan.target_id} - {""}
    return same and run.id != plan.id and len(ids) < 2


# --- versions ------------------------------------------------------------------------------------


class _Version(NamedTuple):
    """A version in a plan: its identifiers, and the words for it."""

    known_by: frozenset[str]
    words: str

    def is_same(self, other: "_Version") -> bool:
        """Return whether both are the same: by identifiers, else by the words for them."""
        if self.known_by and other.known_by:
            return not self.known_by.isdisjoint(other.known_by)
        return bool(self.words) and self.words == other.words


def _origin(plan: Plan) -> _Version:
    return _Version(_whole(plan.origin), plan.before)


def _destination(plan: Plan) -> _Version:
    return _Version(_whole(plan.destination), plan.after)


def _whole(names: Iterable[str]) -> frozenset[str]:
    """Return *names* without masked ones: two that look alike may differ."""
    return frozenset(name for name in names if MASK not in name)


def _moves(plan: Plan) -> bool:
    return not _origin(plan).is_same(_destination(plan))


def _noun(plan: Plan) -> str:
    """Return the name of the destination: ``revision 56``, ``version 4``, ``1f2e3d4``."""
    _, after = plan.versions
    name = plan.destination[0] if plan.destination else after
    return after if re.fullmatch(rf"\S+ {re.escape(name)}", after) else name


def change_of(plan: Plan) -> str:
    """Return the change of *plan* without repeated words: ``56 → 55``."""
    old_words, new_words = (words.split() for words in plan.versions)
    if len(old_words) == len(new_words) > 1:
        pairs = [(old, new) for old, new in zip(old_words, new_words, strict=True) if old != new]
        shared_end = old_words[-1] == new_words[-1]
        if len(pairs) == 1:
            (old, new) = pairs[0]
            return f"{old} → {new} {old_words[-1]}" if shared_end else f"{old} → {new}"
    return plan.change("→")


# --- whether the destination works ---------------------------------------------------------------


def _latest(evidence: Iterable[VersionObservation]) -> VersionObservation | None:
    return max(evidence, key=lambda one: one.at, default=None)


def _of_acts(plan: Plan, runs: Sequence[ActionRun], now: datetime) -> Iterator[VersionObservation]:
    """Yield what *runs* on the same target say of the destination of *plan*."""
    goal = _destination(plan)
    for run in runs:
        comparable = run.plan.action == plan.action or (_moves(plan) and _moves(run.plan))
        if comparable and run.last.result in _ENDED and _destination(run.plan).is_same(goal):
            good = run.last.result is AuditResult.SUCCEEDED
            yield VersionObservation(run.last.at, "" if good else _failed(plan, run, now))
        found = run.plan.found
        if found is not None and _moves(plan) and not goal.known_by.isdisjoint(run.plan.origin):
            yield VersionObservation(
                found.at, _failing(plan, found.at, found.reason, found.message, now)
            )


def _failed(plan: Plan, run: ActionRun, now: datetime) -> str:
    """Return how *run*, which had the destination of *plan*, ended."""
    ended = "had no verdict in time" if run.last.result is AuditResult.TIMED_OUT else "failed"
    inputs = "" if run.plan.values == plan.values else ", with other inputs,"
    what = f"{run.plan.action} ({change_of(run.plan)})"
    by = f"by {run.intent.actor.summary} at {minute_time(run.intent.at, now)}"
    return _with_message(f"{what} {by}{inputs} {ended}", run.last.message)


def _of_session(plan: Plan, seen: Sequence[Failure], now: datetime) -> Iterator[VersionObservation]:
    """Yield what this session has seen of the destination of *plan*, if that is another version."""
    if not _moves(plan):
        return
    for failure in seen:
        if failure.version in plan.destination:
            text = _failing(plan, failure.at, failure.reason, failure.message, now)
            yield VersionObservation(failure.at, text)
            if failure.well_at is not None:
                yield VersionObservation(failure.well_at)


def _failing(plan: Plan, at: datetime, reason: str, message: str, now: datetime) -> str:
    text = f"{_noun(plan)} {_failed_here(at, reason, now)}"
    if not reason:
        return _with_message(text, message)
    return f"{text} ({_cut(message)})" if message and message != reason else text


def _with_message(text: str, message: str) -> str:
    return f"{text}: {_cut(message)}" if message else text


def _cut(message: str) -> str:
    return message if len(message) <= _MESSAGE else f"{message[: _MESSAGE - 1]}…"


def _found(plan: Plan, seen: Sequence[Failure]) -> FoundFailing | None:
    """Return what is failing now at the origin of *plan*: recorded for later plans."""
    failing = [one for one in seen if one.well_at is None and one.version in plan.origin]
    if not failing:
        return None
    last = max(failing, key=lambda one: one.at)
    return FoundFailing(at=last.at, reason=last.reason, message=last.message)


def _with_failure(plan: Plan, failure: str) -> tuple[Finding, ...]:
    """Return the findings of *plan* with a warning that says what was *failure*.

    A finding of the adapter on the same is left out if it is weaker, and else joined with it.
    """
    same = [one for one in plan.findings if one.text in plan.about_destination]
    grave = [one for one in same if one.severity is not Severity.NOTE]
    others = [one for one in plan.findings if one not in same]
    severity = max((one.severity for one in grave), key=_GRAVITIES.index, default=Severity.WARNING)
    text = "; ".join((failure, *(one.text for one in grave)))
    return (Finding(severity=severity, text=text), *others)


# --- whose change it undoes ----------------------------------------------------------------------


def _undone(plan: Plan, runs: Sequence[ActionRun], me: Actor, now: datetime) -> str:
    """Return whose change *plan* undoes, or which change left its destination; or ``""``."""
    if not _moves(plan):
        return ""
    done = [run for run in runs if run.last.result in _DONE and _moves(run.plan)]
    left = [run for run in done if _origin(run.plan).is_same(_destination(plan))]
    if not left:
        return ""
    last = left[-1]
    reason = f" ({_cut(last.intent.reason)})" if last.intent.reason else ""
    what = f"{_whose(last.intent.actor, me)} act of {minute_time(last.intent.at, now)}"
    what = f"{what}: {change_of(last.plan)}{reason}"
    if last is done[-1] and _destination(last.plan).is_same(_origin(plan)):
        return f"this undoes {what}"
    return f"{_noun(plan)} was left by {what}"


def _whose(actor: Actor, me: Actor) -> str:
    same = (actor.user, actor.sudo_user) == (me.user, me.sudo_user)
    return "your" if same else f"{actor.summary}'s"


def _horizon(every: Sequence[ActionRun], now: datetime) -> Iterator[Finding]:
    """Yield a note on how far back was looked, if that is not all."""
    if len(every) > MAX_RUNS:
        since = minute_time(every[-MAX_RUNS].intent.at, now)
        text = f"only the latest {MAX_RUNS:,} actions done from here were compared: since"
        yield Finding(severity=Severity.NOTE, text=f"{text} {since}")
