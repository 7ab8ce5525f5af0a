"""A command line that asks for the board and nothing else, read without :mod:`argparse`.

That takes as long to import as the first frame of a terminal takes to paint. What is not understood
here is left to the parser of all commands, which explains what is wrong with it.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from argparse import Namespace

COMMAND: Final = "opsboard.commands.board:run"
_FLAGS: Final = {"--read-only": "read_only", "--ascii": "ascii", "--no-mouse": "no_mouse"}
_VALUES: Final = {"--config": "config", "--theme": "theme"}


def parse_board_only(argv: Sequence[str] | None) -> "Namespace | None":
    """Return the options in *argv* if it asks for the board alone, otherwise ``None``."""
    found: dict[str, Any] = {
        "config": None,
        "read_only": False,
        "theme": None,
        "ascii": None,
        "no_mouse": False,
        "command": COMMAND,
    }
    words = list(sys.argv[1:] if argv is None else argv)
    while words:
        word = words.pop(0)
        name, is_whole, value = word.partition("=")
        if word in _FLAGS:
            found[_FLAGS[word]] = True
        elif name in _VALUES and (is_whole or (words and not words[0].startswith("-"))):
            value = value if is_whole else words.pop(0)
            if name == "--theme" and not _is_theme(value):
                return None
            found[_VALUES[name]] = Path(value) if name == "--config" else value
        else:
            return None
    return cast("Namespace", SimpleNamespace(**found))


def _is_theme(name: str) -> bool:
    from opsboard.config.paths import user_paths  # noqa: PLC0415 - for this alone
    from opsboard.ui.theme.theme_files import theme_names  # noqa: PLC0415 - likewise

    return name in theme_names(user_paths().themes)
