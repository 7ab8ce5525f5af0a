"""What goes wrong with an editor, or before any program has the terminal, is said."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from textual.app import App

from opsboard.adapter.programs import Program
from opsboard.ui.terminal.editor import EditorError, edit_text
from opsboard.ui.terminal.hand_over import TerminalHandOver


class _Editor:
    """In the place of a terminal: what an editor does with the file that it is given."""

    def __init__(self, does: Callable[[Path], int]) -> None:
        self.does, self.file = does, Path()

    async def run(self, program: Program, begun: Callable[[], None]) -> int:
        begun()
        self.file = Path(program.argv[-1])
        return self.does(self.file)


def _left(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def _edited(does: Callable[[Path], int], env: dict[str, str]) -> tuple[str, Path]:
    editor = _Editor(does)
    text = await edit_text(cast("TerminalHandOver", editor), "before", ".yaml", env)
    return text, editor.file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (runtime := tmp_path / "runtime").mkdir()
    return runtime


async def test_the_file_is_for_nobody_else_and_is_gone_with_what_lies_beside_it(
    folder: Path,
) -> None:
    modes: list[int] = []

    def does(file: Path) -> int:
        modes.extend(path.stat().st_mode & 0o777 for path in (file, file.parent))
        (file.parent / "edit.yaml~").write_text("a backup")
        file.unlink()
        file.write_text("after")
        return 0

    text, file = await _edited(does, {"XDG_RUNTIME_DIR": str(folder), "EDITOR": "an editor"})
    assert (text, modes) == ("after", [0o600, 0o700])
    assert file.is_relative_to(folder)
    assert not _left(folder)


async def test_what_an_editor_leaves_wrong_is_said_and_plans_nothing(folder: Path) -> None:
    def removes(file: Path) -> int:
        file.unlink()
        return 0

    def garbles(file: Path) -> int:
        file.write_bytes(b"\xff")
        return 0

    def pipes(file: Path) -> int:
        file.unlink()
        os.mkfifo(file)
        return 0

    def swells(file: Path) -> int:
        os.truncate(file, 1 << 40)
        return 0

    env = {"XDG_RUNTIME_DIR": str(folder)}
    for does, why in (
        (removes, "the editor has left no file"),
        (pipes, "no plain file"),
        (swells, "longer than 16 MiB"),
        (garbles, "no UTF-8"),
        (lambda _: 3, "code 3"),
    ):
        with pytest.raises(EditorError, match=why):
            await _edited(does, env)
    assert not _left(folder)
    for named, why in (("'", "cannot be run"), ("  ", "name no editor")):
        with pytest.raises(EditorError, match=why):
            await _edited(lambda _: 0, {**env, "EDITOR": named})


async def test_without_a_place_for_the_file_it_is_said(tmp_path: Path) -> None:
    (no_folder := tmp_path / "file").touch()
    with pytest.raises(EditorError, match="no place for a file"):
        await _edited(lambda _: 0, {"XDG_RUNTIME_DIR": str(no_folder)})


async def test_a_word_that_no_program_can_be_given_is_an_error_and_no_wait_for_ever() -> None:
    keys, screen = os.openpty()
    try:
        hand_over = TerminalHandOver(App[None](), screen, screen)
        program = Program(("true", "a\0b"), {}, "a title")
        ended = await hand_over._away(program, lambda: None, lambda _: None)
        assert isinstance(ended, OSError)
        assert "null byte" in str(ended)
    finally:
        os.close(keys)
        os.close(screen)


@pytest.mark.parametrize(("code", "said"), [(3, "exit code 3"), (-9, "ended by signal 9")])
async def test_how_an_editor_failed_is_said_in_words(folder: Path, code: int, said: str) -> None:
    env = {"XDG_RUNTIME_DIR": str(folder), "EDITOR": "nano"}
    with pytest.raises(EditorError, match=f"nano: {said}, so nothing is planned"):
        await _edited(lambda _: code, env)
