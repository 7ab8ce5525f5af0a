"""How a demo that only serves comes to its end: by a signal, or with the process it serves."""

import os
import signal
import sys
import threading
import time
from types import FrameType
from typing import Final

BACKSTOP_SECONDS: Final = 5.0


def end_in_order() -> None:
    """Let SIGTERM and SIGHUP unwind the program, so that it leaves nothing behind."""
    signal.signal(signal.SIGTERM, _exit)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as nohup(1) asks for
        signal.signal(signal.SIGHUP, _as_sigterm)


def end_with_parent() -> None:
    """End this process when the other end of its standard input is closed, however that comes."""
    threading.Thread(target=_watch, name="parent", daemon=True).start()


def say_no_more() -> None:
    """Lead what is written from now on nowhere: the parent draws a board on the terminal."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
        os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _watch() -> None:
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(BACKSTOP_SECONDS)
    os._exit(1)  # its folder is swept out by the next demo


def _exit(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _as_sigterm(_number: int, _frame: FrameType | None) -> None:
    signal.raise_signal(signal.SIGTERM)  # for which the server stops in order
