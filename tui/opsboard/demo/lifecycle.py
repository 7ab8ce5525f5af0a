"""How a demo that only serves comes to its end: by a signal, or with the process it serves."""

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
    """Stops a server on SIGTERM, SIGINT and SIGHUP, whenever they come, so that nothing is left.

    Nothing is raised from within a handler: it may run in the midst of anything.
    """

    def __init__(self) -> None:
        self.exit_code = 0
        """128 and the number of the signal, or 0 while none came."""
        self._server: uvicorn.Server | None = None
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup(1) asks for
                signal.signal(number, self._take)

    def run(self, server: uvicorn.Server, sock: socket.socket) -> None:
        """Run *server* until a signal comes, or not at all where one has come."""
        self._server = server
        if not self.exit_code:
            server.run(sockets=[sock])

    def _take(self, number: int, _frame: FrameType | None) -> None:
        self.exit_code = 128 + number
        if self._server is not None:
            self._server.should_exit = True


def exit_with_parent() -> None:
    """End this process when the other end of its standard input is closed, however that comes."""
    threading.Thread(target=_watch, name="parent", daemon=True).start()


def silence_output() -> None:
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
    time.sleep(FORCED_EXIT_SECONDS)
    os._exit(1)  # its folder is swept out by the next demo
