"""``opsboard audit``: what was done from here, and whether the audit trail is intact."""

import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from typing import Any

from opsboard.acting.actor import current_actor
from opsboard.acting.audit.action_history import ActionRun, action_runs, activity_of
from opsboard.acting.audit.log import AuditError, AuditLog
from opsboard.acting.audit.verify import parse_head, verify
from opsboard.acting.audit.witness import Witness, witness_of
from opsboard.acting.run_locks import LockHolder, RunLocks
from opsboard.collect.context import SystemClock
from opsboard.commands.json_versions import render
from opsboard.commands.setup import read_config, warn
from opsboard.config.paths import current_environ, user_paths
from opsboard.config.problems import ConfigError
from opsboard.system.exit_codes import ExitCode
from opsboard.text.escaping import escaped


def show(options: Namespace) -> int:
    """Print the last runs, oldest first."""
    if options.last < 1:
        warn("--last is a number of acts: at least 1")
        return ExitCode.USAGE
    audit_log = AuditLog(user_paths().state, current_actor(current_environ().env), SystemClock())
    try:
        runs = action_runs(audit_log.entries(), RunLocks(audit_log.file.parent))[-options.last :]
    except AuditError as error:
        warn(str(error))
        return ExitCode.FAILED
    sys.stdout.write(
        _document(runs, options.schema) if options.json else "".join(_lines(runs, audit_log))
    )
    return ExitCode.OK


def check(options: Namespace) -> int:
    """Verify the audit trail; return 1 if something is wrong with it."""
    try:
        noted = parse_head(options.head) if options.head else None
    except ValueError as error:
        warn(f"--head {options.head!r}: {error}")
        return ExitCode.USAGE
    folder = user_paths().state
    found = verify(folder, noted, _witness(options))
    for fault in found.faults:
        warn(f"{folder}: {fault}")
    verdict = "NOT whole" if found.faults else "whole"
    sys.stdout.write(f"{found.entries} entries, {verdict}\n")
    if found.entries:
        sys.stdout.write(f"head {found.head.number}:{found.head.hash}\n")
    return ExitCode.FAILED if found.faults else ExitCode.OK


def _witness(options: Namespace) -> Witness | None:
    """Return the second place of the head, if the config names one."""
    actor = current_actor(current_environ().env)
    try:
        settings = read_config(options).config.settings.audit
    except ConfigError as error:
        for problem in error.problems:
            warn(f"{problem}; where else the head is noted is not known")
        return None
    return witness_of(settings.head_file, actor)


def _document(runs: Sequence[ActionRun], version: int) -> str:
    return render("opsboard.audit", {"runs": [_as_json(act) for act in runs]}, version)


def _as_json(act: ActionRun) -> dict[str, Any]:
    return {
        "plan_id": act.plan.id,
        "state": activity_of(act).state.value,
        "entries": [
            entry.model_dump(mode="json", by_alias=False)
            for entry in (act.intent, *act.later_entries)
        ],
    }


def _lines(runs: Sequence[ActionRun], audit_log: AuditLog) -> Iterator[str]:
    if not runs:
        yield f"nothing was done from here yet ({audit_log.file})\n"
    for act in runs:
        shown, plan = activity_of(act), act.plan
        yield f"{act.intent.at:%Y-%m-%d %H:%M:%S}Z {shown.state.value:<9} "
        yield f"{plan.action} {escaped(plan.target)}"
        yield f", {change}\n" if (change := plan.change("->")) else "\n"
        yield f"    {shown.actor} on {act.intent.actor.host}"
        yield f": {act.intent.reason}\n" if act.intent.reason else "\n"
        if shown.message:
            yield f"    {shown.message}\n"
        if act.is_open and act.holder is not LockHolder.PROGRAM:
            yield f"    unfinished: `opsboard audit settle {plan.id}` looks what became of it\n"
