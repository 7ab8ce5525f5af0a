"""How the program ends, and when it does not begin."""

import asyncio
import inspect
import os
import pty
import re
import signal
import termios
import tty

import pytest
from textual.app import App
from textual.drivers import linux_driver

from opsboard.config.settings import UiSettings
from opsboard.system.exit_codes import ExitCode
from opsboard.ui.start import start
from opsboard.ui.terminal.shutdown import (
    EXIT_SIGNALS,
    RESTORE_SEQUENCE,
    ShutdownWatchdog,
    exit_on_signals,
    internal_error_line,
    terminal_problem,
)
from tests.patience import PATIENCE
from tests.ui.app_harness import AppHarness, FakeFeed, Stopped, stage_board, until
from tests.ui.start_screens import detail as _detail


@pytest.mark.parametrize(
    ("env", "tty", "word"),
    [
        ({"TERM": "xterm"}, True, ""),
        ({"TERM": "dumb"}, True, "TERM is 'dumb'"),
        ({}, True, "TERM is not set"),
        ({"TERM": "xterm"}, False, "needs a terminal"),
    ],
)
def test_terminals_that_cannot_be_drawn_on_are_refused(
    env: dict[str, str], tty: bool, word: str
) -> None:
    said = terminal_problem(env, tty_in=tty, tty_out=True)
    assert word in said
    assert bool(said) is bool(word)


def test_without_a_terminal_there_is_a_clear_word(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", open(os.devnull))  # noqa: PTH123, SIM115 - no terminal
    feed = FakeFeed()
    assert start(feed, stage_board(), UiSettings(), Stopped()) == 64
    assert "opsboard: the board needs a terminal" in capsys.readouterr().err
    assert feed.started == 0


async def test_each_signal_ends_with_its_code() -> None:
    codes: list[int] = []
    begun: list[int] = []
    loop = asyncio.get_running_loop()
    exit_on_signals(loop, codes.append, begun.append)
    try:
        for number in EXIT_SIGNALS:
            os.kill(os.getpid(), number)
            async with asyncio.timeout(PATIENCE):
                while 128 + number not in codes:  # noqa: ASYNC110 - a signal sets no event
                    await asyncio.sleep(0.01)
    finally:
        for number in EXIT_SIGNALS:
            loop.remove_signal_handler(number)
    assert codes == begun == [128 + number for number in EXIT_SIGNALS]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_what_people_and_machines_end_programs_with_is_among_them(number: signal.Signals) -> None:
    assert number in EXIT_SIGNALS


def test_the_last_resort_puts_the_modes_back_and_says_so_to_the_screen() -> None:
    main, own = pty.openpty()
    try:
        before = termios.tcgetattr(own)
        resort = ShutdownWatchdog(own, own)
        tty.setraw(own)
        assert termios.tcgetattr(own) != before
        resort.restore()
        assert termios.tcgetattr(own) == before
        assert os.read(main, 4096).decode() == RESTORE_SEQUENCE
    finally:
        os.close(main)
        os.close(own)


def test_the_last_resort_undoes_all_that_textual_does() -> None:
    """Each mode that its driver sets or takes back is taken back, and the keyboard's with them."""
    source = inspect.getsource(linux_driver)
    modes = set(re.findall(r"x1b\[\?(\d+)[hl]", source)) - {"2026"}  # of one frame at a time
    assert {"1049", "25", "1000", "2004"} <= modes
    assert modes <= set(re.findall(r"\?(\d+)[hl]", RESTORE_SEQUENCE))
    assert "\x1b[<u" in RESTORE_SEQUENCE


def test_the_last_resort_harms_nobody_where_there_is_no_terminal() -> None:
    read, write = os.pipe()
    os.close(read)
    ShutdownWatchdog(read, write).restore()
    os.close(write)
    ShutdownWatchdog(-1, -1).restore()


async def test_a_signal_ends_the_app_in_order() -> None:
    stage = AppHarness(_detail)
    async with stage.run(size=(80, 24)) as pilot:
        os.kill(os.getpid(), signal.SIGTERM)
        await until(pilot, lambda: not stage.app.is_running)
    assert stage.app.return_code == 128 + signal.SIGTERM


def test_a_fault_is_told_without_what_it_held() -> None:
    try:
        int("secret")
    except ValueError as error:
        line = internal_error_line(error)
    assert "ValueError" in line
    assert "test_a_fault_is_told" in line
    assert "secret" not in line


def test_textual_still_has_the_private_method_that_we_replace() -> None:
    assert callable(App._fatal_error)
    assert callable(App._close_messages_no_wait)


async def test_a_fault_in_a_handler_ends_without_a_traceback(
    capfd: pytest.CaptureFixture[str],
) -> None:
    class Faulty(type(AppHarness(_detail).app)):  # type: ignore[misc]
        def _tick(self) -> None:
            raise ZeroDivisionError("secret")

    stage = AppHarness(_detail)
    stage.app.__class__ = Faulty
    with pytest.raises(ZeroDivisionError):
        async with stage.run(size=(80, 24)) as pilot:
            await until(pilot, lambda: stage.app._exception is not None)
    assert stage.app.return_code == ExitCode.INTERNAL_ERROR
    # while its loop still runs, what an app prints goes past sys.stderr
    printed = " ".join(capfd.readouterr().err.split())
    assert "a fault of opsboard itself: ZeroDivisionError in _tick" in printed
    assert "secret" not in printed
