"""A text in the user's own editor: handed the terminal, and a file that nobody else reads."""

import shlex
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from opsboard.adapter.programs import Program, exit_text
from opsboard.system.temporary_folders import private_file
from opsboard.text.encoding import MAX_BYTES
from opsboard.ui.terminal.hand_over import TerminalHandOver

DEFAULT_EDITOR: Final = "vi"
"""What POSIX says where neither VISUAL nor EDITOR is set (*more*, *crontab*)."""


class EditorError(Exception):
    """Nothing was edited; the text says why."""


def editor_words(env: Mapping[str, str]) -> list[str]:
    """Return the command of the editor that *env* names. Raises :exc:`EditorError`."""
    named = env.get("VISUAL") or env.get("EDITOR") or DEFAULT_EDITOR
    try:
        words = shlex.split(named)
    except ValueError as error:
        raise EditorError(f"the editor {named!r} cannot be run: {error}") from None
    if not words:
        raise EditorError("VISUAL and EDITOR name no editor")
    return words


async def edit_text(
    hand_over: TerminalHandOver, text: str, suffix: str, env: Mapping[str, str]
) -> str:
    """Return *text* as somebody has left it in their editor. Raises :exc:`EditorError`.

    The file is in a folder of its own that is for this user alone, and is gone afterwards with
    whatever the editor has put beside it: a backup, a swap file.
    """
    words = editor_words(env)
    try:
        with private_file(f"edit{suffix}", text.encode(), env) as file:
            return await _edited(hand_over, words, file, env)
    except OSError as error:
        raise EditorError(f"there is no place for a file to edit: {error}") from None


async def _edited(
    hand_over: TerminalHandOver, words: Sequence[str], file: Path, env: Mapping[str, str]
) -> str:
    program = Program((*words, str(file)), dict(env), f"opsboard: {words[0]} edits a document")
    try:
        code = await hand_over.run(program, lambda: None)
        if code:
            raise EditorError(f"{words[0]}: {exit_text(code)}, so nothing is planned")
        return _text(file)
    except OSError as error:
        raise EditorError(f"{words[0]}: {error.strerror or error}") from None


def _text(file: Path) -> str:
    try:
        found = file.stat()
        if not stat.S_ISREG(found.st_mode):  # a pipe would be read for ever
            raise EditorError("what the editor has left is no plain file, so nothing is planned")
        if found.st_size > MAX_BYTES:
            most = f"{MAX_BYTES >> 20} MiB"
            raise EditorError(f"what the editor has left is longer than {most}: edit less of it")
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise EditorError("the editor has left no file, so nothing is planned") from None
    except UnicodeDecodeError:
        raise EditorError("what the editor has left is no UTF-8") from None
