"""The demo's registry and Debian's docker-registry answer alike, and show the same images."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import trustme

from opsboard.adapter import Check
from opsboard.demo.app import build_app
from opsboard.demo.server import serve_in_thread
from opsboard.demo.world.company import REGISTRY
from opsboard.demo.world.seed_data import create_world
from opsboard.demo.world.world import DemoWorld
from opsboard.records import Image, Status
from opsboard.records.codec import to_plain
from opsboard.testing import FakeContext, recording
from opsboard_adapters.registry import RegistrySettings
from opsboard_adapters.registry.source import connect
from opsboard_adapters.registry.structs import ACCEPT
from tests.adapters.registry import servers
from tests.adapters.registry.scripted import Looked

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
REPOSITORIES = (
    "ml/drift-monitor", "ml/forecasting", "payments/ledger", "platform/base",
    "platform/event-queue", "platform/log-agent", "shop/cart", "shop/price-import",
)  # fmt: skip
NEWEST = 3

servers_of_both = pytest.mark.parametrize(
    "kind", ["demo", pytest.param("docker-registry", marks=servers.needs_registry)]
)


def _world() -> DemoWorld:
    return create_world(7, AT)[0]


@contextmanager
def _served(kind: str, folder: Path) -> Iterator[tuple[str, DemoWorld]]:
    """Yield the URL of a registry of the demo's images; the demo's own has more of them."""
    if kind == "demo":
        world, controllers = create_world(7, AT)
        with serve_in_thread(build_app(world, controllers, lambda: AT)) as url:
            yield f"{url}/registry", world
        return
    world = _world()
    with servers.running(folder) as url:
        servers.push_all(url, world, REPOSITORIES, NEWEST)
        yield url, world


async def _images(url: str, home: Path, world: DemoWorld) -> dict[str, Image]:
    """Return the images of what both servers hold: the newest, by their digests."""
    settings = RegistrySettings.model_validate(
        {"url": url, "registry_name": REGISTRY, "repositories": REPOSITORIES}
    )
    context = FakeContext(home=home)
    async with connect(settings, context) as source, recording(source) as recorder:
        await Looked(source, context, recorder).settle()
        found = [one for one in recorder.records.values() if isinstance(one, Image)]
    held = {
        image.content.digest
        for name in REPOSITORIES
        for image in list(world.images.pushed(name, AT))[:NEWEST]
    }
    return {one.digest: one for one in found if one.digest in held}


@servers_of_both
async def test_every_image_that_was_pushed_is_shown_with_its_commit(
    kind: str, tmp_path: Path
) -> None:
    with _served(kind, tmp_path) as (url, world):
        images = await _images(url, tmp_path, world)
    for repository in REPOSITORIES:
        tags = world.images.tags(repository, AT)
        for pushed in list(world.images.pushed(repository, AT))[:NEWEST]:
            image = images[pushed.content.digest]
            assert set(image.tags) == {tag for tag, one in tags.items() if one is pushed}
            unsaid = repository in {
                "ml/drift-monitor",
                "platform/event-queue",
                "platform/log-agent",
            }
            assert image.commit == ("" if unsaid else pushed.facts.commit), repository
            assert bool(image.note) == unsaid
            assert image.inherited == (repository == "platform/event-queue")


@servers.needs_registry
async def test_both_show_the_same_records(tmp_path: Path) -> None:
    found = []
    for kind in ("demo", "docker-registry"):
        folder = tmp_path / kind
        folder.mkdir()
        with _served(kind, folder) as (url, world):
            found.append(await _images(url, folder, world))
    assert {key: to_plain(one) for key, one in found[0].items()} == {
        key: to_plain(one) for key, one in found[1].items()
    }


@servers_of_both
def test_what_both_answer_to_each_request(kind: str, tmp_path: Path) -> None:
    with (
        _served(kind, tmp_path) as (url, world),
        httpx.Client(base_url=url, trust_env=False, headers={"Accept": ACCEPT}) as client,
    ):
        image = next(world.images.pushed("payments/ledger", AT))
        digest, root = image.content.digest, image.content.root
        path = "/v2/payments/ledger"
        assert client.get("/v2/").json() == {}

        answer = client.get(f"{path}/manifests/{image.tag}")
        assert answer.content == root.data
        assert answer.headers["Docker-Content-Digest"] == digest
        assert answer.headers["Content-Type"] == root.media_type
        known = client.get(
            f"{path}/manifests/{digest}", headers={"If-None-Match": answer.headers["ETag"]}
        )
        assert known.status_code == 304
        head = client.head(f"{path}/manifests/{image.tag}")
        assert head.headers["Docker-Content-Digest"] == digest
        assert head.content == b""

        other_type = {"Accept": "application/vnd.docker.distribution.manifest.v2+json"}
        unknown = client.get(f"{path}/manifests/{image.tag}", headers=other_type)
        for refused in (unknown, client.get(f"{path}/manifests/nothing")):
            assert refused.status_code == 404
            assert refused.json()["errors"][0]["code"] == "MANIFEST_UNKNOWN"
        config = image.content.configs[0]
        assert client.get(f"{path}/blobs/{config.digest}").content == config.data
        no_blob = client.get(f"{path}/blobs/sha256:{'0' * 64}")
        assert (no_blob.status_code, no_blob.json()["errors"][0]["code"]) == (404, "BLOB_UNKNOWN")

        tags = client.get(f"{path}/tags/list", params={"n": 1}).json()
        assert tags["name"] == "payments/ledger"
        assert len(tags["tags"]) > 1, "it knows no pages of tags"
        nothing = client.get("/v2/no/such/tags/list")
        assert (nothing.status_code, nothing.json()["errors"][0]["code"]) == (404, "NAME_UNKNOWN")
        assert client.get(f"{path}/referrers/{digest}").status_code == 404

        first = client.get("/v2/_catalog", params={"n": 2})
        assert first.json()["repositories"] == sorted(first.json()["repositories"])
        assert len(first.json()["repositories"]) == 2
        following = client.get(httpx.URL(url).join(first.links["next"]["url"]))
        names = first.json()["repositories"] + following.json()["repositories"]
        assert names == sorted(set(names))


@servers.needs_registry
async def test_a_tag_that_is_pushed_anew_leads_to_the_new_image_and_the_old_one_stays(
    tmp_path: Path,
) -> None:
    world = _world()
    first, second = list(world.images.pushed("payments/ledger", AT))[:2]
    with servers.running(tmp_path) as url, servers.Pusher(url) as pusher:
        pusher.image(first, ["live"])
        settings = RegistrySettings.model_validate({"url": url, "registry_name": REGISTRY})
        context = FakeContext(home=tmp_path)
        async with connect(settings, context) as source, recording(source) as recorder:
            found = Looked(source, context, recorder)
            await found.settle()
            pusher.image(second, ["live"])
            await found.again()
            images = [one for one in recorder.records.values() if isinstance(one, Image)]
    assert {one.digest: one.tags for one in images} == {
        first.content.digest: (),
        second.content.digest: ("live",),
    }
    assert {one.commit for one in images} == {first.facts.commit, second.facts.commit}


@servers.needs_registry
async def test_a_registry_over_tls_is_asked_with_its_own_authority(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    certificate = authority.issue_cert("127.0.0.1")
    with servers.running(tmp_path, certificate=certificate) as url:

        async def checks(**settings: object) -> dict[str, Check]:
            given = RegistrySettings.model_validate({"url": url, **settings})
            async with connect(given, FakeContext(home=tmp_path)) as source:
                return {one.subject: one async for one in source.checks()}

        trusted = await checks(ca_file=tmp_path / "ca.pem")
        assert trusted["reachable"].status is Status.OK
        assert "secure" not in trusted
        unknown = await checks()
        assert unknown["reachable"].status is Status.FAILED
        assert "ca_file" in unknown["reachable"].hint
        insecure = await checks(insecure=True)
        assert insecure["reachable"].status is Status.OK
        assert insecure["secure"].status is Status.WARNING
