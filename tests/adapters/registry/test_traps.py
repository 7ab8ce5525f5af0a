"""What an image says of its commit, and when that is believed: the traps of labels and digests."""

from pathlib import Path

import pytest

from opsboard.records import Identity, Image, Strength
from opsboard.records.claims import COMMIT, IMAGE, IMAGE_TAG
from opsboard_adapters.registry.poller import LOOKED_FOR
from tests.adapters.registry.images import (
    OCI_CONFIG,
    OTHER_SHA,
    REVISION,
    SHA,
    SOURCE,
    statement,
)
from tests.adapters.registry.scripted import HOST, ScriptedRegistry, looked

CART = {REVISION: SHA, SOURCE: "https://github.com/acme/cart"}
BASE_DIGEST = "org.opencontainers.image.base.digest"


def commits(image: Image) -> list[tuple[str, str, str, Strength]]:
    claims = [one for one in image.inputs if one.type == COMMIT]
    return [(one.scope, one.value, one.rule, one.strength) for one in claims]


async def test_a_label_is_a_claim_of_the_commit_in_its_repository(tmp_path: Path) -> None:
    registry = ScriptedRegistry()
    registry.repository().image("v1", labels=CART)
    async with looked(registry, tmp_path) as found:
        image = found.images["shop/cart:v1"]
    assert commits(image) == [("github.com/acme/cart", SHA, "OCI label revision", Strength.LABEL)]
    assert (image.commit, image.note, image.inherited) == (SHA, "", False)


async def test_a_missing_label_says_what_would_mend_it(tmp_path: Path) -> None:
    registry = ScriptedRegistry()
    registry.repository().image("v1", labels=None)
    async with looked(registry, tmp_path) as found:
        image = found.images["shop/cart:v1"]
    assert not commits(image)
    assert image.note.startswith(f"the image has no {REVISION} label")


async def test_an_annotation_counts_where_there_is_no_label(tmp_path: Path) -> None:
    registry = ScriptedRegistry()
    held = registry.repository()
    of = {"linux/amd64": held.image(labels=None)}
    held.index("v1", of=of, annotations=CART)
    async with looked(registry, tmp_path) as found:
        image = found.images["shop/cart:v1"]
    rule = "OCI annotation revision"
    assert commits(image) == [("github.com/acme/cart", SHA, rule, Strength.LABEL)]


@pytest.mark.parametrize("how", ["layers", "annotation", "index"])
async def test_a_label_of_the_base_image_is_inherited(tmp_path: Path, how: str) -> None:
    registry = ScriptedRegistry()
    base = registry.repository("infra/base")
    of_base = base.image("1" if how != "index" else "old", labels=CART, layers=("os", "runtime"))
    if how == "index":
        of_base = base.index("1", of={"linux/amd64": of_base})
    layers = ("squashed",) if how == "annotation" else ("os", "runtime", "app")
    said = {BASE_DIGEST: of_base} if how != "layers" else None
    registry.repository().image("v1", labels=CART, layers=layers, annotations=said)
    async with looked(registry, tmp_path) as found:
        image = found.images["shop/cart:v1"]
        own = found.images["infra/base:1"]
    rule = "OCI label revision, inherited from the base image"
    assert commits(image) == [("github.com/acme/cart", SHA, rule, Strength.CANDIDATE)]
    assert (image.commit, image.inherited) == ("", True)
    assert "base image infra/base" in image.note
    assert commits(own) == [("github.com/acme/cart", SHA, "OCI label revision", Strength.LABEL)]


async def test_a_base_image_that_is_named_is_read_though_it_is_not_watched(tmp_path: Path) -> None:
    registry = ScriptedRegistry()
    base = registry.repository("infra/base").image("1", labels=CART, layers=("os", "runtime"))
    said = {BASE_DIGEST: base, "org.opencontainers.image.base.name": f"{HOST}/infra/base:1"}
    registry.repository().image("v1", labels=CART, layers=("squashed",), annotations=said)
    elsewhere = {**said, "org.opencontainers.image.base.name": "docker.io/infra/base:1"}
    registry.repository().image("v2", labels=CART, layers=("other",), annotations=elsewhere)
    async with looked(registry, tmp_path, repositories=["shop/cart"]) as found:
        assert found.images["shop/cart:v1"].inherited
        assert set(found.images) == {"shop/cart:v1", "shop/cart:v2"}
        told = [
            record
            for change in found.recorder.changes
            for record in getattr(change, "records", ())
            if record.name == "shop/cart:v1"
        ]
    assert all(one[3] is Strength.CANDIDATE for record in told for one in commits(record))


