"""The top line says in which cluster of production one is, and makes room for that."""

from dataclasses import replace

import pytest

from opsboard.adapter import Condition, Health
from opsboard.board.state import SourceState
from opsboard.records import Deployment, Service, ServiceTarget, Status
from opsboard.ui.render.source_summary import source_summary
from opsboard.ui.theme.styles import default_styles
from opsboard.ui.widgets.top_line import TopLine
from tests.ui.app_harness import NOW, AppHarness, until
from tests.ui.sample_history import CHECKOUT
from tests.ui.start_screens import board_with

ARN = "arn:aws:eks:eu-central-1:123456789012:cluster/production-of-the-shop-eu"


def _in(cluster: str, environment: str = "production", name: str = "checkout") -> Deployment:
    record = replace(CHECKOUT, cluster=cluster, environment=environment, name=name)
    return replace(record, id=f"{cluster}/{name}", inputs=(), outputs=())


def _top(stage: AppHarness) -> str:
    return stage.text.splitlines()[0]


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)])
@pytest.mark.parametrize(
    ("cluster", "ends"),
    [("prod-eu", "PRODUCTION  prod-eu"), ("prod-us", "PRODUCTION  prod-us"), (ARN, "he-shop-eu")],
)
async def test_the_cluster_stands_beside_production(
    size: tuple[int, int], cluster: str, ends: str
) -> None:
    stage = board_with([_in(cluster)])
    async with stage.showing("2 Deployments", size) as pilot:
        await stage.does(pilot, "2", "z", *"/checkout", "enter", then="checkout")
        await until(pilot, lambda: _top(stage).rstrip().endswith(ends))
        assert "PRODUCTION" in _top(stage)
        await stage.does(pilot, "enter", then="deployment")
        await until(pilot, lambda: _top(stage).rstrip().endswith(ends))


async def test_of_several_clusters_those_of_production_are_told_and_the_rest_counted() -> None:
    parts = [
        _in("prod-eu"), _in("prod-us"), _in("prod-of-a-long-name-ap"), _in("stage-eu", "staging"),
    ]  # fmt: skip
    service = Service(
        source="kube-prod", id="checkout", name="checkout", environment="production",
        status=Status.FAILED,
        targets=tuple(ServiceTarget(environment=one.environment, ref=one.ref) for one in parts),
    )  # fmt: skip
    stage = board_with(parts)
    async with stage.showing("2 Deployments", (80, 24)) as pilot:
        screen, top = stage.app.screen, stage.app.screen.query_one(TopLine)
        assert hasattr(screen, "show_environment")
        screen.show_environment(service)
        assert top.clusters == ("prod-eu", "prod-of-a-long-name-ap", "prod-us")
        await until(pilot, lambda: "PRODUCTION  prod-eu +2" in _top(stage))


async def test_a_scope_that_names_the_cluster_is_enough() -> None:
    stage = board_with([_in("prod-eu"), _in("prod-us")])
    async with stage.showing("2 Deployments", (120, 36)) as pilot:
        await stage.does(pilot, "2", "colon", *"ctx prod-us", "enter", then="ctx prod-us")
        await until(pilot, lambda: _top(stage).count("prod-us") == 1)


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (100, "mlflow-of-team-0 now"),
        (78, "mlflow-of-t… now"),
        (66, "mlflow-o… now"),
        (60, "mlflow-o…"),
        (46, "mlfl…"),
    ],
)
def test_names_of_sources_that_are_down_are_cut_no_more_than_the_room_asks_for(
    width: int, shown: str
) -> None:
    down = Health(condition=Condition.UNREACHABLE)
    broken = [
        SourceState(f"mlflow-of-team-{at}", "MLflow", down, {}, {}, NOW, True, False, down, down)
        for at in range(4)
    ]
    line = source_summary(broken, NOW, default_styles(), width)
    assert line.plain.startswith(f"✗ {shown}  ")
    assert line.cell_len <= width
