"""The surroundings of this process."""

import os
from pathlib import Path

from opsboard.adapter import Surroundings


def here() -> Surroundings:
    """Return the environment, the home folder and the working folder."""
    return Surroundings(env=dict(os.environ), home=Path.home(), cwd=Path.cwd())
