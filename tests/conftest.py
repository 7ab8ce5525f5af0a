"""What holds for every test: nobody's own files, environment or terminal matters."""

import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from opsboard.adapter.action_spec import LOADED_ACTIONS
from opsboard.collect import engine
from opsboard.config.registry import load_adapter
from opsboard.kinds.registry import KINDS
from tests import scheduling
from tests.adapters.mlflow import installing
from tests.patience import PATIENCE

gc.disable()  # while tests are collected, which makes no garbage to speak of: a third of that time

hypothesis.settings.register_profile(
    "gate", max_examples=60, derandomize=True, deadline=None, database=None
)
hypothesis.settings.register_profile("long", max_examples=5_000, deadline=None, database=None)
hypothesis.settings.load_profile(os.environ.get("OPSBOARD_TEST_EXAMPLES", "gate"))

_KEPT = frozenset({"PATH", "TMPDIR", "CI", "SSL_CERT_FILE", "PYTHONPATH", "VIRTUAL_ENV"})

# Under nohup, or in the background of a script, these are ignored, and whatever a test starts
# would inherit that.
for _number, _handler in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGHUP, signal.SIG_DFL),
):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _handler)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Tell how many workers ``-n auto`` starts: half of a test's time it waits for a server."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Return the scheduler that keeps to our order, where whole files are handed out."""
    wanted = config.getoption("dist") == "loadfile"
    return scheduling.Scheduling(config, log) if wanted else None


def pytest_configure(config: pytest.Config) -> None:
    installing.register(config)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let what takes longest begin, so that all others are done beside it."""
    if LOADED_ACTIONS:  # tests would know more kinds than when they are run alone
        raise pytest.UsageError(f"loaded by importing tests: {', '.join(LOADED_ACTIONS)}")
    items.sort(key=lambda item: scheduling.rank(item.nodeid))


def pytest_collection_finish() -> None:
    """Spare the collector of cycles what lives to the end: half a million objects of the tests."""
    gc.freeze()
    gc.enable()
    gc.set_threshold(50_000, 10, 10)  # memory is worth less than time here


@pytest.fixture(autouse=True)
def apps_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the collector have the apps of tests: each would keep for ever what it has by then."""
    monkeypatch.setattr(gc, "freeze", lambda: None)


@pytest.fixture(autouse=True, scope="module")
def own_adapters() -> Iterator[None]:
    """Forget which adapters a module has loaded: what they declare is in everybody's tables."""
    kinds, actions = KINDS._kinds, dict(LOADED_ACTIONS)
    yield
    KINDS._kinds = kinds
    LOADED_ACTIONS.clear()
    LOADED_ACTIONS.update(actions)
    load_adapter.cache_clear()


@pytest.fixture(autouse=True)
def own_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the test an empty home and an environment that says nothing."""
    home = tmp_path / "home"
    home.mkdir()
    empty_world(home, monkeypatch)


@pytest.fixture(autouse=True)
def all_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a session end with all of it written, however busy the machine is."""
    for name in ("CACHED_WITHIN", "RECORDED_WITHIN"):
        monkeypatch.setattr(engine, name, PATIENCE)


def empty_world(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the environment say nothing but that *home* is the home, and what the terminal knows."""
    for name in tuple(os.environ):
        if name not in _KEPT and not name.startswith(("OPSBOARD_TEST_", "PYTEST_", "PIP_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("LANG", "C.UTF-8")
