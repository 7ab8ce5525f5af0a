"""``opsboard doctor``: test each source, and say how to fix what fails."""

import asyncio
import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from opsboard.act.actor import this_actor
from opsboard.act.audit.witness import witness_of
from opsboard.adapter import Check, SourceError
from opsboard.clean import clean
from opsboard.collect.clock import SystemClock
from opsboard.collect.context import SourceContext
from opsboard.collect.redact import Redactor
from opsboard.collect.unexpected import explained
from opsboard.commands.doctor_records import records
from opsboard.commands.setup import (
    Setup,
    complain,
    enabled_sources,
    nothing_to_show,
    read,
    say_if_demo,
)
from opsboard.config.environments import EnvironmentRules
from opsboard.config.here import here
from opsboard.config.resolved import ResolvedSource
from opsboard.config.unseen_names import unseen_names
from opsboard.exits import Exit
from opsboard.records import Status
from opsboard.secret import has_literal, secret_files
from opsboard.suggestions import there_are
from opsboard.trusted import others_may_read

TIMEOUT: Final = 60.0
"""Seconds that the checks of one source may take together."""


def run(options: Namespace) -> int:
    """Check the sources one after another; exit 0 if all is well, 2 if one fails."""
    setup = read(options)
    for problem in setup.config.problems:
        complain(str(problem))
    return asyncio.run(_diagnose(setup, options.source))


async def _diagnose(setup: Setup, wanted: Sequence[str]) -> int:
    sources = {source.name: source for source in await enabled_sources(setup)}
    if unknown := set(wanted) - sources.keys():
        for name in sorted(unknown):
            complain(f"no source called {name!r}; {there_are(name, sources)}")
        return Exit.USAGE
    if not sources:
        complain(nothing_to_show(setup))
        return Exit.USAGE
    say_if_demo(sources.values())
    for one in (*_open_secrets(setup), *_unseen(setup, sources.values())):
        complain(f"warning: {one.subject}: {one.message}" + (f"; {one.hint}" if one.hint else ""))
    noted = _head_noted_elsewhere(setup)
    rules = EnvironmentRules(setup.config.settings.environments)
    chosen = [source for name, source in sources.items() if not wanted or name in wanted]
    verdicts = [await _examine(source, rules) for source in chosen]
    return Exit.OK if all((*verdicts, noted)) else Exit.UNREACHABLE


def _head_noted_elsewhere(setup: Setup) -> bool:
    """Print whether the head of the audit trail can be noted elsewhere, where it is to be."""
    audit = setup.config.settings.audit
    witness = witness_of(audit.head_file, this_actor(here().env), required=audit.required)
    if witness is None:
        return True
    _say(f"audit (the head of the trail, noted in {clean(str(witness.file))})")
    bad = Status.FAILED if witness.required else Status.WARNING
    check = Check("head_file", Status.OK, "can be noted")
    try:
        witness.check()
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        hint = "make it, give this user the right to write there, or fix head_file in [audit]"
        check = Check("head_file", bad, f"{where}{error.strerror or error}", hint)
    except ValueError as error:
        check = Check("head_file", bad, f"holds no head: {error}", "look who wrote it, and move it")
    _say(_line(check))
    return check.status is not Status.FAILED


def _unseen(setup: Setup, sources: Iterable[ResolvedSource]) -> Iterator[Check]:
    """Yield a warning for each name of an environment that may be a typo."""
    named = {one.name: one.settings.environment for one in sources if one.settings.environment}
    for one in unseen_names(setup.config.settings, named):
        yield Check(one.key, Status.WARNING, one.message, one.hint)


async def _examine(source: ResolvedSource, rules: EnvironmentRules) -> bool:
    """Print the checks of *source*; return whether none failed."""
    redactor = Redactor()
    context = SourceContext(
        source.name,
        source.settings,
        host_environ=here(),
        environments=rules,
        clock=SystemClock(),
        redactor=redactor,
    )
    _say(f"{source.name} ({source.adapter.title}, from {source.because})")
    fine = True
    try:
        async with asyncio.timeout(TIMEOUT), source.adapter.connect(source.settings, context) as it:
            async for check in it.checks():
                fine &= check.status is not Status.FAILED
                _say(redactor.redact(_line(check)))
            if fine and source.adapter.kinds:  # else there is nothing to read
                async for check in records(it, context):
                    _say(redactor.redact(_line(check)))
    except SourceError as error:
        fine = False
        _say(redactor.redact(_line(Check("connect", Status.FAILED, error.message, error.hint))))
    except TimeoutError:
        fine = False
        hint = f"see what keeps the server, or lower timeout in [sources.{source.name}]"
        _say(_line(Check("answer", Status.FAILED, f"no end within {TIMEOUT:.0f} s", hint)))
    except (Exception, SystemExit) as error:  # a stranger's code may raise anything
        fine = False
        told = explained(source.name, error, redactor.redact)
        _say(redactor.redact(_line(Check("connect", Status.FAILED, told.message, told.hint))))
    return fine


def _open_secrets(setup: Setup) -> Iterator[Check]:
    """Yield the files with secrets in them that others may read."""
    settings = [source.settings for source in setup.config.sources]
    files = dict.fromkeys(file for held in settings for file in secret_files(held))
    if setup.file is not None and any(map(has_literal, settings)):
        files[setup.file] = None
    for file in files:
        if others_may_read(file):
            told = f"others may read {file}, which holds a secret"
            yield Check("secrets", Status.WARNING, told, f"chmod go-rwx {file}")


def _line(check: Check) -> str:
    hint = f"\n             hint: {clean(check.hint)}" if check.hint else ""
    return f"  {check.status:<8} {clean(check.subject)}: {clean(check.message)}{hint}"


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
