"""The detail of a record of every kind: opened with Enter, and its picture."""

import pytest

from opsboard.adapter import Detail
from opsboard.ui.screens.detail import DetailScreen
from tests.ui.app_harness import AppHarness
from tests.ui.detail_samples import NEAR
from tests.ui.test_snapshots import SIZES, Scene, SnapCompare, before

SAYS = {
    "release": ("github · shop/checkout · production", "✗ failed  failure", "24m"),
    "workload": ("kube-prod · Deployment · production-eu · shop", "49 (current)", "0/1"),
    "pod": ("CrashLoopBackOff", "app.kubernetes.io/part-of", "exit code 2"),
    "job": ("◐ running\n", "no pods", "Labels\n   none"),
    "cronjob": ("*/10 * * * *", "Complete", "10m"),
    "event": ("▲ warning  BackOff", "14"),
    "model": ("challenger → 7", "VERSION", "0.68648"),
    "version": ("learning_rate", "loss", "(a single value)"),
    "drift": ("▲ warning  drift", "threshold 0.25"),
}


def _stage(detail: Detail) -> AppHarness:
    stage = AppHarness(lambda context: DetailScreen(context, detail.record.ref))
    stage.feed.detail_of[detail.record.ref] = detail
    return stage


def test_every_kind_has_its_words() -> None:
    assert SAYS.keys() == NEAR.keys()


@pytest.mark.parametrize("name", NEAR)
async def test_a_record_from_near_says_what_it_is_and_where(name: str) -> None:
    stage = _stage(NEAR[name])
    async with stage.showing("as of now", (120, 60)):
        assert [word for word in SAYS[name] if word not in stage.text] == []


async def test_what_is_said_above_is_not_said_again_below() -> None:
    stage = _stage(NEAR["workload"])
    async with stage.showing("as of now", (120, 60)):
        assert stage.text.count("has timed out progressing: Back-off pulling image") == 1


@SIZES
@pytest.mark.parametrize("name", NEAR)
def test_detail(snap_compare: SnapCompare, name: str, size: tuple[int, int]) -> None:
    stage = _stage(NEAR[name])
    scene = Scene(lambda: stage, "as of now", (), NEAR[name].record.name)
    assert snap_compare(stage.app, terminal_size=size, run_before=before(stage, scene))
