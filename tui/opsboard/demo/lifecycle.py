"""How a demo that only serves ends: by a signal, or together with its parent process."""

import os
import signal
import socket
import sys
import threading
import time
from types import FrameType
from typing import Final

import uvicorn

FORCED_EXIT_SECONDS: Final = 5.0


class ShutdownSignals:
    """Stops the server on SIGTERM, SIGINT and SIGHUP, so that its folder is removed.

    The handlers only set flags: an exception could be raised within any line of the program.
    """

    def __init__(self) -> None:
        self.exit_code = 0
        """128 plus the number of the signal, or 0 if none came."""
        self._server: uvicorn.Server | None = None
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup(1) asks for
                signal.signal(number, self._take)

    def run(self, server: uvicorn.Server, sock: socket.socket) -> None:
        """Run *server* until a signal comes; not at all if one has come already."""
        self._server = server
        if not self.exit_code:
            server.run(sockets=[sock])

    def _take(self, number: int, _frame: FrameType | None) -> None:
        self.exit_code = 128 + number
        if self._server is not None:
            self._server.should_exit = True


def exit_with_parent() -> None:
    """End this process when its standard input is closed, which happens when the parent ends."""
    threading.Thread(target=_watch, name="parent", daemon=True).start()


def silence_output() -> None:
    """Discard all further output: the parent draws a board on the same terminal."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
        os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _watch() -> None:
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(FORCED_EXIT_SECONDS)
    os._exit(1)  # the next demo removes its folder
