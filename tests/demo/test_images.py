"""The images of the demo's company agree with what it runs and with what it committed."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from opsboard.demo.world.clusters import DemoPod, DemoPodState
from opsboard.demo.world.company import SERVICES
from opsboard.demo.world.image_content import digest_of
from opsboard.demo.world.seed_data import create_world
from opsboard.demo.world.world import DemoWorld

BEGIN = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture(params=[1, 7])
def world(request: pytest.FixtureRequest) -> DemoWorld:
    world, _controllers = create_world(request.param, BEGIN)
    world.advance(BEGIN + timedelta(minutes=40))
    return world


def _pods(world: DemoWorld) -> list[DemoPod]:
    return [pod for cluster in world.clusters.values() for pod in cluster.pods.values()]


def test_whatever_runs_has_been_pushed_before(world: DemoWorld) -> None:
    for pod in _pods(world):
        found = world.images.find(pod.image, pod.created_at)
        assert (found is None) == (pod.state is DemoPodState.PULL_FAILED), pod.image


def test_the_digest_of_a_service_leads_to_the_commit_that_its_revision_runs(
    world: DemoWorld,
) -> None:
    for cluster in world.clusters.values():
        for workload in cluster.workloads.values():
            for revision in workload.revisions:
                if found := world.images.find(revision.image, world.now):
                    assert found.facts.commit == revision.commit
                    assert found.facts.commit in world.commits
                    assert found.content.digest == world.images.digest(revision.image, world.now)
                    assert found.facts.source.endswith(f"/{workload.service.repository}")


def test_digests_are_those_of_the_bytes_and_the_same_in_each_world() -> None:
    other, _controllers = create_world(7, BEGIN)
    again, _controllers = create_world(7, BEGIN)
    for repository in other.images.repositories():
        for tag, image in other.images.tags(repository, BEGIN).items():
            content = image.content
            for part in (content.root, *content.manifests, *content.configs, *content.more):
                assert content.find(digest_of(part.data)) == part
            assert again.images.tags(repository, BEGIN)[tag].content.digest == content.digest


def test_a_tag_that_moves_leads_to_another_digest_later(world: DemoWorld) -> None:
    reference = "registry.harbourside.example/shop/price-import:stable"
    first = world.images.digest(reference, BEGIN)
    last = world.images.digest(reference, world.now)
    newest = next(
        image for image in world.images.pushed("shop/price-import", world.now) if image.on_main
    )
    assert last == newest.content.digest
    assert first in {
        image.content.digest for image in world.images.pushed("shop/price-import", BEGIN)
    }
    assert first != last


def test_an_image_of_elsewhere_has_a_digest_that_this_registry_does_not_hold(
    world: DemoWorld,
) -> None:
    digest = world.images.digest("docker.io/library/redis:7", world.now)
    assert digest == world.images.digest("docker.io/library/redis:7", BEGIN)
    for repository in world.images.repositories():
        for image in world.images.pushed(repository, world.now):
            assert image.content.find(digest) is None


def test_an_index_names_each_of_its_manifests(world: DemoWorld) -> None:
    multi = {f"{one.team}/{one.name}" for one in SERVICES if one.team == "shop"}
    for repository in multi:
        image = next(world.images.pushed(repository, world.now))
        listed = [one["digest"] for one in json.loads(image.content.root.data)["manifests"]]
        assert len(listed) == len(image.content.manifests) + 1
        assert all(image.content.find(digest) for digest in listed)
