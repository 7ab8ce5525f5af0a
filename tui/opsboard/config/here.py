"""The host environment of this process."""

import os
from pathlib import Path

from opsboard.adapter import HostEnviron


def current_environ() -> HostEnviron:
    """Return the environment, the home folder and the working folder."""
    return HostEnviron(env=dict(os.environ), home=Path.home(), cwd=Path.cwd())
