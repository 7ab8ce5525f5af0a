"""Which environments an act on a cluster touches: all that its names tell."""

from datetime import timedelta

import pytest

from opsboard.environments.rules import EnvironmentRules
from opsboard.testing.fakes import FakeContext
from opsboard_adapters.kubernetes import Kubernetes
from opsboard_adapters.kubernetes.cluster_context import ClusterContext
from tests.adapters.kubernetes.scenes import Scene
from tests.adapters.kubernetes.workload_setup import plan

RULES = EnvironmentRules({})


@pytest.mark.parametrize(
    ("cluster", "named", "namespace", "shown", "touched"),
    [
        ("prod-eu", "gke-1", "staging", "staging", ("staging", "production")),
        ("admin", "prod-eu", "dev-tools", "development", ("development", "production")),
        ("prod-eu", "staging-old", "shop", "production", ("production", "staging")),
        ("eu", "eu", "staging", "staging", ("staging",)),
        ("eu", "eu", "kunde-a", "", ("unknown",)),
    ],
)
def test_a_namespace_takes_nothing_back_of_its_cluster(
    cluster: str, named: str, namespace: str, shown: str, touched: tuple[str, ...]
) -> None:
    place = ClusterContext(
        "k8s", cluster, named, timedelta(0), RULES.environment_of, RULES.environments_of
    )
    assert place.environment(namespace) == shown
    assert place.environments(namespace) == touched


async def test_a_label_takes_nothing_back_of_a_clusters_name(scene: Scene) -> None:
    if scene.real:
        pytest.skip("what a real cluster is called is not ours")
    ground, name = await scene.workload("Deployment")
    labelled = FakeContext("clusters", environment="development")
    async with Kubernetes.connect(scene.settings, labelled) as source:
        planned = await plan(source, "restart", ground.ref("Deployment", name))
    assert planned.environment == "development"
    assert planned.environments == ("development", "test"), "the cluster is called test"
