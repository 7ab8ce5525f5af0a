"""Doing aside what may never end: reading from a dead network mount, a stranger's code.

The thread is left behind where nobody waits any longer, and does not keep the program alive, as
those of an executor would.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


def run_in_thread(call: Callable[[], T]) -> Future[T]:
    """Return the outcome of *call*, which is yet to come from a thread of its own."""
    outcome: Future[T] = Future()
    outcome.set_running_or_notify_cancel()
    threading.Thread(target=_fill, args=(outcome, call), name="opsboard-aside", daemon=True).start()
    return outcome


def _fill(outcome: Future[T], call: Callable[[], T]) -> None:
    try:
        result = call()
    except BaseException as error:  # it is raised again where it is awaited
        outcome.set_exception(error)
    else:
        outcome.set_result(result)
