"""Registries that answer oddly: each fault is told, costs only what it is about, and ends."""

import json
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import pytest

from opsboard.adapter import Forbidden, Malformed, Throttled, Unreachable
from opsboard.records import Status
from opsboard.testing import FakeClock, FakeContext
from tests.adapters.registry.images import REVISION, SHA, digest
from tests.adapters.registry.scripted import ScriptedRegistry, error, looked

LABELS = {REVISION: SHA}


@pytest.fixture
def registry() -> ScriptedRegistry:
    found = ScriptedRegistry()
    found.repository().image("v1", labels=LABELS)
    return found


# --- answers that are none ------------------------------------------------------------------------


async def test_a_web_page_is_said_to_be_one(registry: ScriptedRegistry, tmp_path: Path) -> None:
    page = httpx.Response(200, html="<html>log in</html>")
    registry.answer("GET", r"/v2/.*", page)
    async with looked(registry, tmp_path, repositories=["shop/cart"]) as found:
        assert isinstance(found.error, Malformed)
        assert "web page" in found.error.message
        assert found.error.hint


async def test_a_web_page_for_one_manifest_leaves_the_others(
    registry: ScriptedRegistry, tmp_path: Path
) -> None:
    bad = registry.repository().image("v2", labels=LABELS, layers=("base", "two"))
    page = httpx.Response(200, html="<html>maintenance</html>")
    registry.answer("GET", rf"/v2/shop/cart/manifests/{bad}", page)
    async with looked(registry, tmp_path) as found:
        assert list(found.images) == ["shop/cart:v1"]
        assert any("digest" in one or "web page" in one for one in found.troubles)


async def test_content_that_is_not_what_its_digest_names_is_refused(
    registry: ScriptedRegistry, tmp_path: Path
) -> None:
    held = registry.repository()
    other = held.image(labels={REVISION: "e" * 40})
    forged = httpx.Response(200, content=held.manifests[other][1])
    registry.answer("GET", rf"/v2/shop/cart/manifests/{held.tags['v1']}", forged)
    async with looked(registry, tmp_path) as found:
        assert not found.images
        assert any("not what its digest names" in one for one in found.troubles)
    registry.overrides.clear()
    async with looked(registry, tmp_path) as found:
        assert found.images["shop/cart:v1"].commit == SHA, "nothing forged was kept on disk"


async def test_a_config_that_is_not_what_its_digest_names_is_refused(
    registry: ScriptedRegistry, tmp_path: Path
) -> None:
    forged = httpx.Response(200, json={"config": {"Labels": {REVISION: "e" * 40}}})
    registry.answer("GET", r"/v2/shop/cart/blobs/.*", forged)
    async with looked(registry, tmp_path) as found:
        image = found.images["shop/cart:v1"]
    assert (image.status, image.commit) == (Status.UNKNOWN, "")
    assert "not what its digest names" in image.message


@pytest.mark.parametrize("part", ["blobs/.*", "manifests/sha256:.*"])
async def test_a_wrong_answer_is_not_believed_for_good(
    part: str, registry: ScriptedRegistry, tmp_path: Path
) -> None:
    wrong = httpx.Response(200, json={"schemaVersion": 1, "config": {}})
    registry.answer("GET", rf"/v2/shop/cart/{part}", wrong)
    async with looked(registry, tmp_path) as found:
        assert found.images["shop/cart:v1"].status is Status.UNKNOWN
        registry.overrides.clear()
        await found.again()
        image = found.images["shop/cart:v1"]
        assert (image.status, image.commit, image.message) == (Status.OK, SHA, "")


async def test_a_missing_digest_header_is_made_up_for(
    registry: ScriptedRegistry, tmp_path: Path
) -> None:
    def bare(request: httpx.Request) -> httpx.Response | None:
        response = registry.respond(request)
        response.headers.pop("Docker-Content-Digest", None)
        return response

    registry.overrides.append(bare)
    async with looked(registry, tmp_path) as found:
        assert found.images["shop/cart:v1"].commit == SHA


async def test_a_registry_without_head_is_asked_otherwise(
    registry: ScriptedRegistry, tmp_path: Path
) -> None:
    registry.answer("HEAD", r"/v2/.*", error(405, "UNSUPPORTED"))
    async with looked(registry, tmp_path) as found:
        assert found.images["shop/cart:v1"].commit == SHA


async def test_a_huge_manifest_is_not_read_to_its_end(
    registry: ScriptedRegistry, tmp_path: Path
) -> None:
    held = registry.repository()
    held.manifest(
        {"annotations": {"x": "y" * (9 << 20)}}, "application/vnd.oci.image.index.v1+json", "v2"
    )
    async with looked(registry, tmp_path) as found:
        assert list(found.images) == ["shop/cart:v1"]
        assert any("MiB" in one for one in found.troubles)


