"""``opsboard history``: what is remembered, of whom and since when; and to forget it."""

import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from opsboard.commands.history_access import time_of
from opsboard.commands.setup import warn
from opsboard.config.paths import user_paths
from opsboard.history.forgetting import compact, forget, journal_of
from opsboard.history.ledger import Ledger
from opsboard.history.ledger_file import LedgerError
from opsboard.history.overview import RecordedSource, recorded
from opsboard.startup.frame_keeper import forget_frames
from opsboard.system.exit_codes import ExitCode
from opsboard.text.escaping import escaped


def show(_options: Namespace) -> int:
    """Print what is in the ledger, without its content."""
    ledger = Ledger(user_paths().state)
    if not ledger.file.exists():
        sys.stdout.write(f"nothing is recorded yet ({ledger.file})\n")
        return ExitCode.OK
    try:
        sys.stdout.write("".join(_lines(ledger, recorded(ledger))))
    except LedgerError as error:
        warn(str(error))
        return ExitCode.FAILED
    finally:
        ledger.close()
    return ExitCode.OK


def run_forget(options: Namespace) -> int:
    """Delete what the options name, once it is confirmed; return the exit code."""
    if not (options.all or options.source or options.before):
        warn("say what is to be forgotten: --source NAME, --before TIME, or --all")
        return ExitCode.USAGE
    before = time_of(options.before, datetime.now(UTC)) if options.before else None
    if options.before and before is None:
        return ExitCode.USAGE
    ledger = Ledger(user_paths().state)
    if not ledger.file.exists():
        forget_frames(user_paths().cache)  # they are kept without a history too
        sys.stdout.write("nothing is recorded\n")
        return ExitCode.OK
    try:
        return _forget(ledger, options, before)
    except LedgerError as error:
        warn(str(error))
        return ExitCode.FAILED
    finally:
        ledger.close()


def _forget(ledger: Ledger, options: Namespace, before: datetime | None) -> int:
    known = recorded(ledger)
    chosen = [one for one in known if options.all or options.source in {None, one.name}]
    if not chosen and not options.all:
        names = ", ".join(dict.fromkeys(one.name for one in known)) or "none"
        warn(f"no history of a source called {options.source!r}; there is that of: {names}")
        if not compact(ledger):  # asked for again, to get rid of what was left of it
            warn(_left_in(journal_of(ledger)))
            return ExitCode.FAILED
        return ExitCode.USAGE
    sys.stdout.write("".join(_source_line(one) for one in chosen))
    if not (options.yes or _confirmed(before)):
        sys.stdout.write("nothing was forgotten\n")
        return ExitCode.REFUSED
    everything = options.all or (options.source is None and before is not None)
    left = forget(ledger, None if everything else [one.number for one in chosen], before)
    forget_frames(user_paths().cache)  # what was seen last is a part of what was
    for file in left:
        warn(_left_in(file))
    if left:
        return ExitCode.FAILED
    sys.stdout.write("forgotten\n")
    return ExitCode.OK


def _left_in(file: Path) -> str:
    """Return what is left of what was deleted, where, and how to get rid of it."""
    if file.name.endswith(".damaged"):
        return (
            f"deleted from the history; but {file} was set aside as damaged, and may have some of "
            "it: delete that file, or forget --all"
        )
    return (
        f"deleted from the history; but another program reads an earlier state of it, and so its "
        f"text is still in {file}: end what has that file open (`fuser {file}` names it), and say "
        "this again"
    )


def _confirmed(before: datetime | None) -> bool:
    """Ask; without a terminal to ask on, it is not confirmed."""
    if not sys.stdin.isatty():
        warn("there is nobody to confirm it: give --yes")
        return False
    what = f" from before {before:%Y-%m-%d %H:%M:%S} UTC" if before else ""
    sys.stdout.write(f"Forget this history{what} for good? Type 'forget': ")
    sys.stdout.flush()
    return sys.stdin.readline().strip() == "forget"


def _lines(ledger: Ledger, sources: Sequence[RecordedSource]) -> Iterator[str]:
    size = sum(file.stat().st_size for file in ledger.file.parent.glob(f"{ledger.file.name}*"))
    yield f"{ledger.file}: {size / 1e6:,.1f} MB\n"
    if not sources:
        yield "nothing is recorded yet\n"
    for source in sources:
        yield _source_line(source)
        until = f"{source.watched_until:%Y-%m-%d %H:%M:%S}Z" if source.watched_until else "never"
        yield f"    since {source.since:%Y-%m-%d %H:%M:%S}Z, watched until {until}\n"
        yield f"    {_counted(source.transitions, 'change')}, {_counted(source.gaps, 'gap')}\n"
        for writer in source.writers:
            yield f"    recorded by {escaped(writer)}\n"


def _source_line(source: RecordedSource) -> str:
    who = f"as {source.principal}" if source.principal else "principal unknown: this login only"
    return escaped(f"{source.name} ({source.title}, {source.address}), {who}") + "\n"


def _counted(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"
