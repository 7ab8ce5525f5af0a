"""Options that several commands have, and what they take."""

import argparse
from typing import Final

COLOR: Final = ("auto", "always", "never")


def add_color_option(command: argparse.ArgumentParser) -> None:
    """Let *command* be told when to use colour."""
    command.add_argument(
        "--color",
        "--colour",
        choices=COLOR,
        default="auto",
        help="when to use colour: on a terminal unless NO_COLOR is set (auto), always or never",
    )


def add_wait_fresh_option(command: argparse.ArgumentParser) -> None:
    """Let *command* be told how long it waits for the sources."""
    command.add_argument(
        "--wait-fresh",
        type=seconds,
        default=20.0,
        metavar="S",
        help="wait up to S seconds for every source to answer (default: 20)",
    )


def add_filter_option(command: argparse.ArgumentParser, help_text: str) -> None:
    """Let *command* be told to leave out what does not match."""
    command.add_argument("--filter", metavar="WORDS", default="", help=help_text)


def seconds(text: str) -> float:
    """Return *text* as seconds, up to an hour. Raises :exc:`argparse.ArgumentTypeError`."""
    try:
        found = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds") from None
    if not 0 <= found <= 3_600:
        raise argparse.ArgumentTypeError("must be between 0 and 3600 seconds")
    return found
