"""Which worker of pytest-xdist runs which tests, and in which order.

``--dist loadfile`` hands out whole files, those with the most tests first. What takes longest here
are files of few tests, which then ran alone at the end, and real servers, of which each worker
started its own. So the longest begin, and files that share servers are one unit of work.
"""

from typing import Final

from xdist.scheduler import LoadFileScheduling

LONGEST: Final = (
    "tests/screenshots/test_fresh.py",
    "tests/adapters/github/test_budget.py",
    "tests/fault_injection/test_bombs.py",
    # What needs MLflow begins when that has been installed beside the three above.
    "tests/adapters/mlflow",
    "tests/acting/test_killed.py",
    "tests/adapters/mlflow/test_estate.py",
    "tests/terminal/test_story.py",
    "tests/commands/test_act.py",
    "tests/fault_injection/test_random_walk.py",
    "tests/commands/test_commands.py",
    "tests/terminal/test_terminal.py",
    "tests/fault_injection/test_memory.py",
    "tests/compat/test_compat.py",
    "tests/commands/test_where.py",
    "tests/commands/test_faulty_rules.py",
)
"""Units of work in the order in which they begin, before all others."""

SHARING: Final = ("tests/adapters/mlflow",)
"""Folders whose files share servers, but for the files that :data:`LONGEST` names."""


def unit_of(nodeid: str) -> str:
    """Return the unit of work of a test: its file, or the folder whose servers it shares."""
    file = nodeid.partition("::")[0]
    folder = file.rpartition("/")[0]
    return folder if folder in SHARING and file not in LONGEST else file


def rank(nodeid: str) -> int:
    """Return the place of a test's unit in :data:`LONGEST`, or one behind them all."""
    unit = unit_of(nodeid)
    return LONGEST.index(unit) if unit in LONGEST else len(LONGEST)


class Scheduling(LoadFileScheduling):  # type: ignore[misc]  # it has no types
    """Hands out units of work in the order of collection."""

    def schedule(self) -> None:
        self.config.option.loadscopereorder = False
        super().schedule()

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)