async def test_layers_that_only_begin_alike_are_no_base(tmp_path: Path) -> None:
    registry = ScriptedRegistry()
    registry.repository("shop/api").image("v1", labels=CART, layers=("os", "api"))
    registry.repository().image("v1", labels=CART, layers=("os", "cart"))
    registry.repository("shop/job").image("v1", labels=CART, layers=("os", "cart"), author="again")
    async with looked(registry, tmp_path) as found:
        for name in ("shop/api:v1", "shop/cart:v1", "shop/job:v1"):
            assert found.images[name].commit == SHA, name


async def test_one_commit_makes_twelve_images(tmp_path: Path) -> None:
    registry = ScriptedRegistry()
    for number in range(12):
        registry.repository(f"shop/part-{number}").image(
            "v1", labels=CART, layers=("os", str(number))
        )
    async with looked(registry, tmp_path) as found:
        assert [one.commit for one in found.images.values()] == [SHA] * 12


async def test_until_all_repositories_are_read_a_label_is_only_a_candidate(tmp_path: Path) -> None:
    registry = ScriptedRegistry()
    registry.repository("a/first").image("v1", labels=CART, layers=("os", "runtime", "app"))
    registry.repository("z/base").image("1", labels=CART, layers=("os", "runtime"))
    async with looked(registry, tmp_path, max_parallel=1) as found:
        first = [
            record
            for change in found.recorder.changes
            for record in getattr(change, "records", ())
            if record.name == "a/first:v1"
        ]
    assert all(one[3] is Strength.CANDIDATE for record in first for one in commits(record))
    assert len(first) == 2
    assert first[-1].inherited


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (SHA[:7], "short SHA"),
        (f"main/{SHA[:12]}", "short SHA"),
        (f"{SHA}-dirty", "changed files"),
        (f"v1.2-4-g{SHA[:7]}-dirty", "changed files"),
        ("v1.2.3", "no commit"),
        ("${GIT_SHA}", "no commit"),
        ("0" * 40, "no commit"),
        ("", "no org.opencontainers.image.revision label"),
    ],
)
async def test_what_is_no_full_sha_is_no_commit(tmp_path: Path, text: str, word: str) -> None:
    registry = ScriptedRegistry()
    registry.repository().image("v1", labels={REVISION: text})
    async with looked(registry, tmp_path) as found:
        image = found.images["shop/cart:v1"]
    assert not commits(image)
    assert word in image.note


@pytest.mark.parametrize(
    "text", [f"main/{SHA}", f"main@sha1:{SHA}", f"sha1:{SHA}", SHA.upper(), f" {SHA} "]
)
async def test_a_full_sha_is_found_behind_a_branch(tmp_path: Path, text: str) -> None:
    registry = ScriptedRegistry()
    registry.repository().image("v1", labels={**CART, REVISION: text})
    async with looked(registry, tmp_path) as found:
        assert found.images["shop/cart:v1"].commit == SHA


async def test_what_contradicts_itself_is_a_candidate(tmp_path: Path) -> None:
    registry = ScriptedRegistry()
    held = registry.repository()
    of = {"linux/amd64": held.image(labels=CART)}
    held.index("v1", of=of, annotations={REVISION: OTHER_SHA})
    async with looked(registry, tmp_path) as found:
        image = found.images["shop/cart:v1"]
    assert {one[3] for one in commits(image)} == {Strength.CANDIDATE}
    assert image.commit == ""
    assert "does not agree" in image.note


