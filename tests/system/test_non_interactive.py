"""What is run behind the board asks nobody, ends in time, and leaves nothing behind."""

import asyncio
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from opsboard.system import non_interactive
from opsboard.system.non_interactive import (
    MAX_OUTPUT,
    PROMPT_VARIABLES,
    PROMPTS_OFF,
    NonInteractiveError,
    NotStartedError,
    run_non_interactive,
)
from opsboard.system.non_interactive import non_interactive_env as quiet
from tests.patience import PATIENCE

ENV = dict(os.environ)

ASKS = """
import sys
try:
    with open("/dev/tty", "r+b", buffering=0) as terminal:
        terminal.write(b"Enter PEM pass phrase:")
        print("asked:", terminal.read(1))
except OSError as error:
    print("nobody to ask:", error.errno, repr(sys.stdin.read()))
"""

WITH_A_TERMINAL = """
import asyncio, os, sys
from opsboard.system.non_interactive import run_non_interactive
try:
    open("/dev/tty", "r+b", buffering=0).close()
except OSError:
    sys.exit("this test has no terminal")
answer = asyncio.run(
    run_non_interactive((sys.executable, "-c", sys.argv[1]), os.environ, seconds=20)
)
print(answer.output.decode().strip())
"""


def test_a_program_that_opens_the_terminal_finds_none() -> None:
    """Run below a terminal of its own, which the one that asks has and its program does not."""
    main, own = pty.openpty()
    try:
        process = subprocess.run(
            [
                sys.executable,
                "-c",
                "import os, sys, fcntl, termios\n"
                "os.setsid(); fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n" + WITH_A_TERMINAL,
                ASKS,
            ],
            stdin=own,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    finally:
        os.close(main)
        os.close(own)
    assert process.returncode == 0, process.stderr
    assert process.stdout.startswith("nobody to ask:")
    assert process.stdout.rstrip().endswith("''"), "its input is empty"


def test_it_is_told_by_its_environment_that_there_is_nobody() -> None:
    told = quiet(
        {
            "PATH": "/bin",
            "GIT_TERMINAL_PROMPT": "1",
            **dict.fromkeys(PROMPT_VARIABLES, "/dev/pts/3"),
        }
    )
    assert told == {"PATH": "/bin", **PROMPTS_OFF}


async def test_its_answer_and_its_exit_code() -> None:
    answer = await run_non_interactive(
        (sys.executable, "-c", "print('here'); exit(3)"), ENV, seconds=20
    )
    assert (answer.exit_code, answer.output) == (3, b"here\n")


@pytest.mark.parametrize(
    "words",
    [(), ("no-such-program",), ("/",), ("",), ("a\0b",), ("\ud800",), ("/bin/sh", "a\0b")],
    ids=repr,
)
async def test_what_cannot_be_run(words: tuple[str, ...]) -> None:
    with pytest.raises(NotStartedError, match="cannot run"):
        await run_non_interactive(words, ENV, seconds=20)


async def test_an_environment_that_cannot_be() -> None:
    with pytest.raises(NotStartedError, match="cannot run"):
        await run_non_interactive(("/bin/true",), {"A": "b\0c"}, seconds=20)


async def test_it_may_not_print_for_ever() -> None:
    with pytest.raises(NonInteractiveError, match=f"printed more than {MAX_OUTPUT:,} bytes"):
        await run_non_interactive(
            (sys.executable, "-c", "while True: print('x' * 4096)"), ENV, seconds=60
        )


STARTS_A_CHILD = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
with open(sys.argv[1] + ".new", "w") as file:
    file.write(f"{os.getpid()} {child.pid}")
os.rename(sys.argv[1] + ".new", sys.argv[1])
time.sleep(float(sys.argv[2]))
"""


async def _pids(told: Path) -> tuple[int, int]:
    async with asyncio.timeout(PATIENCE):
        while (found := _read(told)) is None:  # noqa: ASYNC110 - another process: no event
            await asyncio.sleep(0.01)
    return found


def _read(told: Path) -> tuple[int, int] | None:
    if not told.exists():
        return None
    parent, child = told.read_text().split()
    return int(parent), int(child)


async def _are_gone(*pids: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while any(_lives(pid) for pid in pids):  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.01)


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def test_who_takes_too_long_is_ended_with_all_it_has_started(tmp_path: Path) -> None:
    told = tmp_path / "pids"
    words = (sys.executable, "-c", STARTS_A_CHILD, str(told), "600")
    asking = asyncio.create_task(run_non_interactive(words, ENV, seconds=600))
    pids = await _pids(told)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await _are_gone(*pids)


async def test_it_is_not_waited_for_longer_than_said() -> None:
    with pytest.raises(NonInteractiveError, match=r"did not finish within 0\.05 s"):
        await run_non_interactive(
            (sys.executable, "-c", "import time; time.sleep(600)"), ENV, seconds=0.05
        )


async def test_an_output_that_somebody_holds_open_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(non_interactive, "_EMPTIED", 0.05)
    told = tmp_path / "pids"
    answer = await run_non_interactive(
        (sys.executable, "-c", STARTS_A_CHILD, str(told), "0"), ENV, seconds=600
    )
    assert answer.exit_code == 0
    os.kill((await _pids(told))[1], 9)


def test_every_program_is_started_where_it_can_ask_nobody() -> None:
    """Whoever adds a program has to come by here: else it asks at the board's."""
    root = Path(__file__).parents[2]
    starts = ("create_subprocess", "subprocess.run", "subprocess.Popen", "os.system", "os.spawn")
    found = {
        str(file.relative_to(root))
        for folder in ("tui", "adapters")
        for file in (root / folder).rglob("*.py")
        if "demo" not in file.parts
        if any(start in file.read_text("utf-8") for start in starts)
    }
    assert found == {
        "tui/opsboard/system/non_interactive.py",
        "tui/opsboard/ui/terminal/browser.py",  # a session of its own, see its test
        "tui/opsboard/ui/terminal/hand_over.py",  # has the terminal, which is what it is for
        "tui/opsboard/collect/program_runner.py",  # a session of its own, its input is a pipe
        "tui/opsboard/system/supervised.py",  # in that session, without an input
        "adapters/opsboard_adapters/command/jobs.py",  # a session of its own, for what it keeps
        "adapters/opsboard_adapters/command/job_runner.py",  # in that session
    }
