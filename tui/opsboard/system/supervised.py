"""A program that ends with the one that started it, however that ends.

Between the two stands a small supervisor: its input is a pipe that nobody writes to, and whose
other end the kernel closes when the starter is gone (killed, crashed, or ended as usual). Then it
ends the program, whose exit code is its own.
"""

import sys
from collections.abc import Sequence
from typing import Final

SUPERVISOR: Final = """
import os, signal, subprocess, sys, threading
child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
def watch():
    while os.read(0, 4096):
        pass
    child.terminate()
    try:
        child.wait(2)
    except subprocess.TimeoutExpired:
        child.kill()
threading.Thread(target=watch, daemon=True).start()
for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
    signal.signal(number, lambda *_: child.terminate())
code = child.wait()
sys.stdout.flush()
os._exit(code if code >= 0 else 128 - code)
"""


def supervised_words(words: Sequence[str]) -> list[str]:
    """Return the command that runs *words* until its standard input ends."""
    return [sys.executable, "-I", "-S", "-c", SUPERVISOR, *words]
