"""Programs beside the board: begun once they say so, and ended with it, whatever they do."""

import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest

from opsboard.adapter import NotSent
from opsboard.adapter.programs import FILE, PrivateFile, Program
from opsboard.collect import program_runner
from opsboard.collect.program_runner import ProgramRunner, TerminalPort
from tests.collect import eventually
from tests.patience import PATIENCE

ENV = {"PATH": os.environ["PATH"]}


@pytest.fixture
async def runner() -> AsyncIterator[ProgramRunner]:
    made = ProgramRunner()
    made.attach(cast("TerminalPort", object()))  # no program here has the terminal
    yield made
    await made.close()


def _python(text: str) -> Program:
    return Program((sys.executable, "-I", "-S", "-c", text), ENV, "a title")


async def test_warnings_on_standard_error_are_no_beginning_and_no_failure(
    runner: ProgramRunner,
) -> None:
    text = "\n".join(
        [
            "import sys, time",
            "print('W1127 the plugin is deprecated \\x1b[31m' * 3_000, file=sys.stderr)",
            "sys.stderr.flush()",
            "print('\\n  Forwarding from 127.0.0.1:1 -> 80 \\x1b[2J', flush=True)",
            "time.sleep(600)",
        ]
    )
    await runner.run_beside("one", _python(text))
    state = await runner.state("one")
    assert state is not None
    assert (state.line, state.exit_code) == ("Forwarding from 127.0.0.1:1 -> 80", None)
    assert runner.runs("one")
    assert not runner.runs("that of another board")
    await runner.end("one")
    ended = await runner.state("one", PATIENCE)
    assert ended is not None
    assert ended.exit_code is not None
    assert ended.is_stopped
    assert not runner.runs("one")


async def test_what_a_program_complained_of_last_is_why_it_has_not_begun(
    runner: ProgramRunner,
) -> None:
    text = "import sys; sys.exit('a warning\\nerror: unable to listen on port 80')"
    with pytest.raises(
        NotSent, match="ended before anything began: error: unable to listen on port 80"
    ):
        await runner.run_beside("one", _python(text))
    with pytest.raises(NotSent, match="ended before anything began: exit code 0"):
        await runner.run_beside("one", _python(""))
    with pytest.raises(NotSent, match="could not be started"):
        await runner.run_beside("one", Program((sys.executable, "a\0b"), ENV, ""))
    assert await runner.state("one") is None


@pytest.mark.parametrize("patience", [0.0, 0.05])
async def test_one_that_says_nothing_is_ended_even_if_it_is_only_about_to_start(
    runner: ProgramRunner, monkeypatch: pytest.MonkeyPatch, patience: float
) -> None:
    monkeypatch.setattr(program_runner, "STARTED_WITHIN", patience)
    with pytest.raises(NotSent, match="has said nothing"):
        await runner.run_beside("one", _python("import time; time.sleep(600)"))
    assert await runner.state("one") is None
    await eventually(lambda: not runner._tasks)


async def test_all_end_with_the_board(runner: ProgramRunner) -> None:
    text = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
    for key in ("one", "two"):
        await runner.run_beside(key, _python(text))
    states = [await runner.state(key) for key in ("one", "two")]
    pids = [int(state.line) for state in states if state is not None]
    await runner.close()
    await eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))


async def test_a_program_has_its_file_for_as_long_as_it_runs(
    runner: ProgramRunner, tmp_path: Path
) -> None:
    """Its content is on no command line, and in no text that is made of the program."""
    (runtime := tmp_path / "runtime").mkdir()
    text = "import os, sys; print(oct(os.stat(sys.argv[1]).st_mode), open(sys.argv[1]).read())"
    words = (*_python(text).argv, FILE)
    env = {**ENV, "XDG_RUNTIME_DIR": str(runtime)}
    program = Program(words, env, "a title", PrivateFile("config", b"hunter2"))
    assert "hunter2" not in repr(program)
    await runner.run_beside("one", program)
    state = await runner.state("one", PATIENCE)
    assert state is not None
    assert state.line == "0o100600 hunter2"
    assert _names(runtime) == []
    lost = Program(words, env, "", PrivateFile("no/such/folder", b""))
    with pytest.raises(NotSent, match="could not be started"):
        await runner.run_beside("two", lost)
    assert _names(runtime) == []


def _names(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir()]
