"""A parser whose errors say what was meant, and whose ``--help`` fits a terminal of 80 by 24.

Help has the arguments that are a command's own, one a line; those that many commands have are named
in one line, and the manual page has the rest (``man opsboard``).
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from textwrap import TextWrapper
from typing import Any, Final, NoReturn

from opsboard.arguments.examples import EXAMPLES
from opsboard.system.exit_codes import ExitCode
from opsboard.text.suggestions import did_you_mean

WIDTH: Final = 80
NAMES: Final = 22
"""Columns of the names of arguments, before what is said of them."""
SHARED: Final = frozenset(
    {
        "ascii", "color", "config", "help", "interval", "no_mouse", "read_only", "schema", "theme",
        "version", "wait_fresh",
    }
)  # fmt: skip
"""Options that many commands have, or that are seldom used: named in one line."""


class CommandParser(argparse.ArgumentParser):
    """Exits with 64 where argparse would exit with 2, which means "unreachable" here.

    An unknown option or command is reported with the nearest known one.
    """

    _words: Sequence[str] = ()

    @property
    def examples(self) -> Sequence[str]:
        """Command lines that show what the command is for."""
        return EXAMPLES.get(self.prog.partition(" ")[2], ())

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(ExitCode.USAGE, f"{self.prog}: {message}\n")

    def parse_known_args(  # type: ignore[override]  # argparse has an overload for each namespace
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Parse *args*. Unknown ones are reported here, where the known options are at hand."""
        self._words = list(sys.argv[1:] if args is None else args)
        options, rest = super().parse_known_args(args, namespace)
        if rest:
            near = filter(None, (self._near(word) for word in rest if word.startswith("-")))
            self.error("; ".join((f"unrecognized arguments: {' '.join(rest)}", *near)))
        return options, rest

    def _unknown_before(self, value: object) -> str:
        """Return the unknown option that *value* was given to, or ``""``."""
        pairs = zip(self._words, self._words[1:], strict=False)
        option = next((word for word, behind in pairs if behind == value), "")
        is_unknown = option.startswith("-") and option not in self._option_string_actions
        return option if is_unknown else ""

    def _near(self, word: str) -> str:
        known = [name for one in self._shown() for name in one.option_strings]
        return did_you_mean(word.partition("=")[0], known)

    def _get_value(self, action: argparse.Action, arg_string: str) -> object:
        """Return what *arg_string* says; where that is no whole number, it is told in words."""
        if action.type is not int:
            return super()._get_value(action, arg_string)
        try:
            return int(arg_string)
        except ValueError:
            raise argparse.ArgumentError(action, f"{arg_string!r} is no whole number") from None

    def _check_value(self, action: argparse.Action, value: object) -> None:
        """Raise :exc:`argparse.ArgumentError` for a *value* that is none of the choices."""
        if action.choices is not None and value not in action.choices:
            is_command = isinstance(action, argparse._SubParsersAction)  # noqa: SLF001
            if is_command and (option := self._unknown_before(value)):
                said = f"unrecognized arguments: {option}", self._near(option)
                self.error("; ".join(filter(None, said)))
            what = "command" if is_command else "choice"
            known = [str(one) for one in action.choices]
            near = did_you_mean(str(value), known)
            parts = f"invalid {what} {value!r}", near, f"there are: {', '.join(known)}"
            raise argparse.ArgumentError(action, "; ".join(filter(None, parts)))

    # --- help ------------------------------------------------------------------------------------

    def format_usage(self) -> str:
        """Return one line: the arguments, and that there are options."""
        return f"usage: {' '.join((self.prog, '[options]', *self._arguments()))}\n"

    def format_help(self) -> str:
        """Return what the command does, its arguments, and examples."""
        lines = [self.format_usage().rstrip(), *_wrapped(self.description or ""), ""]
        lines += self._rows()
        if shared := [_names(one) for one in self._shown() if one.dest in SHARED]:
            lines += _wrapped(f"{', '.join(shared)} (man opsboard)", "  also: ", " " * 8)
        if self.examples:
            lines += ["", *(f"  opsboard {example}" for example in self.examples)]
        lines += _wrapped(self.epilog or "")
        return "\n".join(lines) + "\n"

    def _rows(self) -> Iterator[str]:
        rows = list(self._named())
        width = min(NAMES, max((len(names) for names, _ in rows), default=0))
        for names, text in rows:
            lead = f"  {names:<{width}}  "
            yield from _wrapped(text, lead, " " * (width + 4)) or [lead.rstrip()]

    def _named(self) -> Iterator[tuple[str, str]]:
        """Yield the names of each argument or command, and what is said of it."""
        for action in self._shown():
            if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
                for command in action._choices_actions:  # noqa: SLF001
                    yield command.dest, command.help or ""
            elif action.dest not in SHARED:
                yield _names(action), action.help or ""

    def _shown(self) -> list[argparse.Action]:
        return [one for one in self._actions if one.help != argparse.SUPPRESS]

    def _arguments(self) -> Iterator[str]:
        for action in self._shown():
            if not action.option_strings:
                name = str(action.metavar or action.dest)
                yield _REPEATED.get(action.nargs, "{0}").format(name)


_REPEATED: Final[dict[Any, str]] = {
    "?": "[{0}]",
    "*": "[{0} ...]",
    "+": "{0} [{0} ...]",
    argparse.PARSER: "{0} ...",
}


def _names(action: argparse.Action) -> str:
    if not action.option_strings:
        return str(action.metavar or action.dest)
    names = ", ".join(action.option_strings)
    if action.nargs == 0:
        return names
    choices = "{" + ",".join(map(str, action.choices)) + "}" if action.choices else ""
    return f"{names} {action.metavar or choices or action.dest.upper()}"


def _wrapped(text: str, first: str = "", subsequent: str = "") -> list[str]:
    wrapper = TextWrapper(WIDTH, initial_indent=first, subsequent_indent=subsequent)
    wrapper.break_on_hyphens = False
    return wrapper.wrap(text)
