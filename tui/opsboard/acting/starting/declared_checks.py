"""The checks that the config declares (``[[start_checks]]``): commands that only read."""

import shlex
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

from opsboard.adapter import (
    HostEnviron,
    Need,
    Plan,
    Severity,
    StartCheck,
    StartFinding,
    StartReport,
    not_told,
)
from opsboard.adapter.programs import exit_text
from opsboard.config.action_rules import StartCheckRule
from opsboard.environments.names import NO_ENVIRONMENT, matches, pattern_covers
from opsboard.system.non_interactive import NonInteractiveError, run_non_interactive
from opsboard.text.command_words import OptionFromOutsideError, filled_word
from opsboard.text.sanitize import sanitize

SOURCE: Final = "config"
SEVERITIES: Final[Mapping[int, Severity]] = {
    0: Severity.NOTE,
    1: Severity.WARNING,
    2: Severity.BLOCKER,
}
"""What the exit codes of monitoring plugins mean here; any other: it is not known.

Source: https://www.monitoring-plugins.org/doc/guidelines.html (Plugin Return Codes)."""
MAX_LINE: Final = 300
"""Characters of its first line that are told."""
_SAID: Final[Mapping[int, str]] = {0: "is fine", 1: "warns", 2: "says that it will not start"}
_NOT_FOR_PROGRAMS: Final = {"payload", "precondition"}
"""Of a plan, what is the adapter's own and may hold secrets."""
_LEEWAY: Final = 0.5
"""Seconds for a command that has taken too long to be ended, and that to be told."""


class DeclaredChecks:
    """Runs the commands of *rules* that are for a plan, in the environment of *host*.

    They are told of the plan as *masked* makes it: what they are given can be seen by others.
    """

    source = SOURCE

    def __init__(
        self, rules: Sequence[StartCheckRule], host: HostEnviron, masked: Callable[[Plan], Plan]
    ) -> None:
        self._rules = rules
        self._host = host
        self._masked = masked

    def checks(self, plan: Plan) -> Sequence[StartCheck]:
        own = [rule for rule in self._rules if _is_for(rule, plan)]
        shown = self._masked(plan) if own else plan
        return [
            StartCheck(rule.name, partial(_report, rule, shown, self._host), rule.timeout + _LEEWAY)
            for rule in own
        ]

    async def pinned(self, plan: Plan, need: Need) -> Need:
        return need


def _is_for(rule: StartCheckRule, plan: Plan) -> bool:
    touched = plan.environments or (NO_ENVIRONMENT,)
    return any(matches(one, plan.name) for one in rule.targets) and any(
        pattern_covers(one, environment) for one in rule.environments for environment in touched
    )


async def _report(rule: StartCheckRule, plan: Plan, host: HostEnviron) -> StartReport:
    return StartReport((await _found(rule, plan, host),))


async def _found(rule: StartCheckRule, plan: Plan, host: HostEnviron) -> StartFinding:
    """Return what the command of *rule* says of *plan*."""
    values = _values(plan)
    try:
        words = [filled_word(word, values) for word in rule.command]
        document = plan.model_dump_json(exclude=_NOT_FOR_PROGRAMS, by_alias=False)
        ran = await run_non_interactive(
            words, host.env, seconds=rule.timeout, cwd=host.cwd, stdin=document.encode()
        )
    except (OptionFromOutsideError, NonInteractiveError) as error:
        return not_told(rule.name, str(error), subject=rule.command[0])
    line = _first_line(ran.output)
    if (severity := SEVERITIES.get(ran.exit_code)) is None:
        why = line or f"{rule.command[0]}: {exit_text(ran.exit_code)}"
        return not_told(rule.name, why, subject=shlex.join(words))
    text = f"{rule.name}: {line}" if line else f"{rule.name} {_SAID[ran.exit_code]}"
    return StartFinding(severity=severity, text=text, subject=shlex.join(words))


def _values(plan: Plan) -> Mapping[str, str]:
    return {
        "name": plan.name,
        "kind": str(plan.ref.kind),
        "source": plan.ref.source,
        "environment": plan.environment,
        "before": plan.before,
        "after": plan.after,
        "destination": plan.destination[0] if plan.destination else plan.after,
    }


def _first_line(output: bytes) -> str:
    """Return the first line that says anything, without what plugins put behind ``|``: figures."""
    lines = (sanitize(one).strip() for one in output.decode("utf-8", "replace").splitlines())
    first = next(filter(None, lines), "")
    return first.partition("|")[0].strip()[:MAX_LINE]