async def test_a_manifest_of_schema_1_is_told_and_shown(
    registry: ScriptedRegistry, tmp_path: Path
) -> None:
    body = json.dumps({"schemaVersion": 1, "name": "shop/cart", "signatures": []}).encode()
    old = httpx.Response(
        200,
        content=body,
        headers={
            "Content-Type": "application/vnd.docker.distribution.manifest.v1+prettyjws",
            "Docker-Content-Digest": digest(b"without signatures"),
        },
    )
    registry.repository().tags["old"] = digest(b"without signatures")
    registry.answer("HEAD", r"/v2/shop/cart/manifests/old", old)
    registry.answer("GET", rf"/v2/shop/cart/manifests/{digest(b'without signatures')}", old)
    async with looked(registry, tmp_path) as found:
        image = found.images["shop/cart:old"]
    assert image.status is Status.UNKNOWN
    assert "schema 1" in image.note
    assert found.images["shop/cart:v1"].status is Status.OK


async def test_a_server_error_of_one_repository_leaves_the_others(
    registry: ScriptedRegistry, tmp_path: Path
) -> None:
    registry.repository("shop/api").image("v1", labels=LABELS)
    registry.answer("GET", r"/v2/shop/api/tags/list", error(500, "UNKNOWN"))
    async with looked(registry, tmp_path) as found:
        assert list(found.images) == ["shop/cart:v1"]
        assert any("500" in one for one in found.troubles)


