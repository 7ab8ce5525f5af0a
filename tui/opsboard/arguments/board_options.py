"""The options of the board, which is what opens without a command."""

import argparse
from pathlib import Path


def add_board_command(parser: argparse.ArgumentParser) -> None:
    """Add the board's options to *parser*, and make the board its command."""
    add_config_option(parser, default=None)
    add_board_options(parser)
    parser.set_defaults(ascii=None)
    parser.set_defaults(command="opsboard.commands.board:run")


def add_config_option(
    command: argparse.ArgumentParser, default: object = argparse.SUPPRESS
) -> None:
    command.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        default=default,
        help="config file (default: $OPSBOARD_CONFIG, then opsboard/config.toml in the XDG folder)",
    )


def add_board_options(command: argparse.ArgumentParser, **default: object) -> None:
    """Add the options of the board. *default* is for a parser whose parent has the same options."""
    options: dict[str, dict[str, object]] = {
        "--read-only": {"action": "store_true", "help": "forbid every action"},
        "--theme": {"type": theme_name, "metavar": "NAME", "help": "start with this theme"},
        "--ascii": {"action": "store_true", "help": "draw with ASCII characters only"},
        "--no-mouse": {"action": "store_true", "help": "leave the mouse to the terminal"},
    }
    for name, words in options.items():
        command.add_argument(name, **{**words, **default})  # type: ignore[arg-type]


def theme_name(text: str) -> str:
    """Return *text*, the name of a theme. Raises :exc:`argparse.ArgumentTypeError`."""
    from opsboard.config.paths import user_paths  # noqa: PLC0415 - seldom needed
    from opsboard.ui.theme.theme_files import theme_names, unknown_theme  # noqa: PLC0415

    if text not in (names := theme_names(user_paths().themes)):
        raise argparse.ArgumentTypeError(unknown_theme(text, names))
    return text
