"""In the demo's world, whose own log is the truth: a pod leads to the commit that it runs.

Over real HTTP, through the adapters of GitHub, Kubernetes and the registry, with the config that
the demo writes.
"""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from opsboard.config.load import load_config
from opsboard.demo.folder import write_config
from opsboard.demo.serve import DemoOptions, create_demo
from opsboard.demo.server import serve_in_thread
from opsboard.demo.world.image_content import STYLES, LabelStyle
from opsboard.demo.world.world import DemoWorld
from opsboard.history.relations import relations_of
from opsboard.lineage.calls import callees
from opsboard.lineage.edges import edges_into
from opsboard.lineage.graph import Node
from opsboard.lineage.index import LineageIndex
from opsboard.lineage.origin import origin_of
from opsboard.records import Deployment, Kind, Pod, Record, Ref
from opsboard.testing import FakeContext, Recorder, recording
from tests.patience import PATIENCE

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SAYS_NO_COMMIT = frozenset({LabelStyle.NONE, LabelStyle.INHERITED, LabelStyle.DIRTY})


@pytest.fixture(params=[7, 11])
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[DemoWorld, Path]]:
    world, app = create_demo(DemoOptions(seed=request.param, at=AT))
    with ExitStack() as stack:
        url = stack.enter_context(serve_in_thread(app))
        yield world, write_config(tmp_path, url, world)


async def _records(config: Path, home: Path) -> list[Record]:
    """Return all records of the demo's sources but MLflow's, once they have been listed."""
    found: list[Record] = []
    for source in load_config(config).sources:
        if source.name == "mlflow":
            continue
        context = FakeContext(source.name, home=home)
        async with (
            source.adapter.connect(source.settings, context) as connected,
            recording(connected) as recorder,
        ):
            async with asyncio.timeout(PATIENCE):
                while not _is_settled(recorder, context):
                    await asyncio.sleep(0)
                    await recorder.nudge()
            found += recorder.records.values()
    return found


def _is_settled(recorder: Recorder, context: FakeContext) -> bool:
    """Tell whether all has been listed, and the source waits for news."""
    announced = recorder.scopes.keys() | recorder.starting
    waits = context.pausing > 0 or recorder.streaming >= recorder.complete
    return bool(announced) and announced <= recorder.complete and waits


def _is_image(node: Node) -> bool:
    return isinstance(node, Ref) and node.kind is Kind.IMAGE


async def test_every_pod_leads_to_its_commit_and_to_no_other(
    served: tuple[DemoWorld, Path], tmp_path: Path
) -> None:
    world, config = served
    index = LineageIndex()
    index.update(await _records(config, tmp_path))
    pods = {
        (pod.cluster.name, pod.namespace, pod.name): pod
        for cluster in world.clusters.values()
        for pod in cluster.pods.values()
    }
    names = world.images.repositories()
    pulled = {
        one.content.digest: one for name in names for one in world.images.pushed(name, world.now)
    }
    joined = 0
    for record in list(index.records()):
        if not isinstance(record, Pod) or not record.inputs:
            continue
        pod = pods[record.cluster, record.namespace, record.name]
        image = pulled.get(pod.digest)
        images = [one.upstream for one in edges_into(index, record.ref) if _is_image(one.upstream)]
        commits = {one.value for one in origin_of(index, record).commits}
        if image is None:
            assert not commits, pod.image
            continue
        assert commits <= {image.facts.commit}, f"{pod.name} leads to a wrong commit"
        assert images, pod.image
        if STYLES.get(image.facts.repository) not in SAYS_NO_COMMIT:
            assert commits == {image.facts.commit}, pod.image
            joined += 1
    assert joined > 50
    assert _calls_of(index, "checkout") == {"calls shop/cart", "calls payments/payments"}


async def test_what_runs_leads_to_its_cluster_and_its_image_repository_as_code(
    served: tuple[DemoWorld, Path], tmp_path: Path
) -> None:
    world, config = served
    index = LineageIndex()
    index.update(await _records(config, tmp_path))
    seen = 0
    for record in list(index.records()):
        if not isinstance(record, Deployment) or record.source != "clusters":
            continue
        related = {
            ref.id: (how.steps, how.candidate)
            for ref, how in relations_of(index, record.ref).items()
            if ref.kind == "terraform-resource"
        }
        state = next(one.name for one in world.states.values() if one.cluster == record.cluster)
        assert related[f"{state}:aws_eks_cluster.main"] == (2, False)
        images = f'shared:aws_ecr_repository.service["{record.namespace}/{record.name}"]'
        assert related[images] == (2, False)
        others = {one.name for one in world.states.values()} - {state, "shared"}
        near = {one.partition(":")[0] for one, (steps, _) in related.items() if steps <= 2}
        assert not near & others
        if record.name == "checkout":
            settings = f'{state}:kubernetes_config_map_v1.settings["checkout"]'
            assert related[settings] == (2, False)
        seen += 1
    assert seen == 24


def _calls_of(index: LineageIndex, workload: str) -> set[str]:
    """Return what the workloads of that name call, by the variables of their pods."""
    found = [one for one in index.records() if isinstance(one, Deployment) and one.name == workload]
    return {edge.rule for one in found for edge in callees(index, one)}
