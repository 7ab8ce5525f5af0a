"""The surroundings that the program looks at: environment, home folder, working folder."""

from collections.abc import Mapping
from pathlib import Path

from opsboard.frozen import Frozen, frozen_unchecked


@frozen_unchecked
class HostEnviron(Frozen):
    """What discovery may look at. Tests hand in their own; nothing reads globals."""

    env: Mapping[str, str]
    home: Path
    cwd: Path
