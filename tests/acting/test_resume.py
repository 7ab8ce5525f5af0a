"""A program that is killed in between: the next one finds out what became of it, once."""

import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from opsboard.acting.in_flight import REQUEST_LIFETIME, SEND_TIMEOUT
from opsboard.records import ActivityState
from tests.acting.lever import Stand
from tests.collect import eventually
from tests.patience import PATIENCE

BEFORE = "stand.lever.before_pull = die"
AFTER = "stand.lever.after_pull = die"
FOLLOWED = "stand.lever.ends.clear()"

PROGRAM = """
import asyncio, os, signal, sys
from pathlib import Path
from opsboard.acting.decision import Consent
from tests.acting.lever import Stand

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

async def main():
    stand = Stand(Path(sys.argv[1]))
    {how}
    plan = await stand.plan()
    await stand.coordinator.start([plan], Consent(typed="web", reason="r"))
    while ("outcome", "done") not in stand.told():
        await asyncio.sleep(0.001)
    die()

asyncio.run(main())
"""


def _kill(folder: Path, how: str) -> None:
    code = PROGRAM.replace("{how}", how)
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)],
        cwd=Path(__file__).parents[2],
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL


@pytest.mark.parametrize("pulled", [True, False])
async def test_killed_between_intent_and_outcome(tmp_path: Path, pulled: bool) -> None:
    _kill(tmp_path, AFTER if pulled else BEFORE)
    stand = Stand(tmp_path)
    stand.lever.stands = 6 if pulled else 7
    assert stand.told() == [("intent", "")]
    await stand.coordinator.resume_open_runs()
    first = stand.engine.told[0]
    assert first.state is ActivityState.UNKNOWN
    assert "outcome unknown" in first.message
    ends = ActivityState.SUCCEEDED if pulled else ActivityState.REFUSED
    await eventually(lambda: stand.engine.last.state is ends)
    assert stand.lever.pulled == []
    verdict = [("verdict", "succeeded")] if pulled else []
    settled = ("settled", "done" if pulled else "not done")
    assert stand.told() == [("intent", ""), settled, *verdict]


async def test_killed_while_it_is_followed(tmp_path: Path) -> None:
    _kill(tmp_path, FOLLOWED)
    stand = Stand(tmp_path)
    await stand.coordinator.resume_open_runs()
    await eventually(lambda: stand.engine.last.state is ActivityState.SUCCEEDED)
    assert stand.told() == [("intent", ""), ("outcome", "done"), ("verdict", "succeeded")]
    assert stand.lever.pulled == []


async def test_a_source_that_is_gone_leaves_it_unknown(tmp_path: Path) -> None:
    _kill(tmp_path, BEFORE)
    stand = Stand(tmp_path)
    stand.engine.sources.clear()
    await stand.coordinator.resume_open_runs()
    await eventually(lambda: ("settled", "unknown") in stand.told())
    assert "no source called 'k8s'" in stand.engine.last.message


async def test_a_program_without_a_board_settles_what_was_left(tmp_path: Path) -> None:
    _kill(tmp_path, BEFORE)
    stand = Stand(tmp_path)
    (left,) = await stand.coordinator.reconcile_abandoned()
    assert left.state is ActivityState.UNKNOWN
    assert "may still take effect until" in left.message
    assert stand.told() == [("intent", "")]
    stand.clock.time += timedelta(seconds=SEND_TIMEOUT + REQUEST_LIFETIME)
    (left,) = await stand.coordinator.reconcile_abandoned()
    assert left.state is ActivityState.REFUSED
    assert await stand.coordinator.reconcile_abandoned() == []
    assert stand.told() == [("intent", ""), ("settled", "not done")]
