"""How long a test waits for what has to come: a server's answer, a process, words on a screen.

Nobody waits that long where it comes, so it is several times what a slow machine takes that does
much else beside the tests. What is awaited must stay once it is there: a look comes when it comes.
"""

from typing import Final

PATIENCE: Final = 180.0
"""Seconds after which what is awaited is given up, and the test has failed."""
