"""What labels, annotations and managed fields say of a workload."""

from typing import Any

import pytest

from opsboard.records import Strength
from opsboard_adapters.kubernetes.parse.workloads import parse_workload
from opsboard_adapters.kubernetes.structs import V1Workload, to_struct
from tests.adapters.kubernetes.test_pod_images import HERE

SHA, OTHER = "a1b2c3d" + "0" * 33, "f" * 40
REVISION, SOURCE = "org.opencontainers.image.revision", "org.opencontainers.image.source"


def record(image: str = "web:1", meta: Any = None, **template: Any) -> Any:
    spec = {"containers": [{"name": "web", "image": image}]}
    item = {
        "metadata": {"name": "web", "namespace": "shop", **(meta or {})},
        "spec": {"template": {"metadata": template, "spec": spec}},
    }
    return parse_workload(HERE, "Deployment", to_struct(item, V1Workload))


def commits(item: Any) -> list[tuple[str, str, Strength]]:
    return [(one.scope, one.value, one.strength) for one in item.inputs if one.type == "commit"]


def test_a_commit_that_the_tag_confirms_is_a_labels_claim() -> None:
    item = record(
        "web:a1b2c3d", annotations={REVISION: SHA, SOURCE: "https://github.com/Acme/Web.git"}
    )
    assert commits(item) == [("github.com/acme/web", SHA, Strength.LABEL)]


@pytest.mark.parametrize("tag", ["v1", "fffffff", "1.0.20261127", "latest"])
def test_any_other_is_a_candidate(tag: str) -> None:
    item = record(f"web:{tag}", annotations={REVISION: SHA})
    assert commits(item) == [("", SHA, Strength.CANDIDATE)]


def test_the_label_of_another_checkout_is_contradicted() -> None:
    item = record("web:fffffff", annotations={REVISION: SHA})
    (claim,) = [one for one in item.inputs if one.type == "commit"]
    assert claim.rule == f"annotation {REVISION}, contradicted by the image tag fffffff"


@pytest.mark.parametrize("sha", ["a1b2c3d", "main", "", SHA + "-dirty", "v1.2.3"])
def test_what_is_no_full_sha_is_no_commit(sha: str) -> None:
    version = {"app.kubernetes.io/version": SHA}
    item = record("web:a1b2c3d", annotations={REVISION: sha}, labels=version)
    assert commits(item) == []


@pytest.mark.parametrize("text", [f"main@sha1:{SHA}", f"main/{SHA}", SHA, f"a/b@sha1:{SHA}"])
def test_the_commit_of_the_manifests_is_not_that_of_the_program(text: str) -> None:
    item = record(meta={"annotations": {"kustomize.toolkit.fluxcd.io/revision": text}})
    assert commits(item) == [("", SHA, Strength.CANDIDATE)]


def test_labels_say_what_it_belongs_to() -> None:
    item = record(
        meta={
            "labels": {"app.kubernetes.io/name": "web", "team": "shop"},
            "annotations": {"argocd.argoproj.io/tracking-id": "web:apps/Deployment:shop/web"},
        },
        labels={"app.kubernetes.io/name": "other", "app.kubernetes.io/part-of": "shop"},
    )
    assert (item.app, item.part_of, item.instance) == ("web", "shop", "")
    assert item.labels == (
        ("app.kubernetes.io/name", "web"),
        ("app.kubernetes.io/part-of", "shop"),
        ("argocd.argoproj.io/tracking-id", "web:apps/Deployment:shop/web"),
    )


def fields(manager: str, time: str, owned: Any, subresource: str = "") -> dict[str, Any]:
    entry = {"manager": manager, "operation": "Update", "time": time, "fieldsV1": owned}
    return {**entry, **({"subresource": subresource} if subresource else {})}


TEMPLATE: dict[str, Any] = {"f:spec": {"f:template": {"f:spec": {"f:containers": {}}}}}
REPLICAS: dict[str, Any] = {"f:spec": {"f:replicas": {}}}


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([], ""),
        ([fields("helm", "2026-11-01T00:00:00Z", TEMPLATE)], "helm"),
        (
            [
                fields("helm", "2026-11-01T00:00:00Z", TEMPLATE),
                fields("kube-controller-manager", "2026-11-09T00:00:00Z", REPLICAS),
                fields("kubectl", "2026-11-09T00:00:00Z", TEMPLATE, "status"),
            ],
            "helm",
        ),
        (
            [
                fields("helm", "2026-11-01T00:00:00Z", TEMPLATE),
                fields("kubectl-set", "2026-11-02T00:00:00Z", TEMPLATE),
            ],
            "kubectl-set or helm",
        ),
        ([fields("opsboard", "2026-11-01T00:00:00Z", TEMPLATE)], "opsboard plan p-1"),
    ],
)
def test_who_has_set_the_template_is_told_as_far_as_it_is_known(
    entries: list[Any], said: str
) -> None:
    item = record(meta={"managedFields": entries, "annotations": {"opsboard.dev/plan": "p-1"}})
    assert item.actor == said
