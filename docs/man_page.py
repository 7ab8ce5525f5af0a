"""``opsboard.1``: the manual page, from the parser of the command line."""

import argparse
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Final

from opsboard.arguments.examples import EXAMPLES
from opsboard.arguments.parser import make_parser

EXIT_CODES: Final[Mapping[str, str]] = {
    "0": "All is well, or what was asked for has been done.",
    "1": "Something failed, or there is no such thing.",
    "2": "A source is unknown: unreachable, throttled, broken or silent.",
    "3": "Refused; nothing was done.",
    "4": "The outcome of an action is unknown.",
    "5": "An action had no verdict in time.",
    "64": "Bad usage, an unusable config included.",
    "70": "A fault of opsboard itself, or nowhere to write to.",
    "130": "Interrupted.",
}
"""Those of :class:`opsboard.system.exit_codes.ExitCode`."""

ENVIRONMENT: Final[Mapping[str, str]] = {
    "OPSBOARD_CONFIG": "The config file, unless --config names another.",
    "XDG_CONFIG_HOME, XDG_STATE_HOME, XDG_CACHE_HOME": (
        "Where the folders opsboard of config, audit trail and history, and cache are."
    ),
    "NO_COLOR, CLICOLOR, CLICOLOR_FORCE": "When to use colour; --color goes before them.",
    "COLUMNS": "The width of what is printed on a terminal.",
}

FILES: Final[Mapping[str, str]] = {
    "~/.config/opsboard/config.toml": "The config; `opsboard config schema` describes it.",
    "~/.config/opsboard/themes/": "Your own themes.",
    "~/.local/state/opsboard/": "The audit trail, the history, acknowledgements, the log.",
    "~/.cache/opsboard/": "The last known board.",
}


def page() -> str:
    """Return the page as roff, the same on a terminal of any width."""
    from argparse_manpage.manpage import Manpage  # noqa: PLC0415 - for this page alone

    parser = make_parser()
    for one in _parsers(parser):
        one.formatter_class = partial(argparse.HelpFormatter, width=78)
    manual = Manpage(
        parser,
        {
            "date": " ",
            "manual_title": "opsboard",
            "description": "one board for builds, deployments, models and drift",
        },
    )
    examples = [f"opsboard {line}" for lines in EXAMPLES.values() for line in lines]
    manual.add_section("examples", "=", "\n".join(f".PP\n{_escaped(line)}" for line in examples))
    manual.add_section("exit status", "=", _list(EXIT_CODES))
    manual.add_section("environment", "=", _list(ENVIRONMENT))
    manual.add_section("files", "=", _list(FILES))
    return str(manual)


def _parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    yield parser
    for action in parser._actions:  # noqa: SLF001 - argparse has no public name for it
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for command in action.choices.values():
                yield from _parsers(command)


def _list(items: Mapping[str, str]) -> str:
    return "\n".join(f".TP\n.B {_escaped(it)}\n{_escaped(text)}" for it, text in items.items())


def _escaped(text: str) -> str:
    """Return *text* for roff: a line must not begin with a dot or a quote, and a dash is one."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace("~", "\\(ti")
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped
