"""How the program ends, and when it does not begin."""

import asyncio
import os
import signal

import pytest
from textual.app import App

from opsboard.config.settings import UiSettings
from opsboard.exits import Exit
from opsboard.ui.ending import SIGNALS, end_on_signals, fault_line, unfit_terminal
from opsboard.ui.start import start
from tests.ui.homes import detail as _detail
from tests.ui.stage import Stage, StageFeed, Stopped, stage_board


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
    said = unfit_terminal(env, tty_in=tty, tty_out=True)
    assert word in said
    assert bool(said) is bool(word)


def test_without_a_terminal_there_is_a_clear_word(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", open(os.devnull))  # noqa: PTH123, SIM115 - no terminal
    feed = StageFeed()
    assert start(feed, stage_board(), UiSettings(), Stopped()) == 64
    assert "opsboard: the board needs a terminal" in capsys.readouterr().err
    assert feed.started == 0


async def test_each_signal_ends_with_its_code() -> None:
    codes: list[int] = []
    loop = asyncio.get_running_loop()
    end_on_signals(loop, codes.append)
    try:
        for number in SIGNALS:
            os.kill(os.getpid(), number)
            for _ in range(500):
                if 128 + number in codes:
                    break
                await asyncio.sleep(0.01)
    finally:
        for number in SIGNALS:
            loop.remove_signal_handler(number)
    assert codes == [128 + number for number in SIGNALS]


async def test_a_signal_ends_the_app_in_order() -> None:
    stage = Stage(_detail)
    async with stage.run(size=(80, 24)) as pilot:
        os.kill(os.getpid(), signal.SIGTERM)
        for _ in range(200):
            if not stage.app.is_running:
                break
            await pilot.pause(0.01)
    assert stage.app.return_code == 128 + signal.SIGTERM


def test_a_fault_is_told_without_what_it_held() -> None:
    try:
        int("secret")
    except ValueError as error:
        line = fault_line(error)
    assert "ValueError" in line
    assert "test_a_fault_is_told" in line
    assert "secret" not in line


def test_textual_still_has_the_private_method_that_we_replace() -> None:
    assert callable(App._fatal_error)
    assert callable(App._close_messages_no_wait)


async def test_a_fault_in_a_handler_ends_without_a_traceback(
    capfd: pytest.CaptureFixture[str],
) -> None:
    class Faulty(type(Stage(_detail).app)):  # type: ignore[misc]
        def _tick(self) -> None:
            raise ZeroDivisionError("secret")

    stage = Stage(_detail)
    stage.app.__class__ = Faulty
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the app raises at its end
        async with stage.run(size=(80, 24)) as pilot:
            for _ in range(300):
                if stage.app._exception is not None:
                    break
                await pilot.pause(0.01)
    assert stage.app.return_code == Exit.FAULT
    # while its loop still runs, what an app prints goes past sys.stderr
    printed = " ".join(capfd.readouterr().err.split())
    assert "a fault of opsboard itself: ZeroDivisionError in _tick" in printed
    assert "secret" not in printed
