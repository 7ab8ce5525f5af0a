"""Keys are read as they come, and nobody looks up while none do."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

from textual.app import App
from textual.events import Key
from textual.message import Message

from opsboard.ui.terminal.key_reader import LOOKS, PENDING, KeyWaiter, PatientDriver, WakingEvent
from tests.patience import PATIENCE


class _Reading(PatientDriver):
    """Reads from a pipe instead of a terminal."""

    def __init__(self, app: App[Any], fileno: int) -> None:
        super().__init__(app)
        self.fileno = fileno
        self.heard: list[str] = []
        self.is_heard = WakingEvent()

    def process_message(self, message: Message) -> None:
        if isinstance(message, Key):
            self.heard.append(message.key)
            self.is_heard.set()


@contextmanager
def _reading() -> Iterator[tuple[_Reading, int]]:
    readable, writable = os.pipe()
    driver = _Reading(App(), readable)
    thread = Thread(target=driver.run_input_thread)
    thread.start()
    try:
        yield driver, writable
    finally:
        driver.exit_event.set()
        thread.join(PATIENCE)
        for file in (readable, writable):
            os.close(file)
    assert not thread.is_alive(), "it is woken to end"


def _hear(driver: _Reading, writable: int, sent: bytes) -> str:
    """Send something, and return the key that is heard."""
    driver.is_heard.clear()
    os.write(writable, sent)
    assert driver.is_heard.wait(PATIENCE)
    return driver.heard[-1]


async def test_keys_are_heard_and_a_lone_escape_too() -> None:
    with _reading() as (driver, writable):
        assert _hear(driver, writable, b"j") == "j"
        assert _hear(driver, writable, b"\x1b[A") == "up"
        assert _hear(driver, writable, b"\x1b") == "escape"
        assert _hear(driver, writable, "ü".encode()) == "ü"


async def test_bytes_that_are_no_text_end_nothing() -> None:
    with _reading() as (driver, writable):
        _hear(driver, writable, b"\xff")
        assert driver.heard
        assert _hear(driver, writable, b"j") == "j"


async def test_a_terminal_that_is_gone_is_read_no_more() -> None:
    readable, writable = os.pipe()
    driver = _Reading(App(), readable)
    thread = Thread(target=driver.run_input_thread, daemon=True)
    thread.start()
    os.close(writable)
    thread.join(PATIENCE)
    ended = not thread.is_alive()
    driver.exit_event.set()
    thread.join(PATIENCE)
    os.close(readable)
    assert ended, "the process would never end"


def test_who_has_waited_in_vain_waits_without_limit_until_a_key_or_the_end() -> None:
    readable, writable = os.pipe()
    ending = WakingEvent()
    with KeyWaiter(readable, ending) as waiter:
        os.write(writable, b"j")
        assert waiter.wait()
        os.read(readable, 1)
        for _ in range(LOOKS):
            assert waiter.timeout == PENDING
            assert not waiter.wait()
        assert waiter.timeout is None
        os.write(writable, b"k")
        assert waiter.wait()
        assert waiter.timeout == PENDING
        os.read(readable, 1)
        ending.set()
        for _ in range(LOOKS + 2):
            assert not waiter.wait()
        ending.set()
        ending.clear()
        ending.clear()
        assert not ending.is_set()
    for file in (readable, writable):
        os.close(file)