async def test_platforms_with_different_labels_contradict_each_other(tmp_path: Path) -> None:
    registry = ScriptedRegistry()
    held = registry.repository()
    of = {
        "linux/amd64": held.image(labels=CART),
        "linux/arm64": held.image(labels={**CART, REVISION: OTHER_SHA}, architecture="arm64"),
    }
    held.index("v1", of=of)
    async with looked(registry, tmp_path) as found:
        image = found.images["shop/cart:v1"]
    assert {one[3] for one in commits(image)} == {Strength.CANDIDATE}


async def test_an_image_is_known_by_index_manifests_and_configs(tmp_path: Path) -> None:
    registry = ScriptedRegistry()
    held = registry.repository()
    amd, arm = held.image(labels=CART), held.image(labels=CART, architecture="arm64")
    index = held.index("v1", of={"linux/amd64": amd, "linux/arm64": arm})
    async with looked(registry, tmp_path) as found:
        image = found.images["shop/cart:v1"]
    digests = {one.value for one in image.outputs if one.type == IMAGE}
    configs = set(held.blobs) & digests
    assert digests == {index, amd, arm} | configs
    assert len(configs) == 2
    assert image.digest == index
    assert image.platforms == ("linux/amd64", "linux/arm64")


async def test_tags_are_those_of_now_and_an_image_that_lost_them_is_kept(tmp_path: Path) -> None:
    registry = ScriptedRegistry()
    held = registry.repository()
    first = held.image("stable", labels=CART)
    async with looked(registry, tmp_path) as found:
        second = held.image("stable", labels={**CART, REVISION: OTHER_SHA}, layers=("base", "new"))
        await found.again()
        by_digest = {one.digest: one for one in found.images.values()}
    assert by_digest[second].tags == ("stable",)
    assert by_digest[first].tags == ()
    assert by_digest[first].commit == SHA
    tags = [one.value for one in by_digest[first].outputs if one.type == IMAGE_TAG]
    assert not tags, "a tag leads to one image"
    async with looked(registry, tmp_path) as after_a_restart:
        assert {one.digest for one in after_a_restart.images.values()} == {first, second}
    del held.manifests[first]
    async with looked(registry, tmp_path) as after_it_was_deleted:
        assert {one.digest for one in after_it_was_deleted.images.values()} == {second}


async def test_an_image_that_runs_is_found_though_no_tag_leads_to_it(tmp_path: Path) -> None:
    registry = ScriptedRegistry()
    registry.repository("shop/api").image("v1", labels=None)
    held = registry.repository()
    held.image("stable", labels=None, layers=("base", "new"))
    runs = held.image(labels=CART)
    elsewhere = f"sha256:{'0' * 64}"
    async with looked(registry, tmp_path) as found:
        found.source.enrich(frozenset(Identity(IMAGE, "", one) for one in (runs, elsewhere)))
        await found.again()
        assert {one.digest for one in found.images.values()} >= {runs}
        image = next(one for one in found.images.values() if one.digest == runs)
        assert (image.repository, image.commit, image.tags) == ("shop/cart", SHA, ())
        await found.again()
        await found.again()
    asked = [path for path in registry.paths() if path.endswith(elsewhere)]
    assert len(asked) == 2, "what is of another registry is looked for once in each repository"


async def test_all_images_that_run_are_looked_for_before_it_is_said_to_be_all(
    tmp_path: Path,
) -> None:
    registry = ScriptedRegistry()
    registry.repository("shop/api").image("v1", labels=None)
    held = registry.repository()
    held.image("stable", labels=None, layers=("base", "new"))
    runs = held.image(labels=CART)
    elsewhere = [f"sha256:{number:064x}" for number in range(LOOKED_FOR)]
    async with looked(registry, tmp_path) as found:
        found.source.enrich(frozenset(Identity(IMAGE, "", one) for one in (runs, *elsewhere)))
        assert found.source.is_enriching
        await found.again()
        assert not found.source.is_enriching
        assert runs in {one.digest for one in found.images.values()}
    asked = [path for path in registry.paths() if path.rpartition("/")[2] in elsewhere]
    assert len(asked) == 2 * LOOKED_FOR


