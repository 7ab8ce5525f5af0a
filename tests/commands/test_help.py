"""Help fits a terminal, shows examples that work, and the manual page has the rest."""

import argparse
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from docs.man_page import ENVIRONMENT, EXIT_CODES

from opsboard.arguments.command_parser import CommandParser
from opsboard.arguments.completers import arguments_of
from opsboard.arguments.examples import EXAMPLES
from opsboard.arguments.parser import make_parser
from opsboard.system.exit_codes import ExitCode

MANUAL = Path(__file__).parents[2] / "docs" / "opsboard.1"


def _commands(parser: argparse.ArgumentParser) -> dict[str, CommandParser]:
    assert isinstance(parser, CommandParser)
    found = {parser.prog: parser}
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                found |= _commands(command)
    return found


COMMANDS = _commands(make_parser())


@pytest.mark.parametrize("prog", COMMANDS)
def test_help_fits_a_terminal_and_names_every_option(
    prog: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    command = COMMANDS[prog]
    text = command.format_help()
    assert len(text.splitlines()) <= 24
    assert max(map(len, text.splitlines())) <= 80
    hidden = argparse.SUPPRESS
    shown = [one for one in command._actions if one.help != hidden and one.dest != "help"]
    assert not [name for one in shown for name in one.option_strings[:1] if name not in text]
    assert command.examples or prog == "opsboard"


def test_every_example_is_understood() -> None:
    assert EXAMPLES.keys() <= {prog.partition(" ")[2] for prog in COMMANDS}
    for command, lines in EXAMPLES.items():
        for line in lines:
            words = shlex.split(line.partition(" | ")[0].partition(" > ")[0])
            assert make_parser().parse_args(words).command, line
            assert line.startswith(command)


def test_the_manual_page_has_every_option_and_exit_code() -> None:
    text = MANUAL.read_text().replace("\\-", "-")
    options = [one for one in arguments_of(make_parser()) if one.help != argparse.SUPPRESS]
    names = {name for one in options for name in one.option_strings} - {"-h", "--help"}
    assert names
    assert not {name for name in names if f"\\fB{name}\\fR" not in text}
    assert {int(code) for code in EXIT_CODES} == {int(code) for code in ExitCode}
    assert all(name in text for name in ENVIRONMENT)


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")
def test_the_manual_page_is_sound() -> None:
    done = subprocess.run(
        ["groff", "-man", "-Tutf8", "-ww", str(MANUAL)], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
