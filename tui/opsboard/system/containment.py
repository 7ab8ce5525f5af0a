"""Holding back what would end more than the third-party code that raises it.

``KeyboardInterrupt`` and ``SystemExit`` end an event loop from within any task, and
``CancelledError`` and ``GeneratorExit`` look as if the program itself were closing. A source that
raises one of them has failed like any other.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class RaisedToEndError(Exception):
    """Third-party code has raised what ends tasks or programs: the cause of this error."""


def cause_of(error: BaseException) -> BaseException:
    """Return what third-party code has raised: *error* itself, unless it stands for another."""
    if isinstance(error, RaisedToEndError) and error.__cause__ is not None:
        return error.__cause__
    return error


def named(error: Exception) -> str:
    """Return the class of *error*, or of what it was raised for, and its text."""
    cause = cause_of(error)
    text = str(cause)
    return f"{type(cause).__name__}: {text}" if text else type(cause).__name__


@contextmanager
def contained() -> Iterator[None]:
    """Raise :exc:`RaisedToEndError` for what is raised within and is no :exc:`Exception`.

    To be entered in a task, not in the main thread, where a person's Ctrl-C may be meant. What
    really ends the task (it was cancelled, or is closed with its loop) passes.
    """
    try:
        yield
    except Exception:
        raise
    except BaseException as error:
        if _is_ending():
            raise
        raise RaisedToEndError from error


def _is_ending() -> bool:
    try:
        task = asyncio.current_task()
    except RuntimeError:  # no loop runs
        return True
    return task is None or task.cancelling() > 0
