"""Running in the background what may never end: reading a dead network mount, third-party code.

The thread is abandoned when nobody waits any longer, and does not keep the program alive, as a
thread of an executor would.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


def run_in_thread(call: Callable[[], T]) -> Future[T]:
    """Run *call* in a daemon thread of its own; return the future of its result."""
    outcome: Future[T] = Future()
    outcome.set_running_or_notify_cancel()
    threading.Thread(target=_fill, args=(outcome, call), name="background", daemon=True).start()
    return outcome


def _fill(outcome: Future[T], call: Callable[[], T]) -> None:
    try:
        result = call()
    except BaseException as error:  # raised again by Future.result()
        outcome.set_exception(error)
    else:
        outcome.set_result(result)
