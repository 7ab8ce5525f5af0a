"""A board on a random walk through a world of faults; afterwards it equals the world.

:mod:`tests.fault_injection.random_walk` says what is checked on the way. ``OPSBOARD_FAULT_SEED``
and ``OPSBOARD_FAULT_STEPS`` choose another or a longer walk.
"""

import json
import os
import subprocess
import sys
from typing import Any, Final

import pytest

from tests.fault_injection.fault_server import FAULTS
from tests.fault_injection.server_control import ROOT

SEED: Final = os.environ.get("OPSBOARD_FAULT_SEED", "16309")
STEPS: Final = os.environ.get("OPSBOARD_FAULT_STEPS", "20")
SECONDS_PER_STEP: Final = 60.0
"""Real time after which a walk is ended, with much to spare: it never hangs."""
MOST_MIB: Final = 300.0
"""Memory of a board that sees every fault, and of the one beside it that sees none."""


@pytest.fixture(scope="module")
def walked() -> dict[str, Any]:
    """Return what a walk has come to, in a process of its own, whose memory is measured."""
    words = ("--seed", SEED, "--steps", STEPS)
    done = subprocess.run(
        (sys.executable, "-m", "tests.fault_injection.random_walk", *words),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60 + SECONDS_PER_STEP * int(STEPS),
        check=False,
    )
    assert done.stdout, f"seed {SEED}: {done.stderr[-4_000:]}"
    told: dict[str, Any] = json.loads(done.stdout)
    assert done.stderr == "", f"seed {SEED} complains: {done.stderr[-4_000:]}"
    return told


def test_the_board_equals_the_world_and_no_other_source_is_late(walked: dict[str, Any]) -> None:
    past = "\n".join(walked.get("past", ()))
    words = f"--seed {walked['seed']} --steps {walked['steps']}"
    again = f"python -m tests.fault_injection.random_walk {words}"
    assert "breach" not in walked, f"{again}\n{past}\n{walked['breach']}"
    assert walked["moves"]["check_lateness"] > 0
    assert walked["acts"]


def test_memory_is_bounded(walked: dict[str, Any]) -> None:
    assert walked["peak_mib"] < MOST_MIB


def test_faults_are_injected(walked: dict[str, Any]) -> None:
    assert walked["injected"].keys() <= FAULTS.keys()
    assert len(walked["injected"]) > len(FAULTS) / 10
