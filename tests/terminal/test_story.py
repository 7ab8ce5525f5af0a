"""Drift, retraining, a new version, the alias moved: one story, told by keys alone."""

import os
import re
import shlex
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from tests.quiet_demo import quiet_demo
from tests.terminal.tmux import Terminal, homes_in, terminal

pytestmark = pytest.mark.terminal

MODEL = "product-ranker"
TRAINING = 300.0
"""Seconds in which a training run has ended."""
ROW = re.compile(rf"{MODEL}\s+v(\d+)\s+v(\d+)")


def _versions(it: Terminal) -> tuple[int, int]:
    """The version that serves and the latest one, as the pane of models tells them."""
    found = ROW.search(it.until(lambda screen: ROW.search(screen) is not None, "the model's row"))
    assert found is not None
    return int(found[1]), int(found[2])


def _consent(it: Terminal, reason: str) -> None:
    """Carry out the plan that is shown, as production wants it."""
    it.shows("type product-ranker and give a reason")
    it.press("Enter")
    it.shows("to confirm:")
    it.type(MODEL)
    it.shows("reason, for the audit:")
    it.type(reason)


def test_from_drift_to_a_new_version_that_serves(tmp_path: Path) -> None:
    homes = homes_in(tmp_path)
    command = [sys.executable, "-m", "opsboard"]
    with quiet_demo() as demo, terminal(tmp_path, **homes) as it:
        it.start([*command, "--config", str(demo.config)], 120, 36)
        it.packet(f"33/{MODEL}\r")
        serving, latest = _versions(it)

        it.packet(f"44/{MODEL}\r")
        it.shows("psi")
        it.press("T")
        it.shows("epochs")
        it.press("C-s")
        _consent(it, "psi has crossed its threshold")
        it.shows("1 action running")
        trained = re.compile(rf"version (\d+) of {MODEL} is there")
        it.packet(":activity\r")
        demo.go_on(TRAINING)
        it.until(lambda screen: "succeeded" in screen, "the new version")
        it.press("Enter")
        found = trained.search(it.until(lambda s: trained.search(s) is not None, "what came of it"))
        assert found is not None
        new = int(found[1])
        assert new > latest

        it.packet("q:models\r")
        it.until(lambda screen: f"v{new}" in screen, "the new version on the board")
        it.press("B")
        it.shows("type product-ranker and give a reason")
        it.press("e")
        it.shows(f"version {serving} (now)")
        it.press("Tab")
        for version in range(_chosen(it.screen()) + 1, new + 1):
            it.press("Up")
            it.until(partial(_is_chosen, version), f"version {version} to be chosen")
        it.press("C-s")
        it.shows(f"version {serving} → version {new}")
        _consent(it, "it does not drift")
        it.until(lambda screen: _served(screen) == new, "the new version to serve")

        it.packet("qqqq")
        assert it.ended() == 0
        assert it.is_clean
        it.type(f"clear; {shlex.join([*command, 'audit', 'verify'])}")
        it.shows("6 entries, whole")
        audit = subprocess.run(
            [*command, "audit"], env={**os.environ, **homes}, capture_output=True, check=True
        ).stdout.decode()
    acts = re.findall(r"succeeded (retrain|rollback) .*, (.+) -> (.+)\n", audit)
    assert [act[0] for act in acts] == ["retrain", "rollback"]
    assert acts[1][1:] == (f"version {serving}", f"version {new}")
    assert "psi has crossed its threshold" in audit


def _chosen(screen: str) -> int:
    """The version that is chosen in the form."""
    found = re.search(r"\(\*\) version (\d+)", screen)
    return int(found[1]) if found else 0


def _is_chosen(version: int, screen: str) -> bool:
    return _chosen(screen) == version


def _served(screen: str) -> int:
    found = ROW.search(screen)
    return int(found[1]) if found else 0
