"""The page of a model: who serves it since when, what its aliases pointed to, what trains."""

from dataclasses import replace
from datetime import UTC, timedelta

from opsboard.adapter import NotFound, SourceError, Unreachable
from opsboard.history.served import ServedStretch
from opsboard.records import (
    Activity,
    ActivityState,
    Alias,
    Deployment,
    Kind,
    Model,
    Ref,
    Status,
    Strength,
)
from opsboard.records.claims import Claim, stated
from opsboard.records.identity import model_alias, model_version
from opsboard.ui.screens.model import ModelScreen
from tests.ui.app_harness import AppHarness, until
from tests.ui.detail_samples import NEAR
from tests.ui.sample_board import NOW, stage_board
from tests.ui.sample_history import FakeHistory
from tests.ui.start_screens import filled
from tests.ui.test_snapshots import SIZES, Scene, SnapCompare, before

_SERVER = "https://mlflow.example"
_DETAIL = NEAR["model"]
assert isinstance(_DETAIL.record, Model)
MODEL = replace(
    _DETAIL.record,
    serving="6",
    aliases=(Alias("champion", "6"), Alias("challenger", "7")),
    inputs=stated(
        model_version(_SERVER, _DETAIL.record.name, "6", "MLflow alias champion", Strength.TAG)
    ),
)
_DAY = timedelta(days=1)


def workload(name: str, environment: str, claim: Claim | None, days: float) -> Deployment:
    return Deployment(
        source="kube-prod", id=f"{environment}/{name}", name=name, workload="Deployment",
        environment=environment, status=Status.OK, desired=2, updated=2, ready=2, available=2,
        deployed_at=NOW - days * _DAY, inputs=stated(claim),
    )  # fmt: skip


def env(number: str, strength: Strength = Strength.LABEL) -> Claim | None:
    return model_version(_SERVER, MODEL.name, number, "env MODEL_URI", strength)


ALIASED = model_alias(_SERVER, MODEL.name, "champion", "env MODEL_URI", Strength.LABEL)
RETRAIN = Activity(
    source="opsboard", id="act-1", name="retrain product-ranker", status=Status.RUNNING,
    action="retrain", about=MODEL.ref, actor="dana", reason="2 of 5 jobs", target=MODEL.name,
    created_at=NOW - timedelta(minutes=4), state=ActivityState.RUNNING,
)  # fmt: skip
RECORDS = (
    MODEL,
    workload("ranker", "production", env("6"), 3),
    workload("ranker-shadow", "production", ALIASED, 20),
    workload("ranker", "staging", env("7"), 0.2),
    RETRAIN,
)
_LOOK = timedelta(seconds=15)
"""Between two looks at a source: too short a doubt to be told."""
STRETCHES = (
    ServedStretch("challenger", "7", NOW - 2 * _DAY, earliest=NOW - 2 * _DAY - _LOOK),
    ServedStretch("champion", "6", NOW - 12 * _DAY, who="emre", earliest=NOW - 12.2 * _DAY),
    ServedStretch(
        "champion", "5", NOW - 40 * _DAY, NOW - 12 * _DAY, at_least=True, watched=False
    ),
)  # fmt: skip


def stage(error: SourceError | None = None) -> AppHarness:
    history = FakeHistory()
    history.stretches, history.error = STRETCHES, error
    harness = AppHarness(
        lambda context: ModelScreen(context, MODEL.ref),
        board=filled(stage_board(), RECORDS),
        history=history,
    )
    object.__setattr__(harness.app.context, "zone", UTC)
    harness.feed.detail_of[MODEL.ref] = _DETAIL.model_copy(update={"record": MODEL})
    return harness


async def test_it_says_who_serves_it_since_when_and_what_is_not_known() -> None:
    harness = stage()
    async with harness.showing("Aliases over time", (120, 60)) as pilot:
        lines = harness.text.splitlines()
        production = next(line for line in lines if "production   ranker " in line)
        assert "v6" in production
        assert "3d" in production
        assert any("v5 or v6" in line for line in lines)  # the alias was moved after it started
        assert "champion was moved since" in harness.text
        assert any("challenger" in line and "since" in line and "2d" in line for line in lines)
        assert any("champion" in line and "v5" in line and "or before" in line for line in lines)
        assert "partly watched" in harness.text
        assert "retrain" in harness.text
        await pilot.press("down", "down", "down", "enter")
        await until(pilot, lambda: harness.feed.asked[-1].kind is Kind.DEPLOYMENT)
        assert harness.feed.asked[-1] == Ref("kube-prod", Kind.DEPLOYMENT, "production/ranker")


async def test_where_nothing_is_joined_and_no_history_can_be_read_it_says_so() -> None:
    harness = stage(Unreachable("the history cannot be read", "opsboard doctor"))
    harness.board.apply([])
    async with harness.showing("the history cannot be read", (120, 60)):
        assert "@champion" in harness.text
        assert "what it was then is not known" in harness.text


async def test_the_page_stands_where_its_source_does_not_answer() -> None:
    harness = stage()
    harness.feed.error = NotFound("model is gone", "go back")
    async with harness.showing("model is gone", (120, 60)):
        await harness.app.workers.wait_for_complete()


@SIZES
def test_model_page(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    harness = stage()
    scene = Scene(
        lambda: harness, "as of now", (), "Aliases over time" if size[1] > 24 else "v5 or"
    )
    assert snap_compare(harness.app, terminal_size=size, run_before=before(harness, scene))
