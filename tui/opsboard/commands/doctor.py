"""``opsboard doctor``: test each source, and say how to fix what fails."""

import asyncio
import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from opsboard.acting.actor import current_actor
from opsboard.acting.audit.witness import witness_of
from opsboard.adapter import Check, SourceError
from opsboard.collect.context import SourceContext, SystemClock
from opsboard.collect.redact import Redactor
from opsboard.collect.unexpected_errors import explain_error
from opsboard.commands.config_findings import config_findings
from opsboard.commands.doctor_records import check_records
from opsboard.commands.doctor_start import start_checks
from opsboard.commands.setup import (
    LoadedConfig,
    enabled_sources,
    no_sources_message,
    read_config,
    warn,
    warn_if_demo,
)
from opsboard.config.paths import current_environ, user_paths
from opsboard.config.resolved_source import ResolvedSource
from opsboard.config.unknown_environments import unknown_environments
from opsboard.environments.rules import EnvironmentRules
from opsboard.records import Status
from opsboard.system.exit_codes import ExitCode
from opsboard.system.file_trust import others_may_read
from opsboard.system.secrets import has_literal, secret_files
from opsboard.system.temporary_folders import left_behind
from opsboard.text.sanitize import sanitize
from opsboard.text.suggestions import did_you_mean_or_list

TIMEOUT: Final = 60.0
"""Seconds that the checks of one source may take together."""


def run(options: Namespace) -> int:
    """Check the config, and the sources one after another; return 0 if all pass, 2 if not."""
    setup = read_config(options)
    findings = tuple(config_findings(setup.config, user_paths().themes))
    for problem in (*setup.config.problems, *findings, *setup.config.hints):
        warn(str(problem))
    code = asyncio.run(_diagnose(setup, options.source, options.config))
    return ExitCode.UNREACHABLE if findings and code == ExitCode.OK else code


async def _diagnose(setup: LoadedConfig, wanted: Sequence[str], wanted_config: Path | None) -> int:
    sources = {source.name: source for source in await enabled_sources(setup)}
    if unknown := set(wanted) - sources.keys():
        for name in sorted(unknown):
            warn(f"no source called {name!r}; {did_you_mean_or_list(name, sources)}")
        return ExitCode.USAGE
    if not sources:
        warn(no_sources_message(setup))
        return ExitCode.USAGE
    warn_if_demo(sources.values())
    for one in (*_open_secrets(setup), *_unseen(setup, sources.values()), *_left_behind()):
        warn(f"warning: {one.subject}: {one.message}" + (f"; {one.hint}" if one.hint else ""))
    if not wanted:
        _say("start")
        for one in start_checks(wanted_config, first_frame=setup.config.settings.ui.first_frame):
            _say(_line(one))
    noted = _head_noted_elsewhere(setup)
    rules = EnvironmentRules(setup.config.settings.environments)
    chosen = [source for name, source in sources.items() if not wanted or name in wanted]
    verdicts = [await _examine(source, rules) for source in chosen]
    return ExitCode.OK if all((*verdicts, noted)) else ExitCode.UNREACHABLE


def _head_noted_elsewhere(setup: LoadedConfig) -> bool:
    """Check the file for a second note of the audit trail's head; return whether that is fine."""
    audit = setup.config.settings.audit
    witness = witness_of(
        audit.head_file, current_actor(current_environ().env), required=audit.required
    )
    if witness is None:
        return True
    _say(f"audit (the head of the trail, noted in {sanitize(str(witness.file))})")
    bad = Status.FAILED if witness.required else Status.WARNING
    check = Check("head_file", Status.OK, "can be noted")
    try:
        witness.check()
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        hint = "create it, give this user the right to write there, or fix head_file in [audit]"
        check = Check("head_file", bad, f"{where}{error.strerror or error}", hint)
    except ValueError as error:
        check = Check(
            "head_file", bad, f"holds no head: {error}", "check who wrote it, and move it away"
        )
    _say(_line(check))
    return check.status is not Status.FAILED


def _unseen(setup: LoadedConfig, sources: Iterable[ResolvedSource]) -> Iterator[Check]:
    """Yield a warning for each environment name in the config that may be a typo."""
    named = {one.name: one.settings.environment for one in sources if one.settings.environment}
    for one in unknown_environments(setup.config.settings, named):
        yield Check(one.key, Status.WARNING, one.message, one.hint)


async def _examine(source: ResolvedSource, rules: EnvironmentRules) -> bool:
    """Print the checks of *source*; return whether none failed."""
    redactor = Redactor()
    context = SourceContext(
        source.name,
        source.settings,
        host_environ=current_environ(),
        environments=rules,
        clock=SystemClock(),
        redactor=redactor,
    )
    _say(f"{source.name} ({source.adapter.title}, from {source.found_by})")
    fine = True
    try:
        async with asyncio.timeout(TIMEOUT), source.adapter.connect(source.settings, context) as it:
            async for check in it.checks():
                fine &= check.status is not Status.FAILED
                _say(redactor.redact(_line(check)))
            if fine and source.adapter.kinds:  # otherwise there is nothing to read
                async for check in check_records(it, context):
                    _say(redactor.redact(_line(check)))
    except SourceError as error:
        fine = False
        _say(redactor.redact(_line(Check("connect", Status.FAILED, error.message, error.hint))))
    except TimeoutError:
        fine = False
        hint = f"find out why the server is slow, or lower timeout in [sources.{source.name}]"
        _say(_line(Check("answer", Status.FAILED, f"no end within {TIMEOUT:.0f} s", hint)))
    except (Exception, SystemExit) as error:  # third-party code may raise anything
        fine = False
        explained = explain_error(source.name, error, redactor.redact)
        _say(
            redactor.redact(
                _line(Check("connect", Status.FAILED, explained.message, explained.hint))
            )
        )
    return fine


def _open_secrets(setup: LoadedConfig) -> Iterator[Check]:
    """Yield a warning for each file with a secret in it that other users may read."""
    settings = [source.settings for source in setup.config.sources]
    files = dict.fromkeys(file for one in settings for file in secret_files(one))
    if setup.file is not None and any(map(has_literal, settings)):
        files[setup.file] = None
    for file in files:
        if others_may_read(file):
            message = f"others may read {file}, which holds a secret"
            yield Check("secrets", Status.WARNING, message, f"chmod go-rwx {file}")


def _left_behind() -> Iterator[Check]:
    """Yield a warning for each folder of a killed program that may hold a document or a login."""
    for folder in left_behind(current_environ().env):
        message = f"{folder} was left by an opsboard that was killed"
        yield Check(
            "private files", Status.WARNING, message, "the next start of the board removes it"
        )


def _line(check: Check) -> str:
    hint = f"\n             hint: {sanitize(check.hint)}" if check.hint else ""
    return f"  {check.status:<8} {sanitize(check.subject)}: {sanitize(check.message)}{hint}"


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
