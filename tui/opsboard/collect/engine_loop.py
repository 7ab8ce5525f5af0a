"""The engine's thread, its event loop, and the way in from other threads.

Whatever is handed in either runs or is refused, up to the loop's very end: nobody waits for an
answer that never comes, and Python prints nothing of coroutines that were never awaited.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, Final, TypeAlias, TypeVar

from opsboard.adapter import SourceError

_GRACE: Final = 1.0
"""Seconds that tasks have to end once they are cancelled."""
_STEPS: Final = 3
"""Steps that tasks have beyond it: on a busy machine, a thread may not run for as long."""
_GENERATORS_GRACE: Final = 0.2
_log = logging.getLogger(__name__)

T = TypeVar("T")
Main: TypeAlias = Callable[[asyncio.Event], Coroutine[Any, Any, None]]


class EngineLoop:
    """Runs *main* in a daemon thread until it returns; it is given the event that asks it to.

    What is left of its tasks is cancelled then; those that do not end are left behind.
    """

    def __init__(self, main: Main) -> None:
        self._main = main
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(_log_unhandled)
        self._stopping = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="opsboard-engine", daemon=True)
        self._entrance = threading.Lock()
        self._is_closed = False
        self._under_way: set[Future[Any]] = set()

    # --- from any thread -------------------------------------------------------------------------

    def start(self) -> None:
        self._thread.start()

    def stop(self, within: float) -> None:
        """Ask the main coroutine to end, and wait for the thread, *within* seconds."""
        if self._thread.ident is None:
            self._is_closed = True
            self._loop.close()
            return
        self.call_soon(self._stopping.set)
        self._thread.join(within)

    def call_soon(self, call: Callable[[], object]) -> None:
        """Call *call* in the loop; where the loop has ended, there is nothing left to call."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(call)

    def begin(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Begin *work* in the loop. Raises :exc:`SourceError` where the loop ends."""
        with self._entrance:
            if self._is_closed:
                work.close()
                raise stopped()
            future = asyncio.run_coroutine_threadsafe(work, self._loop)
            self._under_way.add(future)
        future.add_done_callback(self._under_way.discard)
        return future

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Await *work*, which runs in the engine's loop; cancelling the one cancels the other."""
        future = self.begin(work)
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and not task.cancelling():
                raise stopped() from None
            raise

    # --- in the engine's thread ------------------------------------------------------------------

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._run_to_the_end(self._main(self._stopping))
        except BaseException:
            _log.exception("the engine failed")
        finally:
            with self._entrance:
                self._is_closed = True
            self._run_to_the_end(_end_tasks())
            if left := asyncio.all_tasks(self._loop):
                _abandon(left)
            for future in list(self._under_way):  # its task is left behind: nobody waits for it
                future.cancel()
            self._loop.close()

    def _run_to_the_end(self, work: Coroutine[Any, Any, None]) -> None:
        """Run the loop; a task of a source that raises to end the program does not end it."""
        task = self._loop.create_task(work)
        while not task.done():
            try:
                self._loop.run_until_complete(task)
            except (KeyboardInterrupt, SystemExit):
                _log.exception("a source has tried to end the program")


async def _end_tasks() -> None:
    """Cancel all tasks of the loop, and those that they begin while they end.

    Each is cancelled once: a second time would end its clean-up. A task that has not begun gets
    its first step before it is cancelled: one of anyio holds a coroutine of its own, which it
    never awaits otherwise. Those that do not end in time are left.
    """
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + _GRACE
    cancelled: set[asyncio.Task[Any]] = set()
    while left := asyncio.all_tasks() - {asyncio.current_task()}:
        seconds = ends_at - loop.time()
        if seconds <= 0 and left <= cancelled:
            return
        await asyncio.sleep(0)
        for task in left - cancelled:
            task.cancel()
        cancelled |= left
        await asyncio.wait(left, timeout=max(seconds, 0))
        for _ in range(_STEPS):
            await asyncio.sleep(0)
    with suppress(TimeoutError):
        await asyncio.wait_for(loop.shutdown_asyncgens(), _GENERATORS_GRACE)


def _abandon(tasks: set[asyncio.Task[Any]]) -> None:
    """Hold *tasks* in a thread that never ends.

    Python closes a task that nobody holds, which runs its source's code once more, and prints
    what that raises beneath the board. Not even its end takes anything from a daemon thread.
    """

    def hold(_: set[asyncio.Task[Any]]) -> None:
        threading.Event().wait()

    threading.Thread(target=hold, args=(tasks,), name="opsboard-left-behind", daemon=True).start()


def stopped() -> SourceError:
    """Return the error of what is asked of an engine that has ended."""
    return SourceError("the board is closing")


def _log_unhandled(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    _log.error("%s", context.get("message"), exc_info=context.get("exception"))
