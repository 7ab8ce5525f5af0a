"""What holds for every test: nobody's own files, environment or terminal matters."""

import os
import signal
from pathlib import Path

import hypothesis
import pytest

from tests.adapters.mlflow import installing

hypothesis.settings.register_profile(
    "gate", max_examples=60, derandomize=True, deadline=None, database=None
)
hypothesis.settings.register_profile("long", max_examples=5_000, deadline=None, database=None)
hypothesis.settings.load_profile(os.environ.get("OPSBOARD_TEST_EXAMPLES", "gate"))

_KEPT = frozenset(
    {"PATH", "LANG", "LC_ALL", "TMPDIR", "CI", "SSL_CERT_FILE", "PYTHONPATH", "VIRTUAL_ENV"}
)

# Under nohup, or in the background of a script, these are ignored, and whatever a test starts
# would inherit that.
for _number, _handler in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGHUP, signal.SIG_DFL),
):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _handler)


LONGEST = "test_story.py"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Tell how many workers ``-n auto`` starts: half of a test's time it waits for a server."""
    return (os.cpu_count() or 1) + 1


def pytest_configure(config: pytest.Config) -> None:
    installing.register(config)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the file that takes longest begin, so that all others are done beside it."""
    items.sort(key=lambda item: item.path.name != LONGEST)


@pytest.fixture(autouse=True)
def own_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the test an empty home and an environment that says nothing."""
    for name in tuple(os.environ):
        if name not in _KEPT and not name.startswith(("OPSBOARD_TEST_", "PYTEST_", "PIP_")):
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("TERM", "xterm-256color")