async def test_provenance_in_the_index_is_read_and_called_unverified(tmp_path: Path) -> None:
    registry = ScriptedRegistry()
    held = registry.repository()
    amd = held.image(labels=None)
    attested = held.manifest(
        {
            "config": held.json_blob({"os": "unknown"}, OCI_CONFIG),
            "layers": [held.json_blob(statement(amd), "application/vnd.in-toto+json")],
        }
    )
    entry = held.descriptor(
        attested,
        platform={"os": "unknown", "architecture": "unknown"},
        annotations={"vnd.docker.reference.type": "attestation-manifest"},
    )
    held.index("v1", of={"linux/amd64": amd}, more=[entry])
    async with looked(registry, tmp_path) as found:
        image = found.images["shop/cart:v1"]
        detail = await found.source.detail(image.ref)
    rule = "provenance, unverified"
    assert commits(image) == [("github.com/acme/cart", SHA, rule, Strength.LABEL)]
    assert image.platforms == ("linux/amd64",)
    assert any("unverified" in section.title for section in detail.sections)


async def test_provenance_of_another_image_says_nothing(tmp_path: Path) -> None:
    registry = ScriptedRegistry(referrers={})
    held = registry.repository()
    image = held.image("v1", labels=None)
    other = held.image(labels=None, layers=("other",))
    _attach(registry, image, statement(other))
    async with looked(registry, tmp_path) as found:
        assert not commits(found.images["shop/cart:v1"])


async def test_provenance_that_names_another_commit_makes_the_label_a_candidate(
    tmp_path: Path,
) -> None:
    registry = ScriptedRegistry(referrers={})
    image = registry.repository().image("v1", labels=CART)
    _attach(registry, image, statement(image, OTHER_SHA))
    async with looked(registry, tmp_path) as found:
        record = found.images["shop/cart:v1"]
    assert {one[3] for one in commits(record)} == {Strength.CANDIDATE}
    assert record.commit == ""


@pytest.mark.parametrize("api", [True, False])
async def test_referrers_are_found_by_the_api_or_by_their_tag(tmp_path: Path, api: bool) -> None:
    registry = ScriptedRegistry(referrers={} if api else None)
    held = registry.repository()
    image = held.image("v1", labels=None)
    _attach(registry, image, statement(image))
    async with looked(registry, tmp_path) as found:
        assert found.images["shop/cart:v1"].commit == SHA
        assert len(found.images) == 1, "the tag of the referrers is no image"


async def test_an_attestation_of_cosign_is_read(tmp_path: Path) -> None:
    registry = ScriptedRegistry()
    held = registry.repository()
    image = held.image("v1", labels=None)
    name = image.replace(":", "-")
    envelope = _envelope(statement(image))
    held.manifest(
        {"layers": [held.json_blob(envelope, "application/vnd.dsse.envelope.v1+json")]},
        "application/vnd.oci.image.manifest.v1+json",
        f"{name}.att",
    )
    held.image(f"{name}.sig", layers=("signature",))
    async with looked(registry, tmp_path) as found:
        assert list(found.images) == ["shop/cart:v1"]
        assert found.images["shop/cart:v1"].commit == SHA


def _envelope(body: object) -> dict[str, object]:
    import base64
    import json

    payload = base64.b64encode(json.dumps(body).encode()).decode()
    return {"payloadType": "application/vnd.in-toto+json", "payload": payload, "signatures": []}


def _attach(registry: ScriptedRegistry, image: str, body: object) -> None:
    """Attach the statement *body* to *image*: as a referrer, or by the tag that stands for it."""
    held = registry.repository()
    kind = "application/vnd.in-toto+json"
    manifest = held.manifest({
        "artifactType": kind, "layers": [held.json_blob(body, kind)],
        "subject": held.descriptor(image),
    })  # fmt: skip
    entry = held.descriptor(manifest, artifactType=kind)
    if registry.referrers is None:
        held.index(image.replace(":", "-"), of={}, more=[entry])
    else:
        registry.referrers[image] = [entry]
