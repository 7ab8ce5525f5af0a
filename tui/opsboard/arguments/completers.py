"""What can stand for each argument of the command line, for the completion of shells.

The shell's script asks the program itself (argcomplete does both sides), at every key; so only what
is light is imported here, and what the sources have is taken from the last known board.
"""

import argparse
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, TextIO, TypeAlias

import argcomplete
from argcomplete.completers import FilesCompleter, SuppressCompleter

from opsboard.commands.last_known_words import LastKnownWords
from opsboard.config.paths import config_file, current_environ, user_paths

Words: TypeAlias = Sequence[str] | Mapping[str, str]
"""What may stand there; with a mapping, what each of them is."""

_STATUSES: Final = ("failed", "warning", "running", "unknown", "ok")
"""Those of :class:`opsboard.records.Status`, which is not imported for it."""

_LAST_TERM: Final = re.compile(
    r'(?P<before> .*\s | ) (?P<nots> !*) (?P<term> [^\s"]*)', re.VERBOSE | re.DOTALL
)


def answer(
    parser: argparse.ArgumentParser,
    output: TextIO | None = None,
    leave: Callable[[int], object] = os._exit,
) -> None:
    """Answer the script of a shell, which asks by environment variables, and *leave*.

    *output* is by default the file that the script listens to.
    """
    add_completers(parser)
    argcomplete.autocomplete(
        parser, always_complete_options=False, exit_method=leave, output_stream=output
    )


def add_completers(parser: argparse.ArgumentParser) -> None:
    """Let every argument of *parser*, and of its commands, be completed."""
    for action in arguments_of(parser):
        action.completer = _completer(action)  # type: ignore[attr-defined]  # argcomplete reads it


def arguments_of(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Yield the arguments of *parser* and of its commands, without those that are commands."""
    for action in parser._actions:  # noqa: SLF001 - argparse has no public name for it
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for command in action.choices.values():
                yield from arguments_of(command)
        else:
            yield action


def _completer(action: argparse.Action) -> object:
    if action.choices is not None:
        return None  # argcomplete takes the choices
    if action.dest in FILES:
        return FilesCompleter()
    if complete := COMPLETED.get(action.dest):

        def completer(prefix: str, parsed_args: argparse.Namespace, **_: object) -> Words:
            return complete(_last_known(parsed_args), prefix, parsed_args)

        return completer
    return SuppressCompleter()


def _last_known(options: argparse.Namespace) -> LastKnownWords:
    environ = current_environ()
    file = config_file(getattr(options, "config", None), environ.env)
    return LastKnownWords(user_paths().cache, file, environ)


def _targets(known: LastKnownWords, prefix: str, options: argparse.Namespace) -> Words:
    return known.targets(known.kinds(action=getattr(options, "action", None) or ""), prefix)


def _names(known: LastKnownWords, prefix: str, options: argparse.Namespace) -> Words:
    """Complete names: of the table that is asked for, or of anything."""
    kind = getattr(options, "kind", None)
    return known.targets(known.kinds(pane=kind) if kind else None, prefix)


def _filter(known: LastKnownWords, prefix: str, options: argparse.Namespace) -> Words:
    """Complete the last term: its field, or the value of a field that has few of them."""
    match = _LAST_TERM.fullmatch(prefix)
    if match is None:  # within quotes
        return ()
    before = match["before"] + match["nots"]
    field, colon, _ = match["term"].partition(":")
    if not colon:
        return [f"{before}{name}:" for name in known.fields(_filtered(options))]
    return [f"{before}{field}:{value}" for value in _values(field, known)]


def _filtered(options: argparse.Namespace) -> str:
    """Return what the filter of the command is for: a table, ``timeline``, or ``""`` for all."""
    pane = getattr(options, "pane", None) or getattr(options, "kind", None)
    if pane:
        return str(pane)
    return "timeline" if options.command.startswith("opsboard.commands.timeline:") else ""


def _values(field: str, known: LastKnownWords) -> Sequence[str]:
    if field in {"status", "is"}:
        return _STATUSES
    if field in {"environment", "env"}:
        return known.environments()
    return known.sources() if field == "source" else ()


def _themes(_known: LastKnownWords, _prefix: str, _options: argparse.Namespace) -> Words:
    from opsboard.ui.theme.theme_files import theme_names  # noqa: PLC0415 - for this alone

    return theme_names(user_paths().themes)


FILES: Final = frozenset({"config"})
"""Arguments that are paths."""

COMPLETED: Final[Mapping[str, Callable[[LastKnownWords, str, argparse.Namespace], Words]]] = {
    "action": lambda known, _prefix, _options: known.actions(),
    "target": _targets,
    "kind": lambda known, _prefix, _options: known.panes(),
    "name": _names,
    "source": lambda known, _prefix, _options: known.sources(),
    "pane": lambda known, _prefix, _options: known.panes(),
    "environment": lambda known, _prefix, _options: known.environments(),
    "filter": _filter,
    "theme": _themes,
}
"""What completes an argument, by its ``dest``."""

FREE: Final = frozenset(
    {
        "at", "before", "churn", "fix_within", "grep", "head", "interval", "last", "limit", "parts",
        "plan_id", "port", "reason", "scale", "seed", "sha", "since", "tail", "time", "to", "until",
        "values", "wait_fresh", "window",
    }
)  # fmt: skip
"""Arguments whose values nothing known can tell."""