async def test_a_registry_that_answers_nothing_is_unreachable_at_once(tmp_path: Path) -> None:
    def silent(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        raise httpx.ConnectError("refused", request=request)

    asked: list[httpx.Request] = []
    names = [f"shop/part-{number}" for number in range(40)]
    async with looked(silent, tmp_path, repositories=names) as found:
        assert isinstance(found.error, Unreachable)
    assert len(asked) < 10, "the other repositories are not asked"


# --- what is no image -----------------------------------------------------------------------------


async def test_a_chart_is_shown_as_what_it_is(registry: ScriptedRegistry, tmp_path: Path) -> None:
    held = registry.repository("charts/cart")
    kind = "application/vnd.cncf.helm.config.v1+json"
    config = held.json_blob({"name": "cart", "version": "1.0.0"}, kind)
    layer = held.layer("chart", "application/vnd.cncf.helm.chart.content.v1.tar+gzip")
    held.manifest(
        {"config": config, "layers": [layer]}, "application/vnd.oci.image.manifest.v1+json", "1.0.0"
    )
    async with looked(registry, tmp_path) as found:
        chart = found.images["charts/cart:1.0.0"]
    assert (chart.reason, chart.note, chart.commit) == ("no image", "", "")
    blobs = [path for path in registry.paths() if "charts/cart/blobs" in path]
    assert not blobs, "its config is none of an image, and is not read"


async def test_foreign_layers_are_not_counted(registry: ScriptedRegistry, tmp_path: Path) -> None:
    held = registry.repository("win/app")
    image = held.image("v1", labels=LABELS)
    manifest = json.loads(held.manifests[image][1])
    foreign = {
        "mediaType": "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
        "digest": digest(b"windows"), "size": 10**9, "urls": ["https://mcr.example/layer"],
    }  # fmt: skip
    own = sum(layer["size"] for layer in manifest["layers"])
    held.manifest(
        {**manifest, "layers": [foreign, *manifest["layers"]]}, manifest["mediaType"], "v2"
    )
    async with looked(registry, tmp_path) as found:
        image_record = found.images["win/app:v2"]
        detail = await found.source.detail(image_record.ref)
    assert image_record.size == own
    assert "held elsewhere" in repr(detail.sections)


async def test_attestations_are_no_platforms(registry: ScriptedRegistry, tmp_path: Path) -> None:
    held = registry.repository("shop/api")
    image = held.image(labels=LABELS)
    other = held.image(labels=None, layers=("attested",))
    unknown = held.descriptor(other, platform={"os": "unknown", "architecture": "unknown"})
    held.index("v1", of={"linux/amd64": image}, more=[unknown])
    async with looked(registry, tmp_path) as found:
        record = found.images["shop/api:v1"]
    assert record.platforms == ("linux/amd64",)
    assert other not in {one.value for one in record.outputs}


async def test_an_index_that_misses_a_platform_is_shown_with_the_others(
    registry: ScriptedRegistry, tmp_path: Path
) -> None:
    held = registry.repository("shop/api")
    amd, arm = held.image(labels=LABELS), held.image(labels=LABELS, architecture="arm64")
    held.index("v1", of={"linux/amd64": amd, "linux/arm64": arm})
    del held.manifests[arm]
    async with looked(registry, tmp_path) as found:
        image = found.images["shop/api:v1"]
    assert image.commit == SHA
    assert arm in {one.value for one in image.outputs}, "a sparse index still names it"


# --- lists ----------------------------------------------------------------------------------------


async def test_a_tag_that_goes_between_list_and_get_is_just_gone(
    registry: ScriptedRegistry, tmp_path: Path
) -> None:
    registry.repository().tags["gone"] = digest(b"nothing")
    async with looked(registry, tmp_path) as found:
        assert list(found.images) == ["shop/cart:v1"]
        assert not found.troubles


async def test_a_forbidden_catalog_leaves_what_is_named(
    registry: ScriptedRegistry, tmp_path: Path
) -> None:
    registry.catalog = False
    async with looked(registry, tmp_path, repositories=["shop/cart", "other/*"]) as found:
        assert list(found.images) == ["shop/cart:v1"]
        assert any("catalog" in one for one in found.troubles)
    async with looked(registry, tmp_path) as found:
        assert isinstance(found.error, Forbidden)
        assert "name the repositories" in found.error.hint


async def test_pages_are_followed_by_their_links_on_the_same_host_only(tmp_path: Path) -> None:
    registry = ScriptedRegistry()
    held = registry.repository()
    for number in range(7):
        held.image(f"v{number}", labels=LABELS, layers=("base", str(number)))

    def paged(request: httpx.Request) -> httpx.Response | None:
        if not request.url.path.endswith("/tags/list"):
            return None
        last = parse_qs(request.url.query.decode()).get("last", [""])[0]
        names = [tag for tag in sorted(held.tags) if tag > last]
        host = "https://internal.invalid"  # as registries behind a proxy say
        path = f"{host}/v2/shop/cart/tags/list?last={names[:3][-1]}"
        more = {"Link": f'<{path}>; rel="next"'} if len(names) > 3 else {}
        return httpx.Response(200, json={"tags": names[:3]}, headers=more)

    registry.overrides.append(paged)
    async with looked(registry, tmp_path) as found:
        assert len(found.images) == 7
    assert {one.url.host for one in registry.requests} == {"registry.example"}


async def test_a_listing_without_an_end_ends(registry: ScriptedRegistry, tmp_path: Path) -> None:
    link = {"Link": '</v2/shop/cart/tags/list?last=v1>; rel="next"'}
    endless = httpx.Response(200, json={"tags": ["v1"]}, headers=link)
    registry.answer("GET", r"/v2/shop/cart/tags/list", endless)
    async with looked(registry, tmp_path, repositories=["shop/cart"]) as found:
        assert "no end" in found.error.message


async def test_a_listing_that_has_not_changed_is_not_sent_again(
    registry: ScriptedRegistry, tmp_path: Path
) -> None:
    statuses: list[int] = []

    def conditional(request: httpx.Request) -> httpx.Response | None:
        if not request.url.path.endswith("/tags/list"):
            return None
        known = request.headers.get("If-None-Match") == '"1"'
        answer = httpx.Response(304) if known else registry.respond(request)
        answer.headers["ETag"] = '"1"'
        statuses.append(answer.status_code)
        return answer

    registry.overrides.append(conditional)
    async with looked(registry, tmp_path) as found:
        await found.again()
        assert list(found.images) == ["shop/cart:v1"]
    assert statuses == [200, 304]


async def test_very_many_tags_are_bounded_and_said_to_be(tmp_path: Path) -> None:
    registry = ScriptedRegistry()
    held = registry.repository()
    for number in range(30):
        held.image(f"v{number}", labels=LABELS, layers=("base", str(number)))
    async with looked(registry, tmp_path, tags_per_repository=2) as found:
        assert len(found.images) == 2
        assert any("10 of 30 tags were not looked at" in one for one in found.troubles)
    looked_at = {one.url.path for one in registry.requests if one.method == "HEAD"}
    assert {f"/v2/shop/cart/manifests/v{number}" for number in range(10, 30)} == looked_at


async def test_the_newest_are_shown_whatever_order_the_tags_come_in(tmp_path: Path) -> None:
    registry = ScriptedRegistry()
    for number in (3, 9, 1, 7):
        registry.repository().image(
            f"v{number}", layers=("base", str(number)), created=f"2026-01-0{number}T00:00:00Z"
        )
    async with looked(registry, tmp_path, tags_per_repository=2) as found:
        assert set(found.images) == {"shop/cart:v9", "shop/cart:v7"}


# --- asking less ----------------------------------------------------------------------------------


async def test_a_digest_is_read_once_also_over_a_restart(
    registry: ScriptedRegistry, tmp_path: Path
) -> None:
    async with looked(registry, tmp_path) as found:
        await found.again()
    read = [
        path
        for path in registry.paths()
        if "blobs" in path or path.startswith("GET /v2/shop/cart/manifests")
    ]
    assert len(read) == len(set(read)) == 2
    registry.requests.clear()
    async with looked(registry, tmp_path) as found:
        assert found.images["shop/cart:v1"].commit == SHA
    assert not [path for path in registry.paths() if "blobs" in path]


async def test_too_many_requests_are_heeded(registry: ScriptedRegistry, tmp_path: Path) -> None:
    clock = FakeClock()
    context = FakeContext(home=tmp_path, clock=clock)
    limited = error(429, "TOOMANYREQUESTS", **{"Retry-After": "120"})
    registry.answer("GET", r"/v2/shop/cart/tags/list", limited)
    async with looked(registry, tmp_path, context, repositories=["shop/cart"]) as found:
        assert isinstance(found.error, Throttled)
        assert found.error.until is not None
        assert (found.error.until - clock.now()).total_seconds() == 120
        asked = len(registry.requests)
        with pytest.raises(Throttled):
            async for _ in found.source.changes():
                pass
        assert len(registry.requests) == asked, "nothing is asked before the time is over"


async def test_what_was_read_before_too_many_requests_is_told(
    registry: ScriptedRegistry, tmp_path: Path
) -> None:
    """Two repositories are read at once: the one that is done is shown, though the other is not."""
    registry.repository("shop/ledger").image("v1", labels=LABELS)
    for number in range(40):
        registry.repository().image(f"v{number}", layers=("base", str(number)))
    limited = error(429, "TOOMANYREQUESTS", **{"Retry-After": "120"})
    waits = iter(range(60, -1, -1))

    def refuse_at_last(request: httpx.Request) -> httpx.Response | None:
        others = any("ledger/blobs" in path for path in registry.paths())
        of_cart = "shop/cart" in request.url.path
        return limited if others and of_cart and not next(waits, 0) else None

    registry.overrides.append(refuse_at_last)
    names = ["shop/ledger", "shop/cart"]
    async with looked(
        registry, tmp_path, repositories=names, max_parallel=2, provenance=False
    ) as found:
        assert isinstance(found.error, Throttled)
        assert list(found.images) == ["shop/ledger:v1"]


async def test_the_allowance_of_docker_hub_is_told_and_its_end_is_left(tmp_path: Path) -> None:
    registry = ScriptedRegistry()
    for number in range(3):
        registry.repository().image(f"v{number}", layers=("base", str(number)))

    def nearly_used(request: httpx.Request) -> httpx.Response | None:
        response = registry.respond(request)
        response.headers["ratelimit-limit"] = "100;w=21600"
        response.headers["ratelimit-remaining"] = "9;w=21600"
        return response

    registry.overrides.append(nearly_used)
    async with looked(registry, tmp_path) as found:
        budgets = [one.budget for one in found.recorder.changes if hasattr(one, "budget")]
        assert (budgets[-1].remaining, budgets[-1].limit) == (9, 100)
        assert any("3 images are not read yet" in one for one in found.troubles)
        checks = [check async for check in found.source.checks()]
    assert any(one.subject == "budget" and one.status is Status.WARNING for one in checks)


async def test_blobs_are_fetched_from_elsewhere_without_the_login(
    registry: ScriptedRegistry, tmp_path: Path
) -> None:
    def redirecting(request: httpx.Request) -> httpx.Response | None:
        if request.url.host == "storage.example":
            name = request.url.path.removeprefix("/")
            return httpx.Response(200, content=registry.repository().blobs[name])
        if "/blobs/" in request.url.path:
            where = f"https://storage.example/{request.url.path.rpartition('/')[2]}?sig=x"
            return httpx.Response(307, headers={"Location": where})
        if "Authorization" not in request.headers:
            return httpx.Response(401, headers={"WWW-Authenticate": 'Basic realm="r"'})
        return None

    registry.overrides.append(redirecting)
    async with looked(registry, tmp_path, username="amara", password="s3cret-pass") as found:
        assert found.images["shop/cart:v1"].commit == SHA
    elsewhere = [one for one in registry.requests if one.url.host == "storage.example"]
    assert elsewhere
    assert not [one for one in elsewhere if "Authorization" in one.headers]


async def test_a_listing_is_never_taken_from_elsewhere(
    registry: ScriptedRegistry, tmp_path: Path
) -> None:
    away = httpx.Response(307, headers={"Location": "https://evil.example/v2/shop/cart/tags/list"})
    registry.answer("GET", r"/v2/shop/cart/tags/list", away)
    async with looked(registry, tmp_path, repositories=["shop/cart"]) as found:
        assert "redirected" in found.error.message
    assert {one.url.host for one in registry.requests} == {"registry.example"}
