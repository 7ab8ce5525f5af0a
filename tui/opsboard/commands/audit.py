"""``opsboard audit``: what was done from here, and whether the record of it is whole."""

import json
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from typing import Any, Final

from opsboard.act.actor import this_actor
from opsboard.act.audit.trail import AuditError, Trail
from opsboard.act.audit.verify import parse_head, verify
from opsboard.act.audit.witness import Witness, witness_of
from opsboard.act.holds import Holder, Holds
from opsboard.act.ledger import Act, activity_of, acts_of
from opsboard.collect.clock import SystemClock
from opsboard.commands.setup import complain, read
from opsboard.config.here import here
from opsboard.config.paths import user_paths
from opsboard.config.problems import ConfigError
from opsboard.escaping import escaped, hidden_escaped
from opsboard.exits import Exit

SCHEMA: Final = "opsboard.audit/1"


def show(options: Namespace) -> int:
    """Print the last acts, oldest first."""
    if options.last < 1:
        complain("--last is a number of acts: at least 1")
        return Exit.USAGE
    trail = Trail(user_paths().state, this_actor(here().env), SystemClock())
    try:
        acts = acts_of(trail.entries(), Holds(trail.file.parent))[-options.last :]
    except AuditError as error:
        complain(str(error))
        return Exit.FAILED
    sys.stdout.write(_document(acts) if options.json else "".join(_lines(acts, trail)))
    return Exit.OK


def check(options: Namespace) -> int:
    """Check the trail; return 1 where something is wrong with it."""
    try:
        noted = parse_head(options.head) if options.head else None
    except ValueError as error:
        complain(f"--head {options.head!r}: {error}")
        return Exit.USAGE
    folder = user_paths().state
    found = verify(folder, noted, _witness(options))
    for fault in found.faults:
        complain(f"{folder}: {fault}")
    verdict = "NOT whole" if found.faults else "whole"
    sys.stdout.write(f"{found.entries} entries, {verdict}\n")
    if found.entries:
        sys.stdout.write(f"head {found.head.number}:{found.head.hash}\n")
    return Exit.FAILED if found.faults else Exit.OK


def _witness(options: Namespace) -> Witness | None:
    """Return where the config says that the head is noted as well."""
    actor = this_actor(here().env)
    try:
        settings = read(options).config.settings.audit
    except ConfigError as error:
        for problem in error.problems:
            complain(f"{problem}; where else the head is noted is not known")
        return None
    return witness_of(settings.head_file, actor)


def _document(acts: Sequence[Act]) -> str:
    document = {"schema": SCHEMA, "acts": [_told(act) for act in acts]}
    return hidden_escaped(json.dumps(document, indent=2, ensure_ascii=False)) + "\n"


def _told(act: Act) -> dict[str, Any]:
    return {
        "plan_id": act.plan.id,
        "state": activity_of(act).state.value,
        "entries": [entry.as_json() for entry in (act.intent, *act.since)],
    }


def _lines(acts: Sequence[Act], trail: Trail) -> Iterator[str]:
    if not acts:
        yield f"nothing was done from here yet ({trail.file})\n"
    for act in acts:
        shown, plan = activity_of(act), act.plan
        change = f", {' -> '.join(plan.versions)}" if any(plan.versions) else ""
        yield f"{act.intent.at:%Y-%m-%d %H:%M:%S}Z {shown.state.value:<9} "
        yield f"{plan.action} {escaped(plan.target)}"
        yield f"{change}\n"
        yield f"    {shown.actor} on {act.intent.actor.host}"
        yield f": {act.intent.reason}\n" if act.intent.reason else "\n"
        if shown.message:
            yield f"    {shown.message}\n"
        if act.is_open and act.holder is not Holder.PROGRAM:
            yield f"    left open: `opsboard audit settle {plan.id}` looks what became of it\n"
